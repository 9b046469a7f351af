"""Small source files for tests, and what reading them gives, as plain Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from etl.read import ReadReport, ReadSettings, read_sources
from etl.sources import Source, read_source
from etl.staging import Staging

SOURCES: TypeAdapter[list[Source]] = TypeAdapter(list[Source])
Row = dict[str, Any]
ACT = {"user": "user", "item": "item"}


def configured(*settings: dict[str, Any]) -> list[Source]:
    """Return sources from settings as a config would write them."""
    return SOURCES.validate_python(list(settings))


class Told:
    """All rows that a source gives, table by table, and those set aside."""

    def __init__(self, folder: Path, limits: ReadSettings, **settings: Any) -> None:
        self.tables: dict[str, list[Row]] = {}
        self.rejected: list[Row] = []
        self.rows = 0
        self.accepted = 0
        (source,) = configured(settings)
        for batch in read_source(source, folder, limits):
            self.rows += batch.rows
            self.accepted += batch.accepted
            self.rejected += batch.rejected.to_pylist()
            assert batch.rows == batch.accepted + batch.rejected.num_rows
            for name, table in batch.tables.items():
                self.tables.setdefault(name, []).extend(table.to_pylist())

    @property
    def reasons(self) -> list[tuple[int, str]]:
        """Return line and reason of each row set aside, by line."""
        return sorted((row["line"], row["reason"]) for row in self.rejected)

    def column(self, table: str, *names: str) -> list[Any]:
        """Return some columns of a table as tuples, or one as plain values."""
        rows = self.tables.get(table, [])
        if len(names) == 1:
            return [row[names[0]] for row in rows]
        return [tuple(row[name] for name in names) for row in rows]


def told(folder: Path, limits: ReadSettings | None = None, **settings: Any) -> Told:
    """Read one source, settings as in a config."""
    return Told(folder, limits or ReadSettings(), **settings)


def delimited(folder: Path, text: str, name: str = "acts.csv", **settings: Any) -> Told:
    """Write a small table and read it, settings as in a config, `limits` beside them."""
    (folder / name).write_text(text, encoding="utf-8", newline="")
    limits = settings.pop("limits", None)
    return told(folder, limits, type="delimited", path=name, **settings)


def staged(
    base: Path, run: Path, *settings: dict[str, Any], earlier: Path | None = None, **limits: Any
) -> tuple[ReadReport, Staging]:
    """Run the read stage; `earlier` is the folder of the run before."""
    bounds = ReadSettings(**limits)
    sources = configured(*settings)
    report = read_sources(sources, base=base, run=run, limits=bounds, earlier=earlier)
    return report, Staging(run / "staging")
