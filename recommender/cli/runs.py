"""`kgrec runs`: the folders of runs."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from kg.errors import ConfigError
from recommender.cli.options import DEFAULT_RUNS, RunId, RunsDir
from recommender.cli.output import Format, print_rows
from recommender.run_folder import LOCK, RunRecord, Runs, write_whole
from recommender.terminal import escape

app = typer.Typer(
    help="Runs and their folders.\n\n"
    "[bold]Examples[/]\n\n"
    "kgrec runs list\n\n"
    "kgrec runs show latest\n\n"
    "kgrec runs topics\n\n"
    "kgrec runs textfile -o /var/lib/node_exporter/kgrec.prom\n\n"
    "kgrec runs diff latest 20260301-12\n\n"
    "kgrec runs compare latest 20260301-12\n\n"
    "kgrec runs prune --keep 3 --dry-run\n\n"
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
def show(
    run: RunId = "latest",
    as_json: Annotated[bool, typer.Option("--json", help="The whole record, as JSON.")] = False,
    runs_dir: RunsDir = DEFAULT_RUNS,
) -> None:
    """Show each stage of a run: status, seconds, what came of it.

    Above the stages: code, hash of the data, and the runs that answer for it in the graph, where
    `kgrec query browse/provenance` leads to them.
    """
    folder = Runs(runs_dir).get(run)
    record = folder.record()
    if as_json:
        print(record.model_dump_json(indent=1))
        return
    console = Console()
    console.print(
        f"[bold]{record.id}[/]  {record.dataset}  {record.status}  on {escape(record.target)}"
    )
    for name, value in _origins(record).items():
        console.print(f"[dim]{name:<8}[/] {escape(str(value))}", highlight=False)
    console.print(f"[dim]folder  [/] {folder.path.resolve()}", highlight=False, soft_wrap=True)
    if record.error:
        console.print(f"[red]{escape(record.error)}[/]")
    table = Table("stage", "status", "seconds", "by run", "result", box=None)
    for name, stage in record.stages.items():
        by = "" if stage.by == record.id else stage.by
        table.add_row(name, stage.status, f"{stage.seconds:.1f}", by, escape(stage.summary))
    console.print(table)


@app.command("diff")
def diff(
    run: RunId,
    other: RunId,
    format_: Annotated[
        Format, typer.Option("--format", "-f", help="table, json or csv.")
    ] = Format.TABLE,
    runs_dir: RunsDir = DEFAULT_RUNS,
) -> None:
    """Show what tells two runs apart: config, code, counts and hash of the data, figures.

    `kgrec runs compare` says whether a difference of figures is more than chance.
    """
    from recommender.diff_runs import diff_runs

    first, second = (Runs(runs_dir).get(name) for name in (run, other))
    rows = [asdict(each) for each in diff_runs(first, second)]
    if format_ is Format.TABLE:
        print(f"first {first.id}, second {second.id}\n")
        if not rows:
            print("They differ in nothing that is on record.")
            return
    print_rows(("of", "key", "first", "second"), rows, format_)


@app.command("textfile")
def textfile(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The file, in node exporter's folder; *.prom.")
    ],
    run: RunId = "latest",
    runs_dir: RunsDir = DEFAULT_RUNS,
) -> None:
    """Write durations, counts and figures of a run as a Prometheus textfile.

    For node exporter's textfile collector: call it after `kgrec run`, whatever came of that. The
    file is replaced whole.
    """
    from recommender.textfile import textfile as text_of

    write_whole(output, text_of(Runs(runs_dir).get(run)))
    print(output)


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


@app.command("prune")
def prune(
    keep: Annotated[
        int, typer.Option("--keep", min=1, help="How many of each dataset's newest runs stay.")
    ] = 3,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be deleted.")
    ] = False,
    format_: Annotated[
        Format, typer.Option("--format", "-f", help="table, json or csv.")
    ] = Format.TABLE,
    runs_dir: RunsDir = DEFAULT_RUNS,
) -> None:
    """Delete the folders of old runs.

    Never the run that is published, the one that `kgrec rollback` would publish, the newest one
    that keeps rows of `mode: append`, one whose work a run that stays has taken over, or one that
    is at work. Nothing goes while a run is at work, or when its graph cannot be asked.

    [bold]Example[/]

    kgrec runs prune --keep 3 --dry-run
    """
    from recommender.environment import Environment
    from recommender.locks import exclusive
    from recommender.prune import needed_by_graphs, remove, verdicts

    runs = Runs(runs_dir)
    now = datetime.now(UTC)
    with exclusive(runs_dir / LOCK, what=f"the runs in {runs_dir}", now=now):
        found = verdicts(runs, keep, needed_by_graphs(Environment.read()))
        if not dry_run:
            for each in found:
                if not each.kept:
                    remove(each.run)
    gone = "would be deleted" if dry_run else "deleted"
    rows = [
        {
            "run": each.record.id,
            "dataset": each.record.dataset,
            "status": each.record.status,
            "own MB": round(each.frees / 1e6, 1),
            "what": gone if not each.kept else f"stays: {each.kept}",
        }
        for each in found
    ]
    print_rows(["run", "dataset", "status", "own MB", "what"], rows, format_)
    if format_ is Format.TABLE:
        freed = sum(each.frees for each in found if not each.kept) / 1e6
        print(f"{freed:,.1f} MB {'would be ' if dry_run else ''}freed")


def _origins(record: RunRecord) -> dict[str, str]:
    """What a run rests on and where it is told of, as far as it has come."""
    stages = record.stages
    told = {"code": record.version}
    if "read" in stages:
        told["sources"] = stages["read"].fingerprint
    if "snapshot" in stages:
        told["data"] = str(stages["snapshot"].counts.get("hash", ""))
    for kind, name in (("EtlRun", "load"), ("ModelRun", "publish")):
        if name in stages and stages[name].graph_run:
            told[kind] = stages[name].graph_run
    return {name: value for name, value in told.items() if value}


def _seconds(record: RunRecord) -> str:
    own = [stage.seconds for stage in record.stages.values() if stage.by == record.id]
    return f"{sum(own):.1f}"
