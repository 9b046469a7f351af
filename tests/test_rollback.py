"""`kgrec publish RUN` and `kgrec rollback` on both servers: a tea house with lists made by hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pyarrow as pa
import pytest
from list_world import Lists, make_listed_run, people_and_things, shown
from server_environment import point_at

from kg.published import begin_publishing, keep_lists, live_run, published_runs
from kg.runs import begin_run, get_run, list_runs
from kg.store import Store
from recommender.cli.app import run_app
from recommender.environment import Environment
from recommender.graph import Graph
from recommender.run_folder import RunFolder

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MORNING: Lists = {"ann": ["assam", "mate"], "bob": ["mate"]}
NOON: Lists = {"ann": ["sencha"], "bob": ["assam", "sencha", "mate"]}
EVENING: Lists = {"ann": ["rooibos"], "bob": ["rooibos", "mate"]}


class House:
    """A tea house: runs with these lists, in the graph that the environment names."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.runs = store, folder / "runs"
        people_and_things(store, ["ann", "bob"], ["assam", "mate", "rooibos", "sencha"])

    def run(self, run_id: str, lists: Lists, *, keep: bool = False) -> RunFolder:
        publish = {"keep_replaced": keep}
        with Graph(Environment.read(), "tea") as graph:
            return make_listed_run(self.runs, run_id, lists, graph=graph, publish=publish)

    def places(self) -> dict[str, int]:
        """How many places of each run there are, read or not."""
        rows = self.store.run_text(
            "MATCH (:User)-[r:RECOMMENDED]->(:Item) RETURN r.runId AS run, count(r) AS places"
        )
        return {str(row["run"]): int(str(row["places"])) for row in rows}

    def shown(self) -> Lists:
        return {user: shown(self.store, user) for user in ("ann", "bob")}


@pytest.fixture
def house(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    point_at(store, tmp_path, monkeypatch)
    return House(store, tmp_path)


def test_a_rollback_goes_back_one_run_and_once_more_another(house: House, capsys) -> None:
    for run_id, lists in (("r1", MORNING), ("r2", NOON), ("r3", EVENING)):
        house.run(run_id, lists)
        assert run_app(["publish", run_id]) == 0
    assert house.shown() == EVENING
    capsys.readouterr()
    assert run_app(["rollback"]) == 0
    assert house.shown() == NOON
    told = capsys.readouterr().out
    assert told.startswith("Run r2 is published instead of r3")
    assert "4 recommendations for 2 users" in told
    assert run_app(["rollback"]) == 0
    assert house.shown() == MORNING
    assert run_app(["rollback"]) == 2
    assert "Run r1, which is published, replaced no other one." in capsys.readouterr().err


def test_what_comes_after_a_rollback_goes_back_to_the_good_run(house: House) -> None:
    for run_id, lists in (("r1", MORNING), ("r2", NOON)):
        house.run(run_id, lists)
        run_app(["publish", run_id])
    run_app(["rollback"])
    house.run("r3", EVENING)
    run_app(["publish", "r3"])
    assert run_app(["rollback"]) == 0
    assert house.shown() == MORNING, "not what r2 had, which was taken back"


def test_the_graph_remembers_who_published_what(house: House) -> None:
    for run_id, lists in (("r1", MORNING), ("r2", NOON)):
        house.run(run_id, lists)
        run_app(["publish", run_id])
    before = get_run(house.store, "ModelRun", "r1")
    run_app(["rollback"])
    live = live_run(house.store)
    assert live is not None
    assert (live.run_id, live.replaced, live.forced_by) == ("r1", None, None)
    assert live.published_by == psutil.Process().username()
    told = {run.run_id: run for run in published_runs(house.store)}
    assert told["r2"].replaced == "r1"
    assert told["r2"].retired_at == live.published_at
    after = get_run(house.store, "ModelRun", "r1")
    assert (after.status, after.finished_at) == ("done", before.finished_at)
    assert after.metrics["published"] == "by-hand, refitted on all data"
    assert after.data_hash == "of the teas"


def test_a_run_that_was_killed_while_it_published_runs_no_more_after_the_next(house: House) -> None:
    for run_id, lists in (("r1", MORNING), ("r2", NOON)):
        house.run(run_id, lists)
        run_app(["publish", run_id])
    begin_run(house.store, "ModelRun", "r0", now=NOW, config={}, code_version="1")
    begin_publishing(house.store, "r1")
    run_app(["publish", "r2"])
    told = {run.run_id: run.status for run in list_runs(house.store, "ModelRun")}
    assert told == {"r0": "failed", "r1": "done", "r2": "done"}
    live = live_run(house.store)
    assert live is not None
    assert (live.run_id, live.replaced) == ("r2", "r1")


def test_publishing_the_present_run_again_changes_no_history(house: House, capsys) -> None:
    for run_id, lists in (("r1", MORNING), ("r2", NOON)):
        house.run(run_id, lists)
        run_app(["publish", run_id])
    capsys.readouterr()
    assert run_app(["publish", "latest", "--json-logs"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["run"], told["instead_of"]) == ("r2", None)
    live = live_run(house.store)
    assert live is not None
    assert live.replaced == "r1"


def test_a_run_whose_folder_is_gone_is_named(house: House, capsys) -> None:
    first = house.run("r1", MORNING)
    run_app(["publish", "r1"])
    house.run("r2", NOON)
    run_app(["publish", "r2"])
    first.path.rename(house.runs.parent / "elsewhere")
    capsys.readouterr()
    assert run_app(["rollback"]) == 2
    assert "Run r1, which was published before r2, is not in runs" in capsys.readouterr().err
    assert house.shown() == NOON


def test_a_run_that_was_not_scored_or_was_made_for_another_graph_is_refused(
    house: House, capsys
) -> None:
    run = house.run("r1", MORNING)
    (run.path / "publication").rename(run.path / "elsewhere")
    assert run_app(["publish", "r1"]) == 2
    assert "Run r1 has no lists to publish" in capsys.readouterr().err
    run.save(run.record().model_copy(update={"target": "bolt://other:7687"}))
    assert run_app(["publish", "r1"]) == 2
    assert "Run r1 was made for the bolt://other:7687, not for" in capsys.readouterr().err


def test_the_first_run_of_a_graph_that_another_data_set_owns_is_refused(house: House) -> None:
    house.store.write("write/dataset", name="coffee")
    house.run("r1", MORNING)
    assert run_app(["publish", "r1"]) == 3
    assert house.shown() == {"ann": [], "bob": []}


@pytest.fixture
def kept(house: House) -> House:
    """Three runs, of which each left the lists of the one before it where they were."""
    for run_id, lists in (("r1", MORNING), ("r2", NOON), ("r3", EVENING)):
        house.run(run_id, lists, keep=True)
        assert run_app(["publish", run_id]) == 0
    return house


def test_a_rollback_to_kept_lists_writes_none(kept: House, capsys) -> None:
    assert kept.shown() == EVENING
    assert kept.places() == {"r2": 4, "r3": 3}
    capsys.readouterr()
    assert run_app(["rollback"]) == 0
    assert "4 recommendations for 2 users" in capsys.readouterr().out
    assert kept.shown() == NOON
    assert kept.places() == {"r2": 4, "r3": 3}
    assert run_app(["publish", "r3"]) == 0
    assert kept.shown() == EVENING
    assert kept.places() == {"r2": 4, "r3": 3}


def test_who_has_no_kept_list_has_none_after_a_rollback(house: House) -> None:
    house.run("r1", {"ann": ["assam"]}, keep=True)
    house.run("r2", NOON, keep=True)
    for run_id in ("r1", "r2"):
        assert run_app(["publish", run_id]) == 0
    assert run_app(["rollback"]) == 0
    assert house.shown() == {"ann": ["assam"], "bob": []}


def test_lists_that_are_kept_no_more_are_written_again(kept: House) -> None:
    kept.run("r4", MORNING)
    assert run_app(["publish", "r4"]) == 0
    assert kept.places() == {"r4": 3}
    assert run_app(["rollback"]) == 0
    assert kept.shown() == EVENING


def test_kept_lists_close_up_where_an_item_goes(kept: House) -> None:
    rows = pa.table({"key": ["sencha"]})
    kept.store.write_rows("load/remove_items", rows, key=["key"])
    assert kept.shown() == EVENING
    assert run_app(["rollback"]) == 0
    assert kept.shown() == {"ann": [], "bob": ["assam", "mate"]}


def test_lists_that_may_not_be_whole_are_written_again(kept: House) -> None:
    keep_lists(kept.store, None)
    kept.store.run_text(
        "MATCH (:User {userId: 'bob'})-[r:RECOMMENDED {runId: 'r2', rank: 2}]->() DELETE r"
    )
    assert run_app(["rollback"]) == 0
    assert kept.shown() == NOON
    assert kept.places() == {"r2": 4, "r3": 3}


def test_lists_that_were_kept_are_written_again_after_a_forgetting(
    kept: House, tmp_path: Path
) -> None:
    assert run_app(["forget", "bob", "--yes", "--runs-dir", str(tmp_path / "other")]) == 0
    assert [run.run_id for run in published_runs(kept.store) if run.lists_there] == ["r3"]
    assert run_app(["rollback"]) == 0
    assert kept.shown() == {"ann": ["sencha"], "bob": []}
    assert kept.places() == {"r2": 1}
