"""`kgrec ask`: a question in plain words, answered by a query of the catalogue."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from recommender.cli.options import DEFAULT_RUNS, Dataset, RunsDir
from recommender.cli.output import Format, print_rows
from recommender.terminal import escape, json_text

if TYPE_CHECKING:
    from recommender.asking.ask import Answer


def ask(
    question: Annotated[str, typer.Argument(help="A question in English.")],
    user: Annotated[
        str | None, typer.Option("--user", "-u", help='Who "I" and "my" are: a key of a user.')
    ] = None,
    format_: Annotated[
        Format, typer.Option("--format", "-f", help="table, json or csv.")
    ] = Format.TABLE,
    dataset: Dataset = None,
    runs_dir: RunsDir = DEFAULT_RUNS,
) -> None:
    """Ask the graph in plain words.

    No Cypher is made up: the reading query of the library whose own questions are nearest in
    meaning is chosen, and filled with the users, items, aspects, topics, attributes and numbers
    that your question names. Printed are the query, how near it is (a cosine; 1 is the same
    question), the runner-up, and the rows. A question is refused where nothing is near enough, or
    where it does not name what the query needs. Needs the extra `minilm`.

    [bold]Examples[/]

    kgrec ask "who would like Toy Story?"

    kgrec ask "top 5 recommendations for u-1"

    kgrec ask "why is Toy Story on my list?" --user u-1
    """
    from kg.catalogue import Catalogue
    from recommender.asking.ask import ask as answer
    from recommender.asking.ask import packaged_encoder
    from recommender.graph import open_graph

    encode = packaged_encoder()
    with open_graph(dataset, runs_dir) as graph:
        found = answer(graph.store, question, encode, asker=user)
    chosen, rows = found.chosen, list(found.rows)
    columns = [column.name for column in Catalogue()[chosen.query].columns]
    if format_ is Format.JSON:
        told = {
            "query": chosen.query,
            "cosine": round(chosen.cosine, 4),
            "parameters": dict(chosen.parameters),
            "rows": rows,
        }
        print(json_text(told, indent=1))
        return
    if format_ is Format.TABLE:
        console = Console(soft_wrap=True, highlight=False)
        console.print(f"[bold]{_command(chosen.query, chosen.parameters)}[/]")
        console.print(f"[dim]{escape(_why(found))}[/]\n")
    print_rows(columns, rows, format_)


def _command(query: str, parameters: Mapping[str, object]) -> str:
    """Return the command that asks the same."""
    parts = ["kgrec", "query", query]
    for name, value in parameters.items():
        written = json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
        parts += ["-p", f"{name}={written}"]
    return escape(shlex.join(parts))


def _why(found: Answer) -> str:
    named = ", ".join(f"{thing.name} ({thing.label.lower()})" for thing in found.named)
    second = found.next_best
    return (
        f"near {found.chosen.question!r}: {found.chosen.cosine:.2f}"
        + (f"; next {second.query}: {second.cosine:.2f}" if second else "")
        + (f"; named: {named}" if named else "")
    )
