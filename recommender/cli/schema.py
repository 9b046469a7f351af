"""`kgrec schema`: what the graph holds."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from kg.schema import BOOKKEEPING, NODE_TYPES, RELATIONSHIP_TYPES, Property
from kg.schema_page import schema_page


class Form(StrEnum):
    """How the schema is printed."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"


def schema(
    form: Annotated[
        Form, typer.Option("--format", "-f", help="table, json, or markdown: docs/graph.md.")
    ] = Form.TABLE,
) -> None:
    """Print the graph's labels, keys, relationship types and properties, with their meaning."""
    if form is Form.MARKDOWN:
        print(schema_page(), end="")
        return
    if form is Form.JSON:
        nodes = [asdict(node) for node in (*NODE_TYPES, *BOOKKEEPING)]
        relationships = [asdict(relationship) for relationship in RELATIONSHIP_TYPES]
        print(json.dumps({"nodes": nodes, "relationships": relationships}, indent=1))
        return
    console = Console()
    nodes_table = Table("node", "key", "holds", box=None, header_style="bold", title="Nodes")
    for node in (*NODE_TYPES, *BOOKKEEPING):
        nodes_table.add_row(f":{node.label}", node.key, _holds(node.meaning, node.properties))
    console.print(nodes_table)
    table = Table("relationship", "between", "holds", box=None, header_style="bold")
    table.title = "Relationships"
    for relationship in RELATIONSHIP_TYPES:
        between = f"{' / '.join(relationship.start)} → {' / '.join(relationship.end)}"
        table.add_row(
            f":{relationship.type}", between, _holds(relationship.meaning, relationship.properties)
        )
    console.print(table)


def _holds(meaning: str, properties: Iterable[Property]) -> str:
    names = ", ".join(each.name for each in properties)
    return f"{meaning}[dim]\n{names}[/]" if names else meaning
