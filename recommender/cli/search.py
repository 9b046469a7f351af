"""`kgrec search`: items that a text asks for."""

from __future__ import annotations

from dataclasses import asdict
from textwrap import shorten
from typing import Annotated

import typer

from recommender.cli.options import DEFAULT_RUNS, Dataset, RunsDir
from recommender.cli.output import Format, print_rows

_QUOTE = 120


def search(
    text: Annotated[str, typer.Argument(help="What is looked for, in plain words.")],
    user: Annotated[
        str | None, typer.Option("--user", "-u", help="Whose published list counts, too.")
    ] = None,
    top: Annotated[int, typer.Option("--top", "-n", min=1, max=100, help="How many items.")] = 10,
    format_: Annotated[
        Format, typer.Option("--format", "-f", help="table, json or csv.")
    ] = Format.TABLE,
    dataset: Dataset = None,
    runs_dir: RunsDir = DEFAULT_RUNS,
) -> None:
    """Find items by what people write about them.

    What was declared of an item and what its reviews say is compared with the text, by meaning
    (the encoder of the latest published run) and by its words. Why an item was found: its cosine,
    its words, its place on the user's list, and a review that says most of the words.

    [bold]Examples[/]

    kgrec search "quiet headphones for travel"

    kgrec search "a sad film with a strong cast" --user u-1 --format json
    """
    from recommender.graph import open_graph
    from recommender.newcomer import published_run
    from recommender.search import Hit, query_encoder, search

    encoder = query_encoder(published_run(runs_dir, dataset))
    with open_graph(dataset, runs_dir) as graph:
        found = search(graph.store, encoder.encode([text])[0].numpy(), text, user=user, top=top)
    rows = [asdict(each) for each in found]
    if format_ is Format.TABLE:
        for row in rows:
            row["quote"] = shorten(row["quote"] or "", _QUOTE, placeholder=" …")
    print_rows(list(Hit.__dataclass_fields__), rows, format_)
