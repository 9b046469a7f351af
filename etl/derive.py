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

import pyarrow as pa

from kg.progress import Progress, no_progress
from kg.schema import NODES
from kg.store import Store

PAGE: Final = 200
"""Nodes in one transaction; each brings all its evidence."""
_LABELS: Final = ("Item", "User", "Entity", "Aspect", "Topic", "Attribute")


@dataclass(frozen=True)
class _Pass:
    """One query for all nodes of `label`, left out where the graph has no `target` nodes.

    `weighs`: it needs the number of items; `writes_facts`: what it writes carries the run;
    `fades`: old evidence counts less in it, where a half-life is set.
    """

    query: str
    label: str
    target: str
    weighs: bool = False
    writes_facts: bool = True
    fades: bool = False

    @property
    def identifiers(self) -> Mapping[str, str]:
        match self.query:
            case "mention_counts":
                return {"__LABEL__": self.target, "__KEY__": NODES[self.target].key}
            case "item_mentions" | "user_mentions":
                return {"__LABEL__": self.target}
            case _:
                return {}


_PASSES: Final = (
    _Pass("item_counts", "Item", "User", writes_facts=False),
    _Pass("user_counts", "User", "Item", writes_facts=False),
    _Pass("mention_counts", "Entity", "Entity", writes_facts=False),
    _Pass("mention_counts", "Aspect", "Aspect", writes_facts=False),
    _Pass("topic_counts", "Topic", "Topic", writes_facts=False),
    _Pass("attribute_counts", "Attribute", "Attribute", writes_facts=False),
    _Pass("item_mentions", "Item", "Entity", weighs=True),
    _Pass("item_mentions", "Item", "Aspect", weighs=True),
    _Pass("item_topics", "Item", "Topic"),
    _Pass("user_mentions", "User", "Entity", weighs=True, fades=True),
    _Pass("user_mentions", "User", "Aspect", weighs=True, fades=True),
    _Pass("user_topics", "User", "Topic", fades=True),
    _Pass("user_attributes", "User", "Attribute", weighs=True, fades=True),
)


def derive(
    store: Store,
    *,
    run_id: str,
    half_life_days: float | None = None,
    progress: Progress = no_progress,
) -> dict[str, float]:
    """Derive counts, :DESCRIBED_BY and :INTERESTED_IN; remove what lost its evidence.

    A page of items or users is one transaction, so a profile is whole at every moment. Deriving
    twice leaves the graph as it is, run ids aside: age is measured against the newest evidence.

    Args:
        run_id: the :EtlRun whose facts are in the graph now.
        half_life_days: age at which evidence of an interest counts half; None: none fades.

    Returns:
        Seconds by step.

    Raises:
        GraphError: a transaction failed; run it again.
    """
    keys = {label: _keys(store, label) for label in _LABELS}
    passes = [each for each in _PASSES if len(keys[each.label]) and len(keys[each.target])]
    total = sum(len(keys[each.label]) for each in passes)
    fading = {"newestAt": _newest(store, half_life_days), "halfLifeDays": half_life_days}
    seconds: dict[str, float] = {}
    done = 0
    for each in passes:
        started = time.perf_counter()
        parameters: dict[str, Any] = {}
        if each.weighs:
            parameters["itemTotal"] = len(keys["Item"])
        if each.writes_facts:
            parameters["runId"] = run_id
        if each.fades:
            parameters |= fading
        store.write_rows(
            f"derive/{each.query}",
            keys[each.label],
            key=["key"],
            identifiers=each.identifiers,
            batch_size=PAGE,
            progress=_shifted(progress, done, total),
            **parameters,
        )
        done += len(keys[each.label])
        seconds[f"{each.query} {each.target}"] = time.perf_counter() - started
    return seconds


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
