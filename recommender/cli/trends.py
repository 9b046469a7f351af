"""`kgrec trends`: what is said more, less, better or worse than before."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console

from recommender.cli.options import DEFAULT_RUNS, Dataset, RunsDir
from recommender.cli.output import Format, print_rows

COLUMNS = ("bucket", "kind", "direction", "qValue", "sentence", "alertId")


class Every(StrEnum):
    """Sizes of bucket."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


def trends(
    every: Annotated[Every, typer.Option(help="How long a bucket is.")] = Every.MONTH,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help="Where to look: catalogue, item, or attribute:Kind such as attribute:Brand; "
            "may be repeated. [default: catalogue]",
            show_default=False,
        ),
    ] = None,
    alpha: Annotated[
        float, typer.Option(min=0.0, max=0.5, help="Share of false alerts that may be expected.")
    ] = 0.05,
    limit: Annotated[int, typer.Option(min=1, help="How many alerts to print.")] = 20,
    format_: Annotated[
        Format, typer.Option("--format", "-f", help="table, json or csv.")
    ] = Format.TABLE,
    dataset: Dataset = None,
    runs_dir: RunsDir = DEFAULT_RUNS,
) -> None:
    """Watch the graph for surges, and keep them in it as :Alert nodes with their evidence.

    Alerts of the same scopes and size of bucket that hold no more are removed, so the command can
    be run after every load. `kgrec query browse/alerts` finds them again.

    [bold]Examples[/]

    kgrec trends

    kgrec trends --every week --scope item --scope attribute:Brand
    """
    from etl.trends.alerts import watch
    from recommender.graph import open_graph

    with open_graph(dataset, runs_dir) as graph, graph.alone():
        report = watch(graph.store, every=every.value, scopes=scope or ["catalogue"], alpha=alpha)
    print_rows(COLUMNS, report.alerts[:limit], format_)
    if format_ is Format.TABLE:
        console = Console(stderr=True, highlight=False)
        console.print(
            f"{len(report.alerts):,} alerts hold of {report.tests:,} tests; "
            f"{report.removed:,} earlier ones were removed."
        )
        if report.set_aside:
            console.print(
                f"{report.set_aside:,} reviews were set aside: they are dated the first day of a "
                "year that has fewer reviews on all its other days together."
            )
