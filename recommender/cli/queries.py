"""`kgrec queries`: which questions the graph answers."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

ASKED = ("recommend/", "browse/")


def queries(
    name: Annotated[
        str | None, typer.Argument(help="Show this query: its parameters, columns and text.")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Also those that the program uses.")] = False,
) -> None:
    """List the queries, or show one of them, ready to paste into Neo4j Browser.

    [bold]Examples[/]

    kgrec queries

    kgrec queries recommend/for_user
    """
    from kg.catalogue import Catalogue

    catalogue = Catalogue()
    console = Console(soft_wrap=True)
    if name is None:
        table = Table("query", "answers", "parameters", box=None, header_style="bold")
        for each in catalogue:
            if all_ or each.startswith(ASKED):
                query = catalogue[each]
                names = (p.name if p.required else f"[{p.name}]" for p in query.parameters)
                table.add_row(each, query.summary, " ".join(names).replace("[", r"\["))
        Console().print(table)
        return
    query = catalogue[name]
    console.print(f"[bold]{query.name}[/]  {query.summary}  [dim]({query.access})[/]")
    for question in query.questions:
        print(f"  ? {question}")
    for parameter in query.parameters:
        given = "needed" if parameter.required else f"default {parameter.default!r}"
        print(f"  ${parameter.name}: {parameter.type}, {given}. {parameter.meaning}")
    for column in query.columns:
        print(f"  → {column.name}: {column.type}. {column.meaning}")
    for dialect, text in query.texts.items():
        print(f"\n// {query.name}{f' ({dialect})' if dialect else ''}\n{text};")
