"""The gate: what is published, what is held back and why, and who forces it through."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import psutil
import pytest
from list_world import make_listed_run, people_and_things, shown
from server_environment import point_at

from embeddings.expectation import Expectation
from embeddings.gate import Judged, expectations
from embeddings.publication import ListFigures
from embeddings.settings import GateSettings
from kg.published import live_run
from kg.store import Store
from recommender.cli.app import run_app
from recommender.environment import Environment
from recommender.graph import Graph

SPLIT = {"method": "random", "valid": 0.1, "test": 0.1, "seed": 20}
RIGHT = ListFigures(
    users=10,
    items=100,
    users_with_list=9,
    items_listed=40,
    places=90,
    unexplained=0,
    infinite=0,
    least=0.1,
    greatest=0.9,
)


def judged(
    run_id: str,
    mean: float,
    low: float,
    high: float,
    split: Mapping[str, object] = SPLIT,
    first: float | None = 0.12,
) -> Judged:
    return Judged(run_id, {"ndcg@10": mean}, {"ndcg@10": (low, high)}, split, first)


def verdicts(
    figures: ListFigures = RIGHT,
    new: Judged | None = None,
    live: Judged | None = None,
    settings: GateSettings | None = None,
) -> dict[str, Expectation]:
    found = expectations(
        figures, new or judged("r2", 0.3, 0.2, 0.4), live, settings or GateSettings()
    )
    return {each.name.split(",")[0]: each for each in found}


def test_a_first_run_with_sound_lists_passes() -> None:
    found = verdicts()
    assert {name: each.met for name, each in found.items()} == {
        "users with a list": True,
        "items on a list": True,
        "scores": True,
        "lists whose scores are all the same": True,
        "probability of first places": None,
        "ndcg@10": None,
    }
    assert found["users with a list"].found == "0.9 (9 of 10)"
    assert found["ndcg@10"].found == "nothing else is published"


@pytest.mark.parametrize(
    ("changed", "failed"),
    [
        ({"users_with_list": 4}, "users with a list"),
        ({"items": 10_000}, "items on a list"),
        ({"infinite": 1}, "scores"),
        ({"alike": 1}, "lists whose scores are all the same"),
        ({"least": 0.5, "greatest": 0.5}, "scores"),
        ({"least": None, "greatest": None}, "scores"),
    ],
)
def test_lists_that_look_wrong_are_named(changed: dict[str, object], failed: str) -> None:
    found = verdicts(RIGHT.model_copy(update=changed))
    assert [name for name, each in found.items() if each.met is False] == [failed]


@pytest.mark.parametrize(
    ("mean", "low", "high", "met"),
    [
        (0.28, 0.2, 0.29, True),  # surely worse than 0.3, but by less than a tenth
        (0.20, 0.1, 0.31, True),  # by more than a tenth, but 0.3 is in its interval
        (0.20, 0.1, 0.29, False),
        (0.40, 0.3, 0.5, True),
    ],
)
def test_what_is_much_and_surely_worse_is_held_back(
    mean: float, low: float, high: float, met: bool
) -> None:
    found = verdicts(new=judged("r2", mean, low, high), live=judged("r1", 0.3, 0.25, 0.35))
    assert found["ndcg@10"].met is met
    assert found["ndcg@10"].wanted == "not more than 10% below the 0.3000 of run r1"
    assert found["ndcg@10"].found.startswith(f"{mean:.4f}")


@pytest.mark.parametrize(
    ("first", "met"), [(0.30, True), (0.04, True), (0.31, False), (0.03, False), (None, None)]
)
def test_first_places_are_about_as_probable_as_those_published(
    first: float | None, met: bool | None
) -> None:
    new, live = judged("r2", 0.3, 0.2, 0.4, first=first), judged("r1", 0.3, 0.2, 0.4, first=0.1)
    found = verdicts(new=new, live=live)["probability of first places"]
    assert found.met is met
    by_time = judged("r1", 0.3, 0.2, 0.4, SPLIT | {"method": "global_time"}, first=0.1)
    assert verdicts(new=new, live=by_time)["probability of first places"].met is None


def test_runs_that_were_judged_otherwise_are_not_compared() -> None:
    bad = judged("r2", 0.1, 0.1, 0.1)
    by_time = judged("r1", 0.3, 0.25, 0.35, SPLIT | {"method": "global_time"})
    found = verdicts(new=bad, live=by_time)["ndcg@10"]
    assert found.met is None
    assert found.found == (
        "not comparable: run r1 held pairs out with split.method global_time, this one with random"
    )
    unknown = verdicts(new=bad, live=judged("r1", 0.3, 0.25, 0.35, {}))["ndcg@10"]
    assert unknown.found == "nobody wrote down how run r1 was judged"
    other = verdicts(settings=GateSettings(metric="mrr@10"), live=by_time)["mrr@10"]
    assert other.found == "run r2 was not judged by it"
    off = verdicts(new=bad, live=judged("r1", 0.3, 0.25, 0.35), settings=GateSettings(margin=None))
    assert off["ndcg@10"].met is None


class House:
    """A tea house whose runs have one list each, and were judged."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.runs = store, folder / "runs"
        people_and_things(store, ["ann"], ["assam", "mate"])

    def run(self, run_id: str, tea: str, ndcg: float, publish: dict[str, object]) -> Path:
        own = {"test": {"ndcg@10": ndcg}, "intervals": {"ndcg@10": [ndcg - 0.01, ndcg + 0.01]}}
        metrics = {"models": {"by-hand": own}, "split": SPLIT}
        lists = {"ann": [tea, "mate" if tea == "assam" else "assam"]}
        with Graph(Environment.read(), "tea") as graph:
            return make_listed_run(
                self.runs, run_id, lists, graph=graph, metrics=metrics, publish=publish
            ).path


@pytest.fixture
def house(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    point_at(store, tmp_path, monkeypatch)
    return House(store, tmp_path)


def test_a_worse_run_is_held_back_until_somebody_forces_it(house: House, capsys) -> None:
    house.run("r1", "assam", 0.3, {})
    assert run_app(["publish", "r1"]) == 0
    folder = house.run("r2", "mate", 0.2, {})
    capsys.readouterr()
    assert run_app(["publish", "r2"]) == 6
    said = capsys.readouterr().err
    assert "0.2000 (95 %: 0.1900 … 0.2100)" in said
    assert "not more than 10% below the 0.3000 of run r1" in said
    assert "kgrec publish r2 --force" in said
    assert shown(house.store, "ann")[0] == "assam"
    live = live_run(house.store)
    assert live is not None
    assert (live.run_id, live.forced_by) == ("r1", None)
    kept = json.loads((folder / "gate.json").read_text(encoding="utf-8"))
    assert [each["met"] for each in kept] == [True, True, True, True, None, False]

    assert run_app(["publish", "r2", "--force"]) == 0
    assert shown(house.store, "ann")[0] == "mate"
    live = live_run(house.store)
    assert live is not None
    assert (live.run_id, live.forced_by) == ("r2", psutil.Process().username())


def test_the_published_runs_first_places_are_kept_beside_its_lists(house: House, capsys) -> None:
    for run_id, first in (("r1", 0.2), ("r2", 0.01)):
        lists = house.run(run_id, "assam", 0.3, {}) / "publication" / "publication.json"
        told = json.loads(lists.read_text())
        told["figures"]["first"] = first
        lists.write_text(json.dumps(told))
    assert run_app(["publish", "r1"]) == 0
    assert run_app(["publish", "r2"]) == 6
    said = " ".join(capsys.readouterr().err.split())
    assert "0.0100; wanted within 3 times the 0.2000 of run r1, up or down" in said


def test_force_is_not_noted_where_nothing_had_to_be_forced(house: House) -> None:
    house.run("r1", "assam", 0.3, {})
    assert run_app(["publish", "r1", "--force"]) == 0
    live = live_run(house.store)
    assert live is not None
    assert live.forced_by is None


def test_a_rollback_asks_no_gate(house: House) -> None:
    house.run("r1", "assam", 0.2, {})
    run_app(["publish", "r1"])
    house.run("r2", "mate", 0.3, {})
    run_app(["publish", "r2"])
    assert run_app(["rollback"]) == 0
    assert shown(house.store, "ann")[0] == "assam"


def test_lists_that_look_wrong_reach_nobody(house: House, capsys) -> None:
    house.run("r1", "assam", 0.3, {"gate": {"items": 1.0}})
    folder = house.runs / "r1" / "publication" / "publication.json"
    told = json.loads(folder.read_text())
    told["figures"]["items"] = 4
    folder.write_text(json.dumps(told))
    assert run_app(["publish", "r1"]) == 6
    assert "items on a list: 0.5 (2 of 4); wanted at least 1 of them" in capsys.readouterr().err
    assert shown(house.store, "ann") == []


def test_force_is_for_runs_alone(house: House, capsys) -> None:
    assert run_app(["publish", "tea.yaml", "--force"]) == 2
    assert "--force goes with the id of a run" in capsys.readouterr().err
