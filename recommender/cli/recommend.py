"""`kgrec recommend`: a user's published list, or one made now for somebody new."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from recommender.cli.options import DEFAULT_RUNS, Dataset, RunsDir
from recommender.cli.output import Format, print_recommendations, print_rows


def recommend(
    user: Annotated[str | None, typer.Argument(help="A user's key.")] = None,
    likes: Annotated[
        list[str] | None,
        typer.Option(
            "--likes", metavar="ITEM", help="In place of a user: an item liked; may be repeated."
        ),
    ] = None,
    top: Annotated[int, typer.Option("--top", "-n", min=1, help="How many items.")] = 10,
    format_: Annotated[
        Format, typer.Option("--format", "-f", help="table, json or csv.")
    ] = Format.TABLE,
    dataset: Dataset = None,
    runs_dir: RunsDir = DEFAULT_RUNS,
) -> None:
    """Print the best items for a user, each with its strongest reason.

    With --likes, items for somebody whom the graph does not know: the model that the dataset's
    latest run published scores them now, without the graph and without training.

    [bold]Examples[/]

    kgrec recommend u-1

    kgrec recommend u-1 --top 5 --format json

    kgrec recommend --likes i-7 --likes i-12
    """
    from kg.errors import ConfigError

    if (user is None) == (not likes):
        got = "neither a user nor --likes" if user is None else "both a user and --likes"
        raise ConfigError(f"Got {got}; wanted one of them.", remedy="kgrec recommend --help")
    if user is None:
        _for_somebody_new(likes or [], top, format_, dataset, runs_dir)
    else:
        _for_user(user, top, format_, dataset, runs_dir)


def _for_user(user: str, top: int, format_: Format, dataset: str | None, runs_dir: Path) -> None:
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


def _for_somebody_new(
    likes: list[str], top: int, format_: Format, dataset: str | None, runs_dir: Path
) -> None:
    from recommender.newcomer import Place, best_for, published_run

    found = best_for(published_run(runs_dir, dataset), likes, top)
    print_rows(list(Place.__dataclass_fields__), [asdict(each) for each in found], format_)
