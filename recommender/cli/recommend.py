"""`kgrec recommend`: a user's published list."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console

from recommender.cli.options import DEFAULT_RUNS, Dataset, RunsDir
from recommender.cli.output import Format, print_recommendations, print_rows


def recommend(
    user: Annotated[str, typer.Argument(help="A user's key.")],
    top: Annotated[int, typer.Option("--top", "-n", min=1, help="How many items.")] = 10,
    format_: Annotated[
        Format, typer.Option("--format", "-f", help="table, json or csv.")
    ] = Format.TABLE,
    dataset: Dataset = None,
    runs_dir: RunsDir = DEFAULT_RUNS,
) -> None:
    """Print the best items for a user, each with its strongest reason.

    [bold]Examples[/]

    kgrec recommend u-1

    kgrec recommend u-1 --top 5 --format json
    """
    from recommender.graph import open_graph
    from recommender.near_keys import require
    from recommender.recommendations import Recommendation, recommendations_of

    with open_graph(dataset, runs_dir) as graph:
        require(graph.store, "User", user)
        found = recommendations_of(graph.store, user, top)
    if format_ is Format.TABLE:
        print_recommendations(Console(highlight=False), user, found)
    else:
        columns = list(Recommendation.__dataclass_fields__)
        print_rows(columns, [asdict(each) for each in found], format_)
