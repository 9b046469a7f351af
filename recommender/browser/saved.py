"""The library's queries as saved scripts of Neo4j Browser, filled in from the live graph.

Browser takes a zip of .cypher files, one script each, in folders; a script is called what its first
comment says. A file with `:param` lines runs as a script, of which Browser shows no table and no
picture; so each query is there with its values written into it, too, as one statement.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from kg.catalogue import Catalogue
from kg.cypher_text import fill_parameters
from kg.parameter import to_literal
from kg.query_file import Dialect, Query
from recommender.browser.examples import Examples

ROOMS: Final = ("recommend", "browse")
_WHEN: Final = (1980, 1, 1, 0, 0, 0)  # the same pack is the same bytes
_WIDTH: Final = 100


@dataclass(frozen=True)
class SavedQuery:
    """A query with the values that it is saved with."""

    query: Query
    text: str
    arguments: dict[str, object]

    @property
    def statement(self) -> str:
        """The one statement, values written into it."""
        literals = {name: to_literal(value) for name, value in self.arguments.items()}
        return fill_parameters(self.text, literals)

    def script(self, *, with_params: bool) -> str:
        """The file: its name, which Browser cuts short, what its values mean, and the query."""
        meanings = "; ".join(f"{p.name}: {p.meaning}" for p in self.query.parameters)
        lines = [f"// {self.query.name.partition('/')[2]}: {self.query.summary}"]
        if meanings:
            lines.append(fill(meanings, _WIDTH, initial_indent="// ", subsequent_indent="// "))
        if with_params:
            lines += [
                f":param {name} => {to_literal(value)};" for name, value in self.arguments.items()
            ]
        return "\n".join([*lines, f"{self.text if with_params else self.statement};", ""])


def saved_queries(
    catalogue: Catalogue, examples: Examples, dialect: Dialect
) -> tuple[list[SavedQuery], list[str]]:
    """Return the queries for people, and the names of those that the graph has no values for."""
    saved, left_out = [], []
    for name in catalogue:
        query = catalogue[name]
        if not name.startswith(tuple(f"{room}/" for room in ROOMS)) or query.access != "read":
            continue
        arguments = examples.arguments(query)
        if arguments is None or query.identifiers:
            left_out.append(name)
        else:
            saved.append(SavedQuery(query, query.text(dialect), arguments))
    return saved, left_out


def write_zip(place: Path, saved: list[SavedQuery], folder: str, *, with_params: bool) -> None:
    """Write the scripts of both rooms into a zip, each room a folder of Browser."""
    with ZipFile(place, "w", ZIP_DEFLATED) as archive:
        for path, script in _files(saved, folder, with_params=with_params):
            info = ZipInfo(path, _WHEN)
            info.compress_type = ZIP_DEFLATED
            archive.writestr(info, script)


def _files(saved: list[SavedQuery], folder: str, *, with_params: bool) -> Iterator[tuple[str, str]]:
    for each in saved:
        room, _, name = each.query.name.partition("/")
        what = f"{folder} {room}{' with params' if with_params else ''}"
        yield f"{what}/{name}.cypher", each.script(with_params=with_params)
