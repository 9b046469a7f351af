"""The graph's aggregates from its evidence: counts, what items are described by, interests.

All of it is computed inside the graph, in pages of items and users, so that neither the server's
query heap nor this process holds more than a page. The formulas of weight, sentiment and support
stand in the headers of `cypher/derive`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl
import pyarrow as pa

from kg.progress import Progress, no_progress
from kg.schema import NODES
from kg.store import Store

PAGE: Final = 200
"""Nodes in one transaction; each brings all its evidence."""
_WEIGHED_PAGE: Final = 25
"""Fewer where each may be tied to most users and items."""
_LABELS: Final = ("Item", "User", "Entity", "Aspect", "Topic", "Attribute")


@dataclass(frozen=True)
class _Pass:
    """One query for all nodes of `label`, left out where the graph has no `target` nodes.

    `weights`: it weighs `label` anew where only the numbers of items that it rests on changed.
    """

    query: str
    label: str
    target: str
    weights: bool = False

    @property
    def identifiers(self) -> Mapping[str, str]:
        match self.query:
            case "mention_counts" | "weights":
                return {"__LABEL__": self.target, "__KEY__": NODES[self.target].key}
            case "item_mentions" | "user_mentions":
                return {"__LABEL__": self.target}
            case _:
                return {}


_PASSES: Final = (
    _Pass("item_counts", "Item", "User"),
    _Pass("user_counts", "User", "Item"),
    _Pass("mention_counts", "Entity", "Entity"),
    _Pass("mention_counts", "Aspect", "Aspect"),
    _Pass("topic_counts", "Topic", "Topic"),
    _Pass("attribute_counts", "Attribute", "Attribute"),
    _Pass("weights", "Entity", "Entity", weights=True),
    _Pass("weights", "Aspect", "Aspect", weights=True),
    _Pass("weights", "Attribute", "Attribute", weights=True),
    _Pass("item_mentions", "Item", "Entity"),
    _Pass("item_mentions", "Item", "Aspect"),
    _Pass("item_topics", "Item", "Topic"),
    _Pass("user_mentions", "User", "Entity"),
    _Pass("user_mentions", "User", "Aspect"),
    _Pass("user_topics", "User", "Topic"),
    _Pass("user_attributes", "User", "Attribute"),
)
"""Counts before what is weighed by them, and weights without fading before those that may fade."""


def derive(
    store: Store,
    *,
    run_id: str,
    half_life_days: float | None = None,
    touched: pl.DataFrame | None = None,
    progress: Progress = no_progress,
) -> dict[str, float]:
    """Derive counts, :DESCRIBED_BY and :INTERESTED_IN; remove what lost its evidence.

    A page of items or users is one transaction, so a profile is whole at every moment. Deriving
    twice leaves the graph as it is, run ids aside: age is measured against the newest evidence.

    Args:
        run_id: the :EtlRun whose facts are in the graph now.
        half_life_days: age at which evidence of an interest counts half; None: none fades.
        touched: what may have changed since all was last derived with this half-life, as
            `etl.load_touched.touched_by` names it; None: everything.

    Returns:
        Seconds by step.

    Raises:
        GraphError: a transaction failed; run it again.
    """
    keys = {label: _keys(store, label) for label in _LABELS}
    parameters: dict[str, Any] = {
        "itemTotal": len(keys["Item"]),
        "runId": run_id,
        "newestAt": _newest(store, half_life_days),
        "halfLifeDays": half_life_days,
    }
    work = [
        (each, keys[each.label] if touched is None else _of(each, keys, touched, half_life_days))
        for each in _PASSES
        if len(keys[each.target]) and not (each.weights and touched is None)
    ]
    total = sum(len(rows) for _, rows in work)
    seconds: dict[str, float] = {}
    done = 0
    for each, rows in work:
        started = time.perf_counter()
        query = f"derive/{each.query}"
        taken = {parameter.name for parameter in store.catalogue[query].parameters}
        store.write_rows(
            query,
            rows,
            key=["key"],
            identifiers=each.identifiers,
            batch_size=_WEIGHED_PAGE if each.weights else PAGE,
            progress=_shifted(progress, done, total),
            **{name: value for name, value in parameters.items() if name in taken},
        )
        done += len(rows)
        seconds[f"{each.query} {each.target}"] = time.perf_counter() - started
    return seconds


def _of(
    each: _Pass, keys: Mapping[str, pa.Table], touched: pl.DataFrame, half_life_days: float | None
) -> pa.Table:
    """The keys that a pass has to look at; where evidence fades, that of all users is older now."""
    if each.label == "User" and half_life_days is not None:
        return keys["User"]
    mine = pl.col("label") == each.label
    wanted = mine if each.weights else mine & pl.col("recount")
    return touched.filter(wanted).select("key").to_arrow()


def _keys(store: Store, label: str) -> pa.Table:
    """All keys of a label, sorted."""
    identifiers = {"__LABEL__": label, "__KEY__": NODES[label].key}
    batches = store.stream("read/keys", identifiers=identifiers)
    return pa.table({"key": pa.array(sorted(str(key) for rows in batches for (key,) in rows))})


def _newest(store: Store, half_life_days: float | None) -> object:
    """When the newest evidence was left, epoch milliseconds; only looked for where it counts."""
    return None if half_life_days is None else store.read("read/newest_evidence")[0]["at"]


def _shifted(progress: Progress, before: int, whole: int) -> Progress:
    def report(done: int, total: int | None = None, unit: str = "rows") -> None:
        progress(before + done, whole, "nodes")

    return report
