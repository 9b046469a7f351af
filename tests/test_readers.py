"""Who reads a list while it is published or taken back sees the old one or the new one, whole."""

from __future__ import annotations

import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from list_world import list_rows, people_and_things

from benchmarks.readers_world import (
    Verdict,
    World,
    kept_at,
    populate,
    read_one,
    run_of,
    sweep,
)
from embeddings.publish import publish
from kg.store import Store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WORLD = World(users=300, places=30)
STEPS = 6


class Publisher:
    """Publishes the world's lists step by step."""

    def __init__(self, store: Store, folder: Path, *, keep: bool) -> None:
        self.store, self.folder, self.keep, self.done = store, folder, keep, 0

    def step(self, number: int) -> None:
        publication = WORLD.publication(self.folder / str(number), run_of(number))
        how = kept_at(number) if self.keep else {}
        publish(self.store, publication, run_id=f"run-{run_of(number)}", now=NOW, **how)
        self.done = number


@pytest.mark.slow
@pytest.mark.parametrize("keep", [False, True], ids=["replaced", "kept"])
def test_no_reader_sees_half_a_list(store: Store, tmp_path: Path, keep: bool) -> None:
    populate(store, WORLD)
    publisher, stop = Publisher(store, tmp_path, keep=keep), threading.Event()
    publisher.step(0)

    def read(number: int) -> Counter[Verdict]:
        found: Counter[Verdict] = Counter()
        luck = random.Random(number)
        while not stop.is_set():
            if number == 0:
                found.update(sweep(store, WORLD, lambda: publisher.done))
            else:
                found[read_one(store, WORLD, luck, lambda: publisher.done)] += 1
        return found

    with ThreadPoolExecutor() as pool:
        readers = [pool.submit(read, number) for number in range(3)]
        try:
            for number in range(1, STEPS + 1):
                publisher.step(number)
        finally:
            stop.set()
        for reader in readers:
            assert set(reader.result()) == {"right"}


def test_a_list_of_two_runs_is_known_for_a_mix() -> None:
    world = World(users=2, places=2)
    old, new = ["i0", "i1"], ["i1", "i2"]
    assert [world.list_of(0, run) for run in (0, 1)] == [old, new]

    def rows(*places: tuple[int, str, int]) -> list[dict[str, object]]:
        return [
            {"rank": rank, "itemId": item, "rating": float(run), "reasons": [f"popular|{run}|x"]}
            for rank, item, run in places
        ]

    whole = rows((1, "i1", 1), (2, "i2", 1))
    assert world.judge(0, whole, {0, 1}) == "right"
    assert world.judge(0, whole, {0, 2}) == "mixed", "of a run that nobody should see now"
    assert world.judge(0, whole[:1], {0, 1}) == "mixed", "half of it is missing"
    assert world.judge(0, rows((1, "i1", 1), (2, "i1", 0)), {0, 1}) == "mixed"
    assert world.judge(0, [], {0, 1}) == "none"
    assert world.judge_sweep(0, ["i2", "i1"], ["popular|1|i2", "popular|1|i1"], {1}) == "right"
    assert world.judge_sweep(0, ["i2", "i1"], ["popular|1|i2", "popular|0|i1"], {0, 1}) == "mixed"


def test_a_list_is_seen_when_its_mark_is_set_and_not_before(store: Store) -> None:
    people_and_things(store, ["ann"], ["assam", "mate"])

    def seen() -> list[object]:
        return [row["itemId"] for row in store.read("recommend/for_user", userId="ann")]

    for at, items in ((1_000, ["assam", "mate"]), (2_000, ["mate"])):
        before = seen()
        store.write_rows(
            "write/lists", list_rows({"ann": items}), key=["user_id"], runId="m", at=at
        )
        assert seen() == before
        store.write("write/show_lists", userIds=["ann"], at=at)
        assert seen() == items
    store.write("write/remove_old_lists", userIds=["ann"], keep=None)
    assert seen() == ["mate"]
