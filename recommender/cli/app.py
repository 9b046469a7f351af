"""The application: its commands, and what becomes of their errors."""

from __future__ import annotations

import errno
import logging
import os
import sys
from collections.abc import Sequence

import typer
from rich.console import Console

from kg.errors import ConfigError, KgrecError
from recommender.cli import (
    ablate,
    ask,
    browser,
    config,
    doctor,
    explain,
    export,
    faithfulness,
    forget,
    graph,
    init,
    interests,
    new_users,
    parts,
    publish,
    queries,
    query,
    rdf,
    recommend,
    rollback,
    run,
    runs,
    schema,
    search,
    segments,
    serve,
    status,
    tradeoff,
    trends,
    tune,
    watch,
)
from recommender.run_log import set_up_logging
from recommender.terminal import escape, is_text

logger = logging.getLogger(__name__)

EPILOG = """
[bold]Exit codes[/]  0 done, 1 other errors, 2 wrong input, 3 graph server,

4 too many bad rows, 5 another run is busy, 6 held back (data or results), 130 stopped by hand.
"""

app = typer.Typer(
    name="kgrec",
    help="Turn reviews and behaviour into a knowledge graph, learn from it, "
    "and ask it for recommendations in Cypher.\n\n"
    "[bold]Begin with[/]  kgrec run --sample\n\n"
    "[bold]Your data[/]   kgrec init reviews.csv > my.yaml && kgrec run my.yaml",
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

WORK, ASK, LOOK = "Work", "Ask", "Look after"
app.command("run", rich_help_panel=WORK)(run.run)
app.command("etl", rich_help_panel=WORK)(parts.etl)
app.command("train", rich_help_panel=WORK)(parts.train)
app.command("evaluate", rich_help_panel=WORK)(parts.evaluate)
app.command("publish", rich_help_panel=WORK)(publish.publish)
app.command("rollback", rich_help_panel=WORK)(rollback.rollback)
app.command("tune", rich_help_panel=WORK)(tune.tune)
app.command("ablate", rich_help_panel=WORK)(ablate.ablate)
app.command("tradeoff", rich_help_panel=WORK)(tradeoff.tradeoff)
app.command("new-users", rich_help_panel=WORK)(new_users.new_users)
app.command("faithfulness", rich_help_panel=WORK)(faithfulness.faithfulness)
app.command("interests", rich_help_panel=WORK)(interests.interests)
app.command("watch", rich_help_panel=WORK)(watch.watch)
app.command("init", rich_help_panel=WORK)(init.init)
app.command("recommend", rich_help_panel=ASK)(recommend.recommend)
app.command("search", rich_help_panel=ASK)(search.search)
app.command("ask", rich_help_panel=ASK)(ask.ask)
app.command("explain", rich_help_panel=ASK)(explain.explain)
app.command("query", rich_help_panel=ASK)(query.query)
app.command("queries", rich_help_panel=ASK)(queries.queries)
app.command("segments", rich_help_panel=ASK)(segments.segments)
app.command("trends", rich_help_panel=ASK)(trends.trends)
app.command("browser", rich_help_panel=ASK)(browser.browser)
app.command("serve", rich_help_panel=ASK)(serve.serve)
app.command("schema", rich_help_panel=ASK)(schema.schema)
app.command("doctor", rich_help_panel=LOOK)(doctor.doctor)
app.command("status", rich_help_panel=LOOK)(status.status)
app.command("forget", rich_help_panel=LOOK)(forget.forget)
app.add_typer(config.app, name="config", rich_help_panel=LOOK)
app.add_typer(graph.app, name="graph", rich_help_panel=LOOK)
app.add_typer(runs.app, name="runs", rich_help_panel=LOOK)
app.add_typer(export.app, name="export", rich_help_panel=LOOK)
app.add_typer(rdf.app, name="rdf", rich_help_panel=LOOK)


def run_app(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit code; errors become messages on standard error."""
    if unfit := [each for each in arguments if not is_text(each)]:
        _say(
            f"The argument {unfit[0]!a} is no text in UTF-8.",
            "Give files other names, or set the locale of this terminal to one of UTF-8.",
        )
        return ConfigError.exit_code
    verbose = "--verbose" in arguments
    set_up_logging(verbose=verbose, json_logs=False)
    try:
        app(args=list(arguments), prog_name="kgrec")
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 1
    except KgrecError as error:
        _say(error.message, error.remedy)
        if verbose:
            Console(stderr=True).print_exception()
        return error.exit_code
    except Exception as error:  # the outermost boundary: a defect of ours still needs a message
        logger.exception("unexpected error")
        _say(*_words_for(error))
        if verbose:
            Console(stderr=True).print_exception()
        return 1
    return 0


def _words_for(error: Exception) -> tuple[str, str]:
    """Message and remedy for an error that is not one of ours."""
    if _no_room(error):
        return (
            f"The disk is full: {error}",
            "Make room, then give the same command again: it goes on where it stopped.",
        )
    if isinstance(error, OSError) and error.filename:
        return (
            f"{error.filename}: {error.strerror}.",
            "Check that the folder exists, that you may write there and that the disk has room.",
        )
    return (
        f"Unexpected {type(error).__name__}: {error}",
        "This is a defect in kgrec. See the run's log.jsonl, or try again with --verbose.",
    )


def _no_room(error: BaseException | None) -> bool:
    """Whether a full disk, or a used-up quota, is at the root of an error, whoever wrote."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if os.strerror(errno.ENOSPC) in str(error):  # as libraries in other languages say it
            return True
        error = error.__cause__ or error.__context__
    return False


def _say(message: str, remedy: str) -> None:
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(f"[red]error:[/] {escape(message)}")
    if remedy:
        console.print(f"[dim]{escape(remedy)}[/]")
    sys.stderr.flush()
