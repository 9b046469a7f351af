"""`kgrec segments`: groups of people who care for the same things."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from recommender.cli.options import DEFAULT_RUNS, Dataset, RunsDir
from recommender.cli.output import Format, print_rows


def segments(
    count: Annotated[
        int | None,
        typer.Option(
            min=2,
            max=100,
            help="How many. [default: the largest on which different starts agree well]",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the grouping.")] = 20,
    format_: Annotated[
        Format, typer.Option("--format", "-f", help="table, json or csv.")
    ] = Format.TABLE,
    dataset: Dataset = None,
    runs_dir: RunsDir = DEFAULT_RUNS,
) -> None:
    """Group people by what they care for, and keep the groups in the graph as :Segment nodes.

    Rests on :INTERESTED_IN, so run it after a load; earlier segments are replaced. A figure such
    as ×2.1 says how many times as common an interest is in the segment as among all.

    [bold]Examples[/]

    kgrec segments

    kgrec segments --count 8

    kgrec query browse/segment_people -p segmentId=segment-1
    """
    from embeddings.interests.in_graph import segment_graph
    from recommender.graph import open_graph

    with open_graph(dataset, runs_dir) as graph, graph.alone():
        report = segment_graph(graph.store, count=count, seed=seed)
    print_rows(("segment", "people", "known for"), report.segments, format_)
    if format_ is Format.TABLE:
        Console(stderr=True, highlight=False).print(
            f"Different starts agree to {report.stability:.2f} (adjusted Rand index); "
            f"{report.outside:,} people have too few interests for a segment; "
            f"{report.removed:,} earlier segments were removed."
        )
