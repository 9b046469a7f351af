"""Who is not to be told apart, and who is not to be told of: applied to what sources yield."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from etl.sources.base import Batch

WITHHELD: Final = "(withheld)"
_FIELD: Final = re.compile(r"[\t\n,;|]")
_STRIPPED: Final = " \"'{}[]:"


@dataclass(frozen=True, kw_only=True)
class People:
    """What becomes of the keys of people and reviews before anything is written.

    Attributes:
        pseudonym: makes another key of a kind ("user", "review") and a key; None: keys stay.
        forgotten_user, forgotten_review: tell whether a key, its pseudonym that is, was forgotten;
            None: nobody was.
    """

    pseudonym: Callable[[str, str], str] | None = None
    forgotten_user: Callable[[str], bool] | None = None
    forgotten_review: Callable[[str], bool] | None = None

    def apply(self, batch: Batch, withheld: Counter[str]) -> Batch:
        """Return a batch with pseudonyms, and without those who were forgotten.

        Raw rows that were set aside are blanked: all of them with pseudonyms, else those that
        name somebody who was forgotten.

        Args:
            withheld: gets the rows that were left out, by table.
        """
        if self.pseudonym is None and self.forgotten_user is None:
            return batch
        tables = {}
        for name, table in batch.tables.items():
            kept = self._without_forgotten(self._renamed(table))
            tables[name] = kept
            withheld[name] += table.num_rows - kept.num_rows
        return replace(batch, tables=tables, rejected=self._blanked(batch.rejected))

    def _renamed(self, table: pa.Table) -> pa.Table:
        if self.pseudonym is None:
            return table
        for kind in ("user", "review"):
            if f"{kind}_id" in table.column_names:
                new = _mapped(table[f"{kind}_id"], partial(self.pseudonym, kind))
                table = _with(table, f"{kind}_id", new)
        for end in ("start", "end"):
            if f"{end}_kind" in table.column_names:
                new = _mapped(table[f"{end}_id"], partial(self.pseudonym, "user"))
                is_user = pc.equal(table[f"{end}_kind"], "User")
                table = _with(table, f"{end}_id", pc.if_else(is_user, new, table[f"{end}_id"]))
        return table

    def _without_forgotten(self, table: pa.Table) -> pa.Table:
        if self.forgotten_user is None or self.forgotten_review is None:
            return table
        for column, forgotten in (
            ("user_id", self.forgotten_user),
            ("review_id", self.forgotten_review),
        ):
            if column in table.column_names:
                table = table.filter(pc.invert(_where(table[column], forgotten)))
        for end in ("start", "end"):
            if f"{end}_kind" in table.column_names:
                is_user = pc.equal(table[f"{end}_kind"], "User")
                gone = pc.and_(is_user, _where(table[f"{end}_id"], self.forgotten_user))
                table = table.filter(pc.invert(gone))
        return table

    def _blanked(self, rejected: pa.Table) -> pa.Table:
        if not rejected.num_rows:
            return rejected
        if self.pseudonym is not None:
            named = pa.array([True] * rejected.num_rows)
        else:
            named = pa.array(list(map(self._names_somebody, rejected["raw"].to_pylist())))
        for column in ("detail", "raw"):
            blanked = pc.if_else(named, WITHHELD, rejected[column])
            rejected = _with(rejected, column, blanked)
        return rejected

    def _names_somebody(self, raw: str) -> bool:
        """Whether a field of a raw row is the key of somebody who was forgotten."""
        forgotten = self.forgotten_user
        fields = (part.rpartition(":")[2].strip(_STRIPPED) for part in _FIELD.split(raw))
        return forgotten is not None and any(field and forgotten(field) for field in fields)


def _mapped(column: pa.ChunkedArray, rename: Callable[[str], str]) -> pa.Array:
    """Exchange each distinct value once; nulls stay."""
    coded = pa.concat_arrays(column.chunks or [pa.array([], pa.string())]).dictionary_encode()
    names = pa.array([rename(key) for key in coded.dictionary.to_pylist()], pa.string())
    return names.take(coded.indices)


def _where(column: pa.ChunkedArray, forgotten: Callable[[str], bool]) -> pa.Array:
    gone = [key for key in pc.unique(column).to_pylist() if key is not None and forgotten(key)]
    return pc.is_in(column, pa.array(gone, pa.string()))


def _with(table: pa.Table, name: str, column: pa.Array | pa.ChunkedArray) -> pa.Table:
    place = table.schema.get_field_index(name)
    return table.set_column(place, table.schema.field(place), column)
