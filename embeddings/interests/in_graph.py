"""Segments in the graph: read :INTERESTED_IN, group the people, write :Segment nodes."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from scipy.sparse import csr_array

from embeddings.interests.segments import Segmentation, segment, traits
from embeddings.interests.weights import KINDS
from kg.runs import list_runs
from kg.schema import NODES
from kg.store import Store

METHOD: Final = "spherical-k-means/1"
TRAITS: Final = 15
"""Things that a segment is known for, at most."""
_BATCH: Final = 5_000
_ROW: Final[Mapping[str, pl.DataType | type[pl.DataType]]] = {
    "user": pl.String,
    "thing": pl.List(pl.String),
    "name": pl.List(pl.String),
    "weight": pl.List(pl.Float64),
}


@dataclass(frozen=True)
class Interests:
    """What the graph says that users care for.

    Attributes:
        users: keys, in the order of rows.
        things: kind (label), thing (key), name; in the order of columns.
        weights: (U, T).
    """

    users: list[str]
    things: pl.DataFrame
    weights: csr_array


@dataclass(frozen=True)
class SegmentReport:
    """What was found.

    Attributes:
        segments: segment, name, people, known for (things with their lift), largest first.
        stability: how far segments from other starts agree, at most 1.
        outside: users with too few interests to belong anywhere.
        removed: segments of earlier times that are no more.
    """

    segments: list[dict[str, object]]
    stability: float
    outside: int
    removed: int


def read_interests(store: Store) -> Interests:
    """Read all :INTERESTED_IN, kind by kind."""
    tables = []
    for kind in KINDS:
        identifiers = {"__LABEL__": kind, "__KEY__": NODES[kind].key}
        rows = itertools.chain.from_iterable(store.stream("read/interests", 10_000, identifiers))
        nested = pl.DataFrame(list(rows), schema=_ROW, orient="row")
        tables.append(nested.with_columns(kind=pl.lit(kind)))
    everything = pl.concat(tables)
    users = everything["user"].unique().sort()
    filled = everything.filter(pl.col("thing").list.len() > 0)
    facts = filled.explode("thing", "name", "weight")
    things = facts.select("kind", "thing", "name").unique(["kind", "thing"]).sort("kind", "thing")
    placed = facts.join(users.to_frame().with_row_index("row"), on="user").join(
        things.select("kind", "thing").with_row_index("column"), on=["kind", "thing"]
    )
    where = (placed["row"].to_numpy(), placed["column"].to_numpy())
    shape = (len(users), things.height)
    return Interests(
        users.to_list(), things, csr_array((placed["weight"].to_numpy(), where), shape=shape)
    )


def segment_graph(store: Store, *, count: int | None = None, seed: int = 20) -> SegmentReport:
    """Group the users of a graph by their interests and keep the segments in it.

    The same interests give the same segments. Those of an earlier time are replaced; a user with
    few interests is in none.

    Args:
        count: number of segments; None: the largest on which different starts agree well.
        seed: of everything random.

    Raises:
        ModelError: too few people have interests enough.
    """
    interests = read_interests(store)
    found = segment(interests.weights, count=count, seed=seed)
    rows = _rows(interests, found)
    run = next((run.run_id for run in list_runs(store, "EtlRun") if run.status == "done"), None)
    store.write("write/segments", rows=rows, method=METHOD, stability=found.stability, runId=run)
    people = [
        {
            "user_id": user,
            "segment_id": _key(label) if label >= 0 else None,
            "fit": round(fit, 6),
        }
        for user, label, fit in zip(
            interests.users, found.labels.tolist(), found.fit.tolist(), strict=True
        )
    ]
    for first in range(0, len(people), _BATCH):
        store.write("write/segment_people", rows=people[first : first + _BATCH])
    kept = [row["segment_id"] for row in rows]
    removed = int(str(store.write("write/remove_segments", kept=kept)[0]["removed"]))
    outside = int((found.labels < 0).sum())
    return SegmentReport([_told(row) for row in rows], found.stability, outside, removed)


def describe_again(store: Store) -> int:
    """Count the people of the segments anew and say what sets them apart now; return how many.

    Nobody changes segments. For when people or their words have gone.
    """
    members = {str(row["userId"]): row for row in store.read("read/segment_members")}
    if not members:
        return 0
    interests = read_interests(store)
    labels = np.array(
        [
            int(str(members[user]["segmentId"]).removeprefix("segment-")) - 1
            if user in members
            else -1
            for user in interests.users
        ]
    )
    stability = float(str(next(iter(members.values()))["stability"]))
    known = {str(row["segmentId"]) for row in members.values()}
    rows = _rows(interests, Segmentation(labels, np.zeros(len(labels)), stability))
    rows = [row for row in rows if row["segment_id"] in known]
    run = next((run.run_id for run in list_runs(store, "EtlRun") if run.status == "done"), None)
    store.write("write/segments", rows=rows, method=METHOD, stability=stability, runId=run)
    return len(rows)


def _rows(interests: Interests, found: Segmentation) -> list[dict[str, object]]:
    """What `write/segments` takes."""
    named = interests.things.select(
        pl.int_range(pl.len()).alias("place"), label="kind", key="thing", name="name"
    )
    known = traits(interests.weights, found.labels).join(
        named, left_on="thing", right_on="place", maintain_order="left"
    )
    rows: list[dict[str, object]] = []
    for number in range(found.count):
        own = known.filter(segment=number).head(TRAITS)
        names = own["name"].unique(maintain_order=True).head(3)
        columns = ("label", "key", "name", "people", "share", "lift", "low")
        rows.append(
            {
                "segment_id": _key(number),
                "name": ", ".join(names) or "nothing sets it apart",
                "size": int((found.labels == number).sum()),
                "traits": [
                    {"rank": rank, **row}
                    for rank, row in enumerate(own.select(columns).to_dicts(), start=1)
                ],
            }
        )
    return rows


def _key(number: int) -> str:
    return f"segment-{number + 1}"


def _told(row: Mapping[str, Any]) -> dict[str, object]:
    lifts: dict[str, float] = {}
    for each in row["traits"]:
        lifts.setdefault(each["name"], each["lift"])  # a director may also be a writer
    known = [f"{name} ×{lift:.1f}" for name, lift in list(lifts.items())[:8]]
    return {
        "segment": row["segment_id"],
        "people": row["size"],
        "known for": ", ".join(known),
    }
