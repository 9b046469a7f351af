"""How many relationships there are after a load, told from its tables.

To count them in the graph, a server walks all of them: that took more than to write what one new
review in a hundred changes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import polars as pl

from etl.graph_rows import to_polars
from etl.load_changes import TIES
from etl.load_steps import Step


def relationships(steps: Sequence[Step]) -> dict[str, int]:
    """Return their number by type; those to what is in no table are not written, and not counted.

    Args:
        steps: of everything, the nodes too.
    """
    some = defaultdict[str, list[pl.Series]](lambda: [pl.Series("key", [], pl.String)])
    for step in steps:
        if step.label:
            some[step.label].append(to_polars(step.rows.select(step.key))[step.key[0]].alias("key"))
    keys = {label: pl.concat(parts).implode() for label, parts in some.items()}
    counts = Counter[str]()
    for ends, rows in _pairs(steps):
        start, end = (
            pl.col(column).is_in(keys.get(ends[of], pl.Series([[]], dtype=pl.List(pl.String))))
            for column, of in zip(rows.columns, ("__START__", "__END__"), strict=False)
        )
        counts[ends["__TYPE__"]] += rows.filter(start, end).unique().height
    return {type_: count for type_, count in sorted(counts.items()) if count}


def _pairs(steps: Sequence[Step]) -> list[tuple[Mapping[str, str], pl.DataFrame]]:
    """Types with their ends, and the keys of what they join."""
    pairs = [(step.ends, to_polars(step.rows.select(step.key))) for step in steps if step.ends]
    for step in steps:
        if step.label == "Review":
            tied = ((ends, step.rows.select([start, end])) for ends, start, end in TIES)
            pairs += [(ends, to_polars(rows)) for ends, rows in tied]
    return pairs
