"""Answers on standard output: a table for people, JSON or CSV for programs."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from recommender.terminal import csv_cell, escape, json_text

if TYPE_CHECKING:
    from recommender.recommendations import Recommendation


class Format(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def print_rows(
    columns: Sequence[str], rows: Sequence[Mapping[str, object]], format_: Format
) -> None:
    """Print the rows; JSON keeps values as they are, CSV all but formulas of spreadsheets."""
    if format_ is Format.JSON:
        print(json_text([dict(row) for row in rows], indent=1))
    elif format_ is Format.CSV:
        writer = csv.writer(sys.stdout)
        writer.writerow(columns)
        writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    else:
        table = Table(box=None, header_style="bold", pad_edge=False)
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*(escape(_shown(row.get(column))) for column in columns))
        console = Console()
        console.print(table)
        console.print(f"[dim]{len(rows)} row{'' if len(rows) == 1 else 's'}[/]")


def print_recommendations(console: Console, user: str, found: list[Recommendation]) -> None:
    """Print a user's list, each item with its reason."""
    table = Table(box=None, show_header=False, pad_edge=False, title_justify="left")
    table.title = f"[bold]For {escape(user)}[/]"
    for each in found:
        chance = "" if each.probability is None else f"{each.probability:.0%}"
        table.add_row(f"{each.rank}.", escape(each.title), f"[dim]{chance}[/]", escape(each.reason))
    console.print()
    console.print(table)


def _cell(value: object) -> object:
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return csv_cell(value) if isinstance(value, str) else value


def _shown(value: object) -> str:
    match value:
        case None:
            return ""
        case float():
            return f"{value:.4g}"
        case list():
            return ", ".join(_shown(part) for part in value)
        case dict():
            return ", ".join(f"{key}: {_shown(part)}" for key, part in value.items())
        case _:
            return str(value)
