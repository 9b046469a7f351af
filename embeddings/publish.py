"""A publication into the graph: lists with reasons, similar items, attention, vectors.

Whatever else happens meanwhile, a query that reads a user's list by the user's mark sees the old
one whole or the new one whole; see `embeddings.write_lists`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from embeddings.present_keys import PresentKeys
from embeddings.publication import BATCH_PLACES, Part, Publication
from embeddings.write_lists import next_mark, show_kept_lists, write_lists
from kg.ahead import ahead
from kg.progress import Progress, no_progress
from kg.repeat import repeat_write
from kg.runs import epoch_millis
from kg.store import Store

logger = logging.getLogger(__name__)

_BATCH_NODES: Final = 2_000
_STEPS: Final = {
    "SIMILAR_TO": "similar items",
    "attention": "attention",
    "embeddings": "vectors",
    "text vectors": "text vectors",
}


@dataclass(frozen=True)
class PublishReport:
    """What was published.

    Attributes:
        counts: relationships and nodes written, by what they are; `unexplained` counts places
            that were left out because nothing in the graph supports them, `places gone` and
            `users gone` what is not in the graph any more.
        seconds: time by step.
    """

    counts: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


def publish(
    store: Store,
    publication: Publication,
    *,
    run_id: str,
    now: datetime,
    keep: str | None = None,
    there: bool = False,
    progress: Progress = no_progress,
) -> PublishReport:
    """Write a publication, and remove what earlier ones left.

    Publishing again writes the same; an interrupted one leaves every list whole, each of one run.
    What has left the graph since the publication was made is skipped and counted.

    Args:
        run_id: its :ModelRun.
        now: when it publishes.
        keep: the run whose lists stay in the graph, unread.
        there: its own lists have stayed so; they are shown, not written.
    """
    report = PublishReport()
    clock = _Clock(report.seconds)
    present = PresentKeys.of(store)
    report.counts.update(
        _show_lists(store, publication, present, run_id, progress)
        if there
        else _write_lists(store, publication, present, run_id, now, keep, progress)
    )
    clock.stop("lists")
    for part in publication.parts:
        write = partial(
            store.write_rows,
            part.query,
            present.rows(part, publication.read(part)),
            key=[part.key],
            identifiers=part.identifiers,
            batch_size=_batch_size(part),
        )
        write(runId=run_id) if part.query == "write/similar_items" else write()
        report.counts[part.kind] = report.counts.get(part.kind, 0) + part.size
        clock.stop(_STEPS[part.kind])
    report.counts.update({kind: 0 for kind in _STEPS if kind not in report.counts})
    _clear(store, publication)
    report.counts["SIMILAR_TO removed"] = repeat_write(
        store, "write/remove_unpublished", limit=_BATCH_NODES, runId=run_id
    )
    clock.stop("clean-up")
    return report


@dataclass
class _Clock:
    """Adds the time since the last stop to a step."""

    seconds: dict[str, float]
    last: float = field(default_factory=time.perf_counter)

    def stop(self, step: str) -> None:
        now = time.perf_counter()
        self.seconds[step] = self.seconds.get(step, 0.0) + now - self.last
        self.last = now


def _show_lists(
    store: Store, publication: Publication, present: PresentKeys, run_id: str, progress: Progress
) -> dict[str, int]:
    everybody = present.keys["User"].to_pylist()
    users, places = show_kept_lists(store, everybody, run_id=run_id, progress=progress)
    figures = publication.figures
    return {
        "RECOMMENDED": places,
        "RECOMMENDED removed": 0,
        "users": users,
        "unexplained": figures.unexplained,
        "users gone": figures.users_with_list - users,
        "places gone": figures.places - places,
    }


def _write_lists(
    store: Store,
    publication: Publication,
    present: PresentKeys,
    run_id: str,
    now: datetime,
    keep: str | None,
    progress: Progress,
) -> dict[str, int]:
    figures = publication.figures
    counts = {"RECOMMENDED": 0, "users": 0, "unexplained": figures.unexplained}

    def blocks() -> Iterator[pa.Table]:
        for block in publication.list_blocks():
            fitting = present.lists(block)
            counts["users"] += fitting.num_rows
            counts["RECOMMENDED"] += int(
                pc.sum(pc.list_value_length(fitting["items"])).as_py() or 0
            )
            yield fitting

    counts["RECOMMENDED removed"] = write_lists(
        store,
        ahead(blocks()),
        run_id=run_id,
        at=next_mark(store, epoch_millis(now)),
        users=publication.lists.rows,
        keep=keep,
        progress=progress,
    )
    counts["users gone"] = publication.lists.rows - counts["users"]
    counts["places gone"] = figures.places - counts["RECOMMENDED"]
    return counts


def _clear(store: Store, publication: Publication) -> None:
    """Remove what an earlier run left of a kind that this publication has nothing of."""
    kinds = {part.kind for part in publication.parts}
    if "attention" not in kinds:
        repeat_write(store, "write/clear_attention", limit=BATCH_PLACES)
    if "embeddings" not in kinds:
        for label in ("User", "Item"):
            named = {"__LABEL__": label}
            repeat_write(store, "write/clear_embeddings", named, limit=_BATCH_NODES)


def _batch_size(part: Part) -> int:
    """Rows of one transaction: so many nodes, or about so many relationships."""
    if part.kind in ("embeddings", "text vectors"):
        return _BATCH_NODES
    return max(1, round(BATCH_PLACES / max(1.0, part.size / max(1, part.rows))))
