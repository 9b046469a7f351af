"""`kgrec explain`: why an item was recommended to a user."""

from __future__ import annotations

from typing import Annotated

import typer

from recommender.cli.options import DEFAULT_RUNS, Dataset, RunsDir
from recommender.cli.output import Format, print_rows


def explain(
    user: Annotated[str, typer.Argument(help="A user's key.")],
    item: Annotated[str, typer.Argument(help="An item's key.")],
    format_: Annotated[
        Format, typer.Option("--format", "-f", help="table, json or csv.")
    ] = Format.TABLE,
    dataset: Dataset = None,
    runs_dir: RunsDir = DEFAULT_RUNS,
) -> None:
    """Print the reasons for an item on a user's list, with the evidence that they rest on.

    [bold]Example[/]

    kgrec explain u-1 i-7
    """
    from recommender.graph import open_graph
    from recommender.near_keys import require
    from recommender.recommendations import WHY, reasons_of

    with open_graph(dataset, runs_dir) as graph:
        require(graph.store, "User", user)
        require(graph.store, "Item", item)
        rows = reasons_of(graph.store, user, item)
        columns = [column.name for column in graph.store.catalogue[WHY].columns]
    print_rows(columns, rows, format_)
