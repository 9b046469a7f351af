"""`kgrec forget`: a person, or one review, out of the graph and out of every file."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from kg.errors import ConfigError
from recommender.cli.options import DEFAULT_RUNS, Dataset, RunsDir
from recommender.terminal import escape, json_text

if TYPE_CHECKING:
    from recommender.erasure.report import Report


def forget(
    user: Annotated[
        str | None, typer.Argument(help="The person's key.", show_default=False)
    ] = None,
    review: Annotated[
        str | None, typer.Option("--review", help="Forget this review alone, by its key.")
    ] = None,
    check: Annotated[
        Path | None, typer.Option("--check", help="Only tell whether a stored report is genuine.")
    ] = None,
    dataset: Dataset = None,
    runs_dir: RunsDir = DEFAULT_RUNS,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Remove a person with all reviews and everything derived, or one review, and prove it.

    From the graph and the folder of every run of its dataset: reviews, deeds, interests, lists,
    mentions, rows of models and text vectors, raw rows that were set aside, lines of logs, the
    cache of text vectors. Aggregates that rested on them are derived again. What was removed is
    counted in a signed report without key or text; at the end everything is read again for traces,
    and the command leaves with 1 if there is one.

    Source files are not ours: they stay as they are. A list in the home folder, which holds only
    keyed hashes, keeps later runs from reading the person again.

    The embedded graph is stopped, so that its files hold nothing of what was deleted; the next
    command starts it.

    [bold]Examples[/]

    kgrec forget u-1027

    kgrec forget --review r-88231 --yes

    kgrec forget --check ~/.local/share/kgrec/forgotten/reports/20260301120000-5f0c2a91.json
    """
    from recommender.environment import Environment
    from recommender.erasure import report as reports
    from recommender.secrets import Secret

    if sum(each is not None for each in (user, review, check)) != 1:
        raise ConfigError(
            "Wanted one of: a user's key, --review with a review's key, --check with a report.",
            remedy="kgrec forget --help shows examples.",
        )
    if check is not None:
        secret = Secret.of_file(Environment.read().home / "forgotten" / "secret")
        genuine = reports.check(check, secret)
        print(f"{check} is genuine: a {genuine.what} of {genuine.dataset} was forgotten.")
        return
    from recommender.erasure.forget import forget as forget_everywhere
    from recommender.graph import open_graph
    from recommender.job import alone
    from recommender.run_folder import Runs

    runs = Runs(runs_dir)
    with open_graph(dataset, runs_dir) as graph, alone(runs, graph):
        if not yes:
            what = "this person" if user else "this review"
            typer.confirm(
                f"Forget {what} in the {graph.target} and all runs in {runs_dir}?", abort=True
            )
        report, place = forget_everywhere(
            graph, runs, user=user, review=review, now=datetime.now(UTC)
        )
    if as_json:
        print(json_text(asdict(report), indent=1))
    else:
        _tell(report, place)
    if report.scan["found"]:
        raise typer.Exit(1)


def _tell(report: Report, place: Path) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"[bold]Forgotten[/]: a {report.what} of {escape(report.dataset)}")
    for name, count in report.graph.items():
        console.print(f"  {count:>8,}  {name}")
    for type_, count in report.derived.items():
        console.print(f"  {count:>8,}  :{type_} derived again")
    for run, places in report.runs.items():
        console.print(f"  {sum(places.values()):>8,}  in {len(places)} files of {run}")
    for name, count in report.home.items():
        console.print(f"  {count:>8,}  in {name}")
    files, values = report.scan["files"], report.scan["values"]
    console.print(f"Scanned {files:,} files, {values:,} values of tables and of the graph.")
    if shared := report.scan["shared"]:
        console.print(f"Texts that other people wrote word for word as well, and stay: {shared:,}.")
    for found in report.scan["found"]:
        console.print(f"[red]Left:[/] {escape(found)}")
    console.print(f"Signed report: {place}")
    console.print(
        "[dim]Source files were not touched. Later runs pass this one over; take the rows out of "
        "the sources, too, and out of copies and backups.[/]"
    )
