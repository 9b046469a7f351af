"""The benchmark of large runs at a tiny size: every stage does its work, and its floor as much."""

from __future__ import annotations

import dataclasses
import json
import os
import time
from pathlib import Path

import numpy as np
import pytest

from benchmarks.job import Job, Server, read_job
from benchmarks.memory import Watcher
from benchmarks.scale import STEPS, Measured, measure, table
from benchmarks.scale_floors import FLOORS
from benchmarks.scale_stages import STAGES, Phases
from benchmarks.scale_world import draw_pairs
from kg.bolt import Connection
from kg.store import Store

TINY = 20_000  # 400 users, 100 items: half of all pairs


def test_the_pairs_are_distinct_and_as_many_as_asked_for() -> None:
    user, item = draw_pairs(np.random.default_rng(0), TINY, 400, 100)
    assert len(np.unique(user * 100 + item)) == TINY
    again = draw_pairs(np.random.default_rng(0), TINY, 400, 100)
    assert np.array_equal(user, again[0])
    assert np.array_equal(item, again[1])
    assert np.bincount(item)[:10].sum() > 2 * np.bincount(item)[-10:].sum()


def test_all_stages_run_one_after_the_other_and_leave_their_lists_in_the_graph(
    embedded: Connection, embedded_store: Store, tmp_path: Path
) -> None:
    embedded_store.clear()
    password = embedded.password.get_secret_value()
    server = Server("embedded", embedded.uri, embedded.username, password, embedded.database)
    job = Job("stage", "ours", TINY, 1, str(tmp_path), "", server)
    ours, floor = Phases(), Phases()
    for step, stage in STEPS:
        if step == "ours":
            STAGES[stage](job, ours)
    counts = {row["type"]: row["count"] for row in embedded_store.read("read/relationship_counts")}
    assert counts["RATED"] == TINY
    places = counts["RECOMMENDED"]
    for step, stage in STEPS:
        if step == "floor":
            FLOORS[stage](job, floor)
    assert {phase["name"] for phase in floor.done} <= {phase["name"] for phase in ours.done}
    assert all(phase["seconds"] > 0 for phase in ours.done + floor.done)
    counts = {row["type"]: row["count"] for row in embedded_store.read("read/relationship_counts")}
    assert 3_500 < places <= counts["RECOMMENDED"] == 400 * 10  # who has nearly all has less left


def test_a_job_comes_back_from_json_as_it_was() -> None:
    job = Job(
        "load", "floor", TINY, 1, "there", "", Server("embedded", "bolt://x", "me", "p", None)
    )
    assert read_job(json.dumps(dataclasses.asdict(job))) == job


def test_the_watcher_sees_memory_that_comes_and_goes() -> None:
    with Watcher(os.getpid()) as watcher:
        began = time.time()
        time.sleep(0.5)
        middle = time.time()
        held = np.ones(40_000_000)
        time.sleep(0.5)
        ended = time.time()
        del held
    before, whole = watcher.between(began, middle - 0.2), watcher.between(began, ended)
    assert whole.own - before.own > 200_000_000
    assert whole.own == whole.total


def test_what_was_measured_before_is_not_measured_again(tmp_path: Path) -> None:
    ours = {
        "name": "load",
        "began": 0.0,
        "ended": 20.0,
        "seconds": 20.0,
        "things": 1_000,
        "own": 2**30,
        "total": 2**31,
        "own_cpu": 8.0,
        "server_cpu": 9.0,
    }
    kept = {"ours load": [ours], "floor load": [ours | {"seconds": 15.0, "own_cpu": 4.0}]}
    (tmp_path / "1000").mkdir()
    (tmp_path / "1000" / "figures.json").write_text(json.dumps(kept), encoding="utf-8")
    found = measure(1_000, tmp_path, [("ours", "load"), ("floor", "load")])
    assert found == [Measured(1_000, "load", 20.0, 15.0, 8.0, 9.0, 13.0, 1.0, 2.0, 1_000)]


def test_the_table_says_what_share_of_the_floor_is_reached() -> None:
    row = Measured(1_000, "load", 20.0, 15.0, 8.0, 9.0, 3.4, 1.5, 2.5, 1_000)
    alone = dataclasses.replace(row, phase="derive", floor_seconds=None, floor_cpu=None)
    lines = table([row, alone]).splitlines()
    assert lines[2] == "| 1,000 | load | 20 | 15 | 8 | 9 | 3.4 | 0.20 | 1.5 | 2.5 |"
    assert lines[3] == "| 1,000 | derive | 20 | – | 8 | 9 | – | – | 1.5 | 2.5 |"


def test_the_plot_is_a_picture(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the extra dev is not installed")
    from benchmarks.scale_plot import draw

    row = Measured(1_000, "load", 20.0, 15.0, 8.0, 9.0, 3.4, 1.5, 2.5, 1_000)
    draw([row, dataclasses.replace(row, interactions=10_000, seconds=190.0)], tmp_path / "x.png")
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")
