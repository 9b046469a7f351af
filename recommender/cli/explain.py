"""`kgrec explain`: why an item is for a user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from recommender.cli.options import DEFAULT_RUNS, Dataset, RunsDir
from recommender.cli.output import Format, print_rows
from recommender.terminal import escape

if TYPE_CHECKING:
    from recommender.explanation import Explanation

_COLUMNS = ("place", "kind", "weight", "name", "live", "own", "evidence", "positive", "negative")
_SPOKEN_OF = ("aspect", "topic", "entity")


def explain(
    user: Annotated[str, typer.Argument(help="A user's key.")],
    item: Annotated[str, typer.Argument(help="An item's key.")],
    top: Annotated[
        int,
        typer.Option(
            "--top", "-n", min=1, help="Most paths, for an item that is not on the user's list."
        ),
    ] = 3,
    format_: Annotated[
        Format, typer.Option("--format", "-f", help="table, json or csv.")
    ] = Format.TABLE,
    dataset: Dataset = None,
    runs_dir: RunsDir = DEFAULT_RUNS,
) -> None:
    """Say why an item is for a user: a sentence, the reasons as rows, and what people wrote.

    The reasons that were published with a recommendation are replayed in the graph as it is now;
    where their evidence is gone, it says so (live: False). An item that is not on the user's list
    is explained by the strongest paths between the two.

    own: the user's things that a reason rests on; evidence: other people's reviews, or people, with
    how many of them are positive and negative. The query is recommend/explain.

    [bold]Examples[/]

    kgrec explain u-1 i-7

    kgrec explain u-1 i-7 --format json
    """
    from dataclasses import asdict

    from recommender.explanation import Explanation
    from recommender.graph import open_graph
    from recommender.near_keys import require

    with open_graph(dataset, runs_dir) as graph:
        require(graph.store, "User", user)
        require(graph.store, "Item", item)
        found = Explanation.of(graph.store, user, item, top=top)
    rows = [asdict(each) for each in found.reasons]
    if format_ is Format.JSON:
        print_rows([], [{**asdict(found), "words": found.words}], format_)
        return
    if format_ is Format.TABLE:
        _print_words(found)
        rows = [{name: row[name] for name in _COLUMNS} for row in rows]
    print_rows(list(rows[0]) if rows else _COLUMNS, rows, format_)
    if format_ is Format.TABLE:
        _print_quotes(found)


def _print_words(found: Explanation) -> None:
    console = Console(highlight=False)
    if found.reasons and not found.recommended:
        console.print("[dim]Not on the user's list; the strongest paths between the two:[/]")
    console.print(escape(found.words), end="\n\n")


def _print_quotes(found: Explanation) -> None:
    console, told = Console(highlight=False), set[tuple[str, str]]()
    for reason in found.reasons:
        for quote in reason.quotes:
            if (quote.review_id, quote.text) in told:
                continue
            told.add((quote.review_id, quote.text))
            of = f" ({escape(reason.name)})" if reason.kind in _SPOKEN_OF else ""
            source = f"{escape(quote.by)} on {escape(quote.title)}{of}"
            console.print(f"\n“{escape(quote.text)}”\n[dim]{source}[/]")
