"""`kgrec runs prune`: which folders go, and which never do."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from list_world import make_listed_run, people_and_things
from run_world import make_run
from server_environment import point_at

from kg.store import Store
from recommender.cli.app import run_app
from recommender.environment import Environment
from recommender.graph import Graph
from recommender.locks import exclusive
from recommender.prune import verdicts
from recommender.run_folder import RunFolder, RunRecord, Runs, StageRecord

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def nothing(records: Sequence[RunRecord]) -> Mapping[str, str]:
    return {}


def kept(runs: Path, keep: int, needed=nothing) -> dict[str, str]:
    return {each.record.id: each.kept for each in verdicts(Runs(runs), keep, needed)}


def test_the_newest_of_each_dataset_stay(tmp_path: Path) -> None:
    for run_id in ("a1", "a2", "a3"):
        make_run(tmp_path, run_id, "apples")
    make_run(tmp_path, "b1", "bread")
    assert kept(tmp_path, 2) == {
        "b1": "one of the newest 2",
        "a3": "one of the newest 2",
        "a2": "one of the newest 2",
        "a1": "",
    }


def test_a_graph_is_asked_for_its_own_runs_and_only_if_one_could_go(tmp_path: Path) -> None:
    for run_id, dataset in (("a1", "apples"), ("a2", "apples"), ("b1", "bread")):
        make_run(tmp_path, run_id, dataset)
    asked: list[list[str]] = []

    def needed(records: Sequence[RunRecord]) -> Mapping[str, str]:
        asked.append([record.id for record in records])
        return {"a1": "published"}

    assert kept(tmp_path, 1, needed)["a1"] == "published"
    assert asked == [["a2", "a1"]]


def test_the_only_place_that_keeps_what_a_source_tells_no_more_stays(tmp_path: Path) -> None:
    for run_id in ("a1", "a2", "a3"):
        run = RunFolder(make_run(tmp_path, run_id, "apples"))
        if run_id != "a3":  # which failed before it had read
            record, now = run.record(), NOW
            read = StageRecord(fingerprint="x", status="done", by=run_id, started_at=now)
            run.save(record.model_copy(update={"stages": {"read": read}}))
            (run.path / "kept").mkdir()
            (run.path / "kept" / "interactions.parquet").touch()
    assert kept(tmp_path, 1) == {
        "a3": "one of the newest 1",
        "a2": "keeps rows that its sources tell no more",
        "a1": "",
    }


def test_what_a_kept_run_rests_on_stays_however_far_back(tmp_path: Path) -> None:
    for run_id, by in (("r1", "r1"), ("r2", "r1"), ("r3", "r3"), ("r4", "r2")):
        run = RunFolder(make_run(tmp_path, run_id))
        stage = StageRecord(fingerprint="f", status="done", by=by, started_at=NOW)
        run.save(run.record().model_copy(update={"stages": {"read": stage}}))
    assert kept(tmp_path, 1) == {
        "r4": "one of the newest 1",
        "r3": "",
        "r2": "run r4 rests on it",
        "r1": "run r2 rests on it",
    }


def test_a_run_at_work_stays_and_one_that_was_killed_may_go(tmp_path: Path) -> None:
    for run_id, pid in (("r1", os.getpid()), ("r2", 2**22 + 1), ("r3", 1)):
        run = RunFolder(make_run(tmp_path, run_id))
        run.save(run.record().model_copy(update={"status": "running", "pid": pid}))
    assert {name: why for name, why in kept(tmp_path, 1).items() if name != "r3"} == {
        "r2": "",
        "r1": "running",
    }


def test_a_file_that_another_run_shares_frees_nothing(tmp_path: Path) -> None:
    for run_id in ("r1", "r2"):
        make_run(tmp_path, run_id)
    (tmp_path / "r1" / "big").write_bytes(bytes(1000))
    alone = verdicts(Runs(tmp_path), 1, nothing)[1].frees
    os.link(tmp_path / "r1" / "big", tmp_path / "r2" / "big")
    assert verdicts(Runs(tmp_path), 1, nothing)[1].frees == alone - 1000


class House:
    """A tea house with four runs, three of them published, and gone back from the last."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.runs = folder / "runs"
        people_and_things(store, ["ann"], ["assam"])
        for run_id in ("r1", "r2", "r3", "r4"):
            with Graph(Environment.read(), "tea") as graph:
                make_listed_run(self.runs, run_id, {"ann": ["assam"]}, graph=graph)
        for command in (["publish", "r1"], ["publish", "r2"], ["publish", "r3"], ["rollback"]):
            assert run_app(command) == 0

    def left(self) -> list[str]:
        return [run.id for run in Runs(self.runs)]


@pytest.fixture
def house(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    point_at(store, tmp_path, monkeypatch)
    return House(store, tmp_path)


def test_the_published_run_and_the_one_before_it_stay(house: House, capsys) -> None:
    capsys.readouterr()
    prune = ["runs", "prune", "--keep", "1", "--format", "json"]
    assert run_app([*prune, "--dry-run"]) == 0
    told = {row["run"]: row["what"] for row in json.loads(capsys.readouterr().out)}
    assert told == {
        "r4": "stays: one of the newest 1",
        "r3": "would be deleted",
        "r2": "stays: published",
        "r1": "stays: published before that one, for a rollback",
    }
    assert house.left() == ["r4", "r3", "r2", "r1"]
    assert run_app(prune) == 0
    assert house.left() == ["r4", "r2", "r1"]
    assert not (house.runs / "r3").exists()
    assert run_app(["rollback"]) == 0, "what it needs is there"


def test_nothing_goes_while_a_run_is_at_work(house: House, capsys) -> None:
    with exclusive(house.runs / ".lock", what="the runs", now=NOW):
        assert run_app(["runs", "prune", "--keep", "1"]) == 5
    assert "Another run is using" in capsys.readouterr().err
    assert len(house.left()) == 4


def test_runs_of_a_graph_that_was_not_asked_stay(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NEO4J_URI")
    assert run_app(["runs", "prune", "--keep", "1"]) == 0
    assert len(house.left()) == 4
