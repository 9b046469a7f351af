"""What has to change in a graph that holds an earlier input, or what was derived from it.

Both are compared row by row, by key and content. What is new or other is written and what went
is removed. The graph is then what writing everything into an empty one makes it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import polars as pl
import pyarrow as pa

from etl.graph_rows import Tables, frame_of, to_polars
from etl.load_steps import Step, steps_of
from kg.identifiers import between
from kg.schema import NODES

Keys = Mapping[str, pl.Series]
"""Label → keys of nodes."""
_ENDS: Final = ("__START__", "__END__")
_HASH: Final = "hash of the row"
TIES: Final = (
    (between("WROTE", "User", "Review"), "user_id", "review_id"),
    (between("ABOUT", "Review", "Item"), "review_id", "item_id"),
)
"""What the query that writes reviews ties them to."""


@dataclass(frozen=True)
class Removal:
    """Nodes or relationships that are in the input no more.

    Attributes:
        what: label or type.
        query: what removes them.
        rows: their keys, as the query takes them.
        identifiers: what the query leaves open.
    """

    what: str
    query: str
    rows: pa.Table
    identifiers: Mapping[str, str]


@dataclass(frozen=True)
class Changes:
    """What tells steps from earlier ones.

    Attributes:
        steps: the new ones, with the rows that are new or other.
        removals: relationships, then nodes.
    """

    steps: Sequence[Step]
    removals: Sequence[Removal]


def changes_between(old: Tables, new: Tables) -> Changes:
    """Compare the tables of two staging folders."""
    return changed_steps(steps_of(old), steps_of(new), _removals_of_ties(old, new))


def changed_steps(
    old: Iterable[Step], new: Iterable[Step], also: Iterable[Removal] = ()
) -> Changes:
    """Compare what was written with what is to be.

    Args:
        also: relationships that are to go as well.
    """
    before, after = ({step.stage: step for step in steps} for steps in (old, new))
    found = [  # what went entirely has a step of no rows
        *(_difference(before.get(stage, _none_of(step)), step) for stage, step in after.items()),
        *(_difference(step, _none_of(step)) for name, step in before.items() if name not in after),
    ]
    nodes = _NodeChanges.of(found, before.values())
    written = [nodes.to_write(each) for each in found]
    return Changes(
        [step for step in written if step.rows.num_rows],
        [
            *(_removal_of_pairs(each) for each in found if each.step.ends and len(each.gone)),
            *also,
            *(removal_of_nodes(label, keys) for label, keys in nodes.gone.items() if len(keys)),
        ],
    )


@dataclass(frozen=True)
class _Difference:
    """The new step, the keys of its rows that are new or other, and those that went."""

    step: Step
    changed: pl.DataFrame
    gone: pl.DataFrame

    @property
    def keys(self) -> pl.DataFrame:
        return pl.concat([self.changed, self.gone])


def _difference(old: Step, new: Step) -> _Difference:
    """Of rows with one key, all are written again if one is other: the last one counts."""
    key = list(new.key)
    was, now = _hashed(old), _hashed(new)
    both_ways = ((now, was), (was, now))
    other = pl.concat(one.join(two, on=_HASH, how="anti") for one, two in both_ways)
    keys = other.select(key).unique(maintain_order=True)
    changed = now.join(keys, on=key, how="semi").select(key).unique(maintain_order=True)
    return _Difference(new, changed, keys.join(changed, on=key, how="anti"))


def _hashed(step: Step) -> pl.DataFrame:
    """The keys, and a hash of each whole row: 64 bits, good within this process alone.

    Of ten million rows and a million that are other, one is overlooked in two million loads.
    """
    rows = to_polars(step.rows)
    return rows.select(*step.key, pl.struct(pl.all()).hash().alias(_HASH))


def _none_of(step: Step) -> Step:
    return replace(step, rows=step.rows.slice(0, 0))


@dataclass(frozen=True)
class _NodeChanges:
    """Keys by label: several steps may write one node, and each says a part of what it is.

    Attributes:
        changed: new or other; gone: in the new input no more; born: in the old one not yet.
    """

    changed: Keys
    gone: Keys
    born: Keys

    @classmethod
    def of(cls, found: Sequence[_Difference], before: Iterable[Step]) -> _NodeChanges:
        was, now = _keys_by_label(before), _keys_by_label(each.step for each in found)
        other = defaultdict[str, set[str]](set)
        for each in found:
            if each.step.label:
                other[each.step.label].update(each.keys[each.step.key[0]])
        return cls(
            {label: _sorted(keys & now[label]) for label, keys in other.items()},
            {label: _sorted(keys - now[label]) for label, keys in other.items()},
            {label: _sorted(keys & now[label] - was[label]) for label, keys in other.items()},
        )

    def to_write(self, difference: _Difference) -> Step:
        """The step, with the rows that are new or other, or where a node of theirs is.

        A relationship of which one end was in no table may be written when that node comes.
        """
        step, key = difference.step, list(difference.step.key)
        rows = to_polars(step.rows.select(key)).with_row_index("place")
        if step.label:
            wanted = [pl.col(key[0]).is_in(self.changed[step.label].implode())]
        else:
            ends = zip(key, (step.ends[end] for end in _ENDS if step.ends), strict=False)
            born = [(column, self.born[label]) for column, label in ends if label in self.born]
            wanted = [pl.col(column).is_in(keys.implode()) for column, keys in born]
        other = rows.join(difference.changed, on=key, how="semi")["place"]
        also = rows.filter(pl.any_horizontal(pl.lit(False), *wanted))["place"]
        at = pl.concat([other, also]).unique().sort()
        return replace(step, rows=step.rows.take(at.to_arrow()))


def _keys_by_label(steps: Iterable[Step]) -> defaultdict[str, set[str]]:
    keys = defaultdict[str, set[str]](set)
    for step in steps:
        if step.label:
            keys[step.label].update(step.rows[step.key[0]].to_pylist())
    return keys


def _sorted(keys: Iterable[str]) -> pl.Series:
    return pl.Series("key", sorted(keys), pl.String)


def removal_of_nodes(label: str, keys: pl.Series) -> Removal:
    """Remove nodes by key; where an item goes, the lists that it was on close up."""
    rows = pa.table({"key": keys.to_arrow()})
    if label == "Item":
        return Removal(label, "load/remove_items", rows, {})
    named = {"__LABEL__": label, "__KEY__": NODES[label].key}
    return Removal(label, "load/remove_nodes", rows, named)


def _removal_of_pairs(difference: _Difference) -> Removal:
    start, end, *more = difference.step.key
    return _removal(difference.step.ends, difference.gone, start, end, *more)


def _removals_of_ties(old: Tables, new: Tables) -> Iterator[Removal]:
    """What tied reviews that are still there to another user or item."""
    was, now = frame_of(old, "reviews"), frame_of(new, "reviews")
    for ends, start, end in TIES:
        still = was.join(now, on="review_id", how="semi")
        moved = still.join(now, on=[start, end], how="anti")
        if len(moved):
            yield _removal(ends, moved, start, end)


def _removal(
    ends: Mapping[str, str], rows: pl.DataFrame, start: str, end: str, predicate: str | None = None
) -> Removal:
    said = pl.lit(None, pl.String) if predicate is None else pl.col(predicate)
    keys = rows.select(start=start, end=end, predicate=said)
    return Removal(ends["__TYPE__"], "load/remove_relationships", keys.to_arrow(), ends)
