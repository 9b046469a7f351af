"""`kgrec watch`: files are loaded as they arrive."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recommender.cli.options import DEFAULT_RUNS, RunsDir, Set
from recommender.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from recommender.job import Job
    from recommender.watching.arrivals import Arrivals
    from recommender.watching.intake import Intake

_LOOK_FOR_STOP = 0.5
_TRY_AGAIN = 30.0
"""Seconds to wait, at least, after what could not be loaded."""


def watch(
    folder: Annotated[Path, typer.Argument(help="Where files arrive.")],
    config: Annotated[Path, typer.Argument(help="The config; a source's path is a pattern.")],
    once: Annotated[
        bool, typer.Option("--once", help="Take what is there now, then end; for cron.")
    ] = False,
    every: Annotated[
        float, typer.Option("--every", min=0.1, help="Seconds between two looks.")
    ] = 5.0,
    settle: Annotated[
        float,
        typer.Option("--settle", min=0, help="Seconds for which a file must not have changed."),
    ] = 10.0,
    set_: Set = None,
    runs_dir: RunsDir = DEFAULT_RUNS,
) -> None:
    """Take files as they arrive, and bring the graph up to date with each batch of them.

    A file whose name fits the pattern of a source (path: taken/reviews-*.csv) is tried, moved into
    that source's folder, and loaded as by `kgrec etl`, which writes what is new. One that cannot
    be read goes to rejected/ with the reason. Models are not trained: let `kgrec run` do that at
    night. Ctrl-C stops between files.

    [bold]Examples[/]

    kgrec watch inbox my.yaml

    */10 * * * *  kgrec watch inbox my.yaml --once
    """
    from recommender.config import read_config
    from recommender.environment import Environment
    from recommender.job import Job
    from recommender.locks import exclusive
    from recommender.people import Privacy
    from recommender.stopping import stopped_by_signals
    from recommender.watching.arrivals import Arrivals
    from recommender.watching.intake import Intake

    environment, overrides = Environment.read(), tuple(set_ or ())
    settings = read_config(config, overrides, environment.variables)
    people = Privacy(environment, settings.name, settings.read.pseudonymize).people
    intake = Intake.of(folder, settings.sources, settings.read, people)
    job = Job(config=config, sample=False, overrides=overrides, runs_dir=runs_dir)
    now = datetime.now(UTC)
    with (
        exclusive(folder / ".lock", what=f"the folder {folder}", now=now),
        stopped_by_signals(quiet=False) as stop_asked,
    ):
        arrivals = Arrivals(folder, settle)
        stale = True  # what was taken before a crash may not be loaded
        hindrance = ""
        while not stop_asked():
            stale = _take(arrivals, intake, stop_asked) or stale
            if stale and not stop_asked():
                before, hindrance = hindrance, _load(job, intake, once=once)
                if hindrance not in ("", before):
                    typer.echo(plain(f"{hindrance} It is tried again."), err=True)
                stale = bool(hindrance)
            if once:
                return
            _pause(max(every, _TRY_AGAIN) if stale else every, stop_asked)


def _take(arrivals: Arrivals, intake: Intake, stop_asked: Callable[[], bool]) -> bool:
    """Take every file that is whole; return whether there was one."""
    taken = False
    for file in arrivals.whole(time.time()):
        if stop_asked():
            break
        if not file.is_file():  # somebody took it back
            continue
        reason = intake.take(file, datetime.now(UTC))
        name = plain(file.name).replace("\n", "\\n")
        if reason is None:
            taken = True
            typer.echo(f"{name}: taken")
        else:
            typer.echo(f"{name}: set aside in rejected. {plain(reason)}", err=True)
    return taken


def _load(job: Job, intake: Intake, *, once: bool) -> str:
    """Load what the sources hold now; return what hinders it, if it is to be tried again."""
    from kg.errors import KgrecError
    from recommender.job import run_job

    if missing := intake.waiting():
        typer.echo(f"Nothing is loaded yet: no file fits {', '.join(missing)}.")
        return ""
    try:
        outcome = run_job(
            job,
            until="derive",
            force=False,
            resume=False,
            quiet=True,
            json_logs=False,
            verbose=False,
        )
    except KgrecError as error:
        if once or not error.transient:
            raise
        return error.message
    if not outcome.nothing_to_do:
        load = outcome.run.record().stages["load"]
        typer.echo(f"loaded by run {outcome.run.id}: {plain(load.summary)}")
    return ""


def _pause(seconds: float, stop_asked: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while not stop_asked() and (left := until - time.monotonic()) > 0:
        time.sleep(min(left, _LOOK_FOR_STOP))
