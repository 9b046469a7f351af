"""`kgrec doctor`: what the workflow needs, what is there, and what is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from recommender.cli.options import DEFAULT_RUNS, RunsDir
from recommender.environment import Environment
from recommender.run_folder import RunFolder, Runs
from recommender.terminal import escape, json_text

MARKS: Final = {"ok": "[green]✓[/]", "warn": "[yellow]![/]", "fail": "[red]✗[/]"}


def doctor(
    config: Annotated[
        Path | None, typer.Argument(help="Also look at a config and its files.")
    ] = None,
    runs_dir: RunsDir = DEFAULT_RUNS,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False,
) -> None:
    """Check machine, packages, encoder and graph server, and show the stages of the workflow.

    Each check is ok, a warning, or a failure, with what to do. For each stage: what it requires,
    what it assigns, and what of it the latest run does not have. Nothing is changed; an embedded
    graph is not started.

    Leaves with 1 if something is missing without which no run can work.

    [bold]Examples[/]

    kgrec doctor

    kgrec doctor my.yaml --json
    """
    from recommender.doctor import checks

    found = list(checks(Environment.read(), runs_dir, config))
    if as_json:
        print(json_text({"checks": [asdict(each) for each in found]}))
    else:
        console = Console(highlight=False)
        for each in found:
            remedy = f" [dim]{escape(each.remedy)}[/]" if each.remedy else ""
            line = f"{MARKS[each.state]} {each.check:<13} {escape(each.said)}{remedy}"
            console.print(line, soft_wrap=True)
        _print_workflow(console, runs_dir)
    if any(each.state == "fail" for each in found):
        raise typer.Exit(1)


def _print_workflow(console: Console, runs_dir: Path) -> None:
    from recommender.workflow import WORKFLOW

    latest = next(iter(Runs(runs_dir)), None)
    there = set(_artefacts(latest)) if latest else set()
    table = Table("stage", "does", "requires", "assigns", "unmet", box=None, header_style="bold")
    for stage in WORKFLOW:
        unmet = [name for name in stage.requires if name not in there]
        table.add_row(
            stage.name,
            stage.does,
            ", ".join(stage.requires) or "[dim]the sources[/]",
            ", ".join(stage.assigns),
            f"[yellow]{', '.join(unmet)}[/]" if unmet else "[green]–[/]",
        )
    console.print(
        f"\nThe workflow, and what the latest run ({latest.id if latest else 'none'}) has"
    )
    console.print(table)


def _artefacts(run: RunFolder) -> Iterator[str]:
    from recommender.stage import FILES
    from recommender.workflow import WORKFLOW

    stages = run.record().stages
    for stage in WORKFLOW:
        if stage.name in stages and stages[stage.name].finished:
            yield from (name for name in stage.assigns if run.holds(FILES.get(name, ())))
