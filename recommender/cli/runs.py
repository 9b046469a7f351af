"""`kgrec runs`: the folders of runs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from kg.errors import ConfigError
from recommender.cli.options import DEFAULT_RUNS, RunId, RunsDir
from recommender.cli.output import Format, print_rows
from recommender.run_folder import RunRecord, Runs

app = typer.Typer(
    help="Runs and their folders.\n\n"
    "[bold]Examples[/]\n\n"
    "kgrec runs list\n\n"
    "kgrec runs show latest\n\n"
    "kgrec runs topics\n\n"
    "kgrec runs compare latest 20260301-12\n\n"
    'cat "$(kgrec runs path latest)/metrics.json"',
    no_args_is_help=True,
)


@app.command("path")
def path(run: RunId = "latest", runs_dir: RunsDir = DEFAULT_RUNS) -> None:
    """Print the folder of a run."""
    print(Runs(runs_dir).get(run).path.resolve())


@app.command("list")
def list_(runs_dir: RunsDir = DEFAULT_RUNS) -> None:
    """List the runs, newest first."""
    table = Table("run", "dataset", "status", "seconds", "graph", box=None)
    for folder in Runs(runs_dir):
        record = folder.record()
        table.add_row(record.id, record.dataset, record.status, _seconds(record), record.target)
    Console().print(table)


@app.command("show")
def show(run: RunId = "latest", runs_dir: RunsDir = DEFAULT_RUNS) -> None:
    """Show each stage of a run: status, seconds, what came of it."""
    record = Runs(runs_dir).get(run).record()
    console = Console()
    console.print(f"[bold]{record.id}[/]  {record.dataset}  {record.status}  on {record.target}")
    if record.error:
        console.print(f"[red]{record.error}[/]")
    table = Table("stage", "status", "seconds", "by run", "result", box=None)
    for name, stage in record.stages.items():
        by = "" if stage.by == record.id else stage.by
        table.add_row(name, stage.status, f"{stage.seconds:.1f}", by, stage.summary)
    console.print(table)


@app.command("topics")
def topics(
    run: RunId = "latest",
    format_: Annotated[
        Format, typer.Option("--format", "-f", help="table, json or csv.")
    ] = Format.TABLE,
    runs_dir: RunsDir = DEFAULT_RUNS,
) -> None:
    """Show which topics a run kept from the one before it, and which were born, split or died.

    Distances go from 0 (the same words) to 1 (no common word); up to 0.6 topics are the same.
    """
    import polars as pl

    folder = Runs(runs_dir).get(run)
    place = folder.path / "staging" / "topic_drift.parquet"
    if not place.is_file():
        raise ConfigError(
            f"Run {folder.id} has no {place.name}: its stage extract has not ended.",
            remedy="Go on with the run, or name another one.",
        )
    rows = pl.read_parquet(place)
    if rows.is_empty() and format_ is Format.TABLE:
        print(f"{folder.id} was the first to find topics: there were none to compare with.")
        return
    print_rows(rows.columns, rows.to_dicts(), format_)


@app.command("compare")
def compare(
    run: RunId,
    other: RunId,
    format_: Annotated[
        Format, typer.Option("--format", "-f", help="table, json or csv.")
    ] = Format.TABLE,
    runs_dir: RunsDir = DEFAULT_RUNS,
) -> None:
    """Compare the models of two runs that held out the same pairs, user by user.

    Ahead or behind is RUN's model where the 95 % interval of the difference excludes zero.
    """
    from recommender.compare_runs import compare_runs

    first, second = (Runs(runs_dir).get(name) for name in (run, other))
    rows = [
        {"run": first.id, "other": second.id, **asdict(each)}
        for each in compare_runs(first, second)
    ]
    columns = list(rows[0])
    if format_ is Format.TABLE:
        print(f"{first.id} against {second.id}\n")
        columns = [name for name in columns if name not in ("run", "other", "against")]
    print_rows(columns, rows, format_)


def _seconds(record: RunRecord) -> str:
    own = [stage.seconds for stage in record.stages.values() if stage.by == record.id]
    return f"{sum(own):.1f}"
