"""Lists that anybody can tell from user and run, and what a reader of one of them saw."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from embeddings.publication import (
    BATCH_PLACES,
    LIST_SCHEMA,
    LISTS,
    ListFigures,
    Part,
    Publication,
    sha256,
)
from kg.store import Store

Verdict = Literal["right", "none", "mixed"]


@dataclass(frozen=True)
class World:
    """Users with lists that anybody can tell from user and run, so that no reader is told them.

    Attributes:
        places: on each list; two runs in a row share half of them, at other ranks.
    """

    users: int
    places: int

    @property
    def items(self) -> int:
        """More than two lists hold."""
        return 4 * self.places

    def list_of(self, user: int, run: int) -> list[str]:
        """Return the items of a list, best first."""
        first = user + run * (self.places // 2)
        return [f"i{(first + place) % self.items}" for place in range(self.places)]

    def publication(self, folder: Path, run: int) -> Publication:
        """Write all lists of a run; scores and reasons tell which run it is."""
        folder.mkdir(parents=True)
        per_block = max(1, BATCH_PLACES // self.places)
        with pq.ParquetWriter(folder / LISTS, LIST_SCHEMA, compression="zstd") as file:
            for first in range(0, self.users, per_block):
                last = min(self.users, first + per_block)
                file.write_table(self._rows(range(first, last), run))
        total = self.users * self.places
        figures = ListFigures(
            users=self.users,
            items=self.items,
            users_with_list=self.users,
            items_listed=self.items,
            places=total,
            unexplained=0,
            infinite=0,
            least=run,
            greatest=run + 1,
        )
        lists = Part(
            kind="RECOMMENDED",
            file=LISTS,
            query="write/lists",
            key="user_id",
            size=total,
            rows=self.users,
            sha256=sha256(folder / LISTS),
        )
        return Publication(
            folder=folder,
            model="by-hand",
            encoder=None,
            calibrated=True,
            figures=figures,
            lists=lists,
            parts=(),
        )

    def _rows(self, users: Sequence[int], run: int) -> pa.Table:
        lists = [self.list_of(user, run) for user in users]
        score = [run + 1 - place / self.places for place in range(self.places)]
        return pa.table(
            {
                "user_id": [f"u{user}" for user in users],
                "items": lists,
                "score": [score] * len(lists),
                "probability": [score] * len(lists),
                "rating": [[float(run)] * self.places] * len(lists),
                "reasons": [
                    [[f"popular|{run}|{item}", f"item|{run}|{item}"] for item in each]
                    for each in lists
                ],
                "cold_start": [[False] * self.places] * len(lists),
            },
            schema=LIST_SCHEMA,
        )

    def judge(self, user: int, rows: Sequence[Mapping[str, object]], runs: set[int]) -> Verdict:
        """Say what a reader saw of a user's list, who should have seen it of one of these runs.

        Args:
            rows: of `recommend/for_user`.
        """
        if not rows:
            return "none"
        seen = [
            (row["rank"], row["itemId"], row["rating"], str(row["reasons"]).split("|")[1])
            for row in rows
        ]
        return self._verdict(
            seen,
            (
                [
                    (rank, item, float(run), str(run))
                    for rank, item in enumerate(self.list_of(user, run), 1)
                ]
                for run in runs
            ),
        )

    def judge_sweep(
        self, user: int, items: Sequence[str], reasons: Sequence[str], runs: set[int]
    ) -> Verdict:
        """Say the same of one row of `read/check_places`, which keeps no order.

        Args:
            reasons: the first of each place.
        """
        if not items:
            return "none"
        seen = sorted((item, reason) for item, reason in zip(items, reasons, strict=True))
        return self._verdict(
            seen,
            (
                sorted((item, f"popular|{run}|{item}") for item in self.list_of(user, run))
                for run in runs
            ),
        )

    @staticmethod
    def _verdict(seen: object, wanted: Iterator[object]) -> Verdict:
        return "right" if any(seen == each for each in wanted) else "mixed"


def run_of(step: int) -> int:
    """Return the run of a step: publish 1, back to 0, publish 2, back to 0, publish 3 …"""
    return (step + 1) // 2 if step % 2 else 0


def kept_at(step: int) -> dict[str, Any]:
    """Return how a step publishes where replaced lists stay in the graph: `embeddings.publish`."""
    there = step > 0 and run_of(step) == 0
    before = None if there or not step else f"run-{run_of(step - 1)}"
    return {"keep": before, "there": there}


class Steps:
    """How far publishing has come, as readers may know it."""

    def __init__(self, done: Callable[[], int]) -> None:
        self.done = done
        self.first = done()

    def runs(self) -> set[int]:
        """Return the runs that a read may show which began with `first` and ends now."""
        return {run_of(step) for step in range(self.first, self.done() + 2)}


def read_one(store: Store, world: World, luck: random.Random, done: Callable[[], int]) -> Verdict:
    """Ask for the list of a random user, and judge it."""
    user, steps = luck.randrange(world.users), Steps(done)
    rows = store.read("recommend/for_user", userId=f"u{user}", limit=2 * world.places + 1)
    return world.judge(user, rows, steps.runs())


def sweep(store: Store, world: World, done: Callable[[], int]) -> Counter[Verdict]:
    """Ask for the lists of all users at once, and judge them."""
    found: Counter[Verdict] = Counter()
    steps = Steps(done)
    rows = store.read("read/check_places")
    runs = steps.runs()
    for row in rows:
        user, items, reasons = (row[name] for name in ("userId", "itemIds", "reasons"))
        firsts = [each[0] for each in reasons]  # type: ignore[attr-defined]
        found[world.judge_sweep(int(str(user)[1:]), items, firsts, runs)] += 1  # type: ignore[arg-type]
    if missing := world.users - len(rows):
        found["none"] += missing
    return found


def populate(store: Store, world: World) -> None:
    """Add users and items that have nothing to do with one another."""
    for label, key, count in (("User", "u", world.users), ("Item", "i", world.items)):
        named = {"__LABEL__": label, "__KEY__": f"{label.lower()}Id"}
        rows = pa.table(
            {
                "key": [f"{key}{number}" for number in range(count)],
                "properties": pa.array([[]] * count, pa.map_(pa.string(), pa.string())),
                "times": pa.array([[]] * count, pa.list_(pa.string())),
            }
        )
        store.write_rows("write/import_nodes", rows, key=["key"], identifiers=named)
