"""A publication's rows as they fit the graph of now: users and items may have left since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from embeddings.publication import LIST_SCHEMA, Part
from kg.schema import NODES
from kg.store import Store

_PLACES = [name for name in LIST_SCHEMA.names if name != "user_id"]


@dataclass(frozen=True)
class PresentKeys:
    """The keys of users and items that the graph has now, by label."""

    keys: Mapping[str, pa.Array]

    @classmethod
    def of(cls, store: Store) -> Self:
        """Read them."""
        found = {}
        for label in ("User", "Item"):
            named = {"__LABEL__": label, "__KEY__": NODES[label].key}
            batches = store.stream("read/keys", identifiers=named)
            found[label] = pa.array([row[0] for batch in batches for row in batch], pa.string())
        return cls(found)

    def lists(self, block: pa.Table) -> pa.Table:
        """Return the lists of users who are there, closed up where an item is not.

        Args:
            block: rows as `embeddings.publication.LIST_SCHEMA`.
        """
        block = block.filter(pc.is_in(block["user_id"], value_set=self.keys["User"]))
        columns = {name: block[name].combine_chunks() for name in _PLACES}
        there = self._has("Item", pc.list_flatten(columns["items"]))
        if there.all():
            return block
        bounds = _bounds(columns["items"], there)
        for name, column in columns.items():
            kept = pa.ListArray.from_arrays(bounds, pc.list_flatten(column).filter(there))
            place = block.schema.get_field_index(name)
            block = block.set_column(place, block.schema.field(name), kept)
        return block

    def rows(self, part: Part, table: pa.Table) -> pa.Table:
        """Return a part's rows without gaps.

        Similar items that are gone leave none in the ranks; users and items that came later lose
        the attention that a later run left on their relationships.
        """
        match part.query:
            case "write/similar_items":
                return self._similar(table)
            case "write/attention" if part.identifiers["__START__"] in self.keys:
                return self._starts(part.identifiers["__START__"], table)
            case _:
                return table

    def _similar(self, table: pa.Table) -> pa.Table:
        items = table["items"].combine_chunks()
        near = pc.list_flatten(items)
        there = self._has("Item", pc.struct_field(near, "item_id"))
        if there.all():
            return table
        near, bounds = near.filter(pa.array(there)), _bounds(items, there)
        starts = bounds.to_numpy()
        rank = np.arange(len(near)) - np.repeat(starts[:-1], np.diff(starts)) + 1
        closed = pa.StructArray.from_arrays(
            [pc.struct_field(near, "item_id"), pa.array(rank), pc.struct_field(near, "score")],
            ["item_id", "rank", "score"],
        )
        return table.set_column(1, "items", pa.ListArray.from_arrays(bounds, closed))

    def _starts(self, label: str, table: pa.Table) -> pa.Table:
        here = self.keys[label]
        known = table["start_id"].cast(pa.string()).combine_chunks()
        later = here.filter(pc.invert(pc.is_in(here, value_set=known)))
        columns = {"start_id": later.cast(table.schema.field("start_id").type)}
        columns["ends"] = pa.array([[]] * len(later), table.schema.field("ends").type)
        return pa.concat_tables([table, pa.table(columns, schema=table.schema)])

    def _has(self, label: str, keys: pa.Array) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = pc.is_in(keys, value_set=self.keys[label]).to_numpy(
            zero_copy_only=False
        )
        return found


def _bounds(lists: pa.ListArray, kept: NDArray[np.bool_]) -> pa.Array:
    """Return the offsets of the lists when only some of their values, (V,), are kept."""
    row = pc.list_parent_indices(lists).to_numpy()
    sizes = np.bincount(row[kept], minlength=len(lists))
    return pa.array(np.r_[0, np.cumsum(sizes)], pa.int32())
