"""Data before training: what is looked at, what is refused with both figures, and who forces it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from run_world import make_run
from snapshot_world import make_snapshot, rated, review

from embeddings.check_settings import CheckSettings
from embeddings.data_checks import Figures, expectations
from embeddings.expectation import Expectation
from etl.tables import TOPIC_DRIFT
from kg.errors import UnfitDataError
from recommender.config import Config
from recommender.graph import Graph
from recommender.run_folder import RunFolder, StageRecord
from recommender.stage import StageContext, StageResult
from recommender.stages.check import check

NOW = datetime(2026, 3, 2, tzinfo=UTC)
BEFORE = Figures(
    counts={"users": 1_000, "items": 50, "interactions": 8_000, "reviews": 400},
    kinds=["interactions RATED", "items.title"],
    likes=0.6,
    judged=8_000,
    unknown_language=4,
    topics={},
)


def judge(before: Figures | None = BEFORE, **changed: object) -> dict[str, Expectation]:
    settings = CheckSettings.model_validate(changed.pop("settings", {}))
    found = expectations(BEFORE.model_copy(update=changed), before, settings)
    return {each.name: each for each in found}


def test_the_same_data_again_are_as_expected() -> None:
    found = judge()
    assert {name: each.met for name, each in found.items()} == {
        "users": True,
        "items": None,  # fifty items say little by their number
        "interactions": True,
        "reviews": True,
        "kinds of data": True,
        "share of likes": True,
        "reviews of unknown language": True,
        "topics that lasted": None,
    }


def test_a_first_run_is_beside_nothing() -> None:
    found = judge(None)
    judged = {name for name, each in found.items() if each.met is not None}
    assert judged == {"reviews of unknown language"}
    unjudged = {name: each.found for name, each in found.items() if name not in judged}
    assert unjudged.pop("topics that lasted") == "no run before has topics"
    assert unjudged["users"] == "1,000; there is no run before"
    assert all(found.endswith("; there is no run before") for found in unjudged.values())


@pytest.mark.parametrize(
    ("changed", "failed", "told"),
    [
        (
            {"counts": BEFORE.counts | {"users": 499}},
            "users",
            "499 (0.499); wanted at least 0.5 and at most 10 of the 1,000 before",
        ),
        (
            {"counts": BEFORE.counts | {"interactions": 80_001}},
            "interactions",
            "80,001 (10); wanted at least 0.5 and at most 10 of the 8,000 before",
        ),
        ({"kinds": ["items.title"]}, "kinds of data", "gone: interactions RATED; wanted the 2"),
        ({"likes": 0.85}, "share of likes", "0.850; wanted 0.600 ± 0.2"),
        (
            {"unknown_language": 201},
            "reviews of unknown language",
            "0.502 (201 of 400); wanted at most 0.5 of them",
        ),
        (
            {"topics": {"kept": 1, "died": 7, "merged": 1, "born": 9}},
            "topics that lasted",
            "0.111 (1 of 9); wanted at least 0.2 of them",
        ),
    ],
)
def test_what_is_not_as_expected_is_named_with_both_figures(
    changed: dict[str, object], failed: str, told: str
) -> None:
    found = judge(**changed)
    assert [name for name, each in found.items() if each.met is False] == [failed]
    assert str(found[failed]).startswith(f"{failed}: {told}")


def test_what_the_config_does_not_ask_is_not_judged() -> None:
    off = dict.fromkeys(("fewest", "most", "likes", "unknown_language", "topics_kept"))
    worst = {"counts": dict.fromkeys(BEFORE.counts, 1), "kinds": [], "likes": 0.0}
    found = judge(**worst, topics={"died": 9}, settings={**off, "vanished": True})
    assert {each.met for each in found.values()} == {None}
    assert all("the config does not ask" in each.found for each in found.values())


def write_shop(folder: Path, people: int, *, liked: bool = True) -> None:
    """A snapshot in which each of some people rated a lamp and wrote of it."""
    users = [f"u{n}" for n in range(people)]
    snapshot = make_snapshot(
        users=[{"user_id": user} for user in users],
        items=[{"item_id": "lamp", "title": "Lamp"}],
        interactions=[rated(user, "lamp", rating=5.0, positive=liked) for user in users],
        reviews=[review(user, "lamp", "fine", language="en") for user in users[1:]]
        + [review(users[0], "lamp", "?", language="und")],
        traits=[{"user_id": "u0", "name": "town", "value": "Leeds"}],
        attributes=[{"item_id": "lamp", "attribute_id": "Brand:lumo", "kind": "Brand"}],
    )
    snapshot.save(folder / "snapshot")
    (folder / "staging").mkdir()
    change = {"change": "kept", "topic_id": "t", "label": "light"}
    pq.write_table(
        pa.Table.from_pylist([change], TOPIC_DRIFT), folder / "staging" / "topic_drift.parquet"
    )


def test_figures_are_what_the_snapshot_holds(tmp_path: Path) -> None:
    write_shop(tmp_path, 3)
    found = Figures.of(tmp_path / "snapshot", tmp_path / "staging" / "topic_drift.parquet")
    assert found.counts == {"users": 3, "items": 1, "interactions": 3, "reviews": 3}
    assert found.kinds == [
        "attributes Brand",
        "interactions RATED",
        "interactions.at",
        "interactions.positive",
        "interactions.rating",
        "items.title",
        "traits town",
    ]
    assert (found.likes, found.judged, found.unknown_language) == (1.0, 3, 1)
    assert found.topics == {"kept": 1}
    empty = tmp_path / "empty"
    make_snapshot().save(empty)
    nothing = Figures.of(empty, tmp_path / "gone.parquet")
    assert (nothing.counts["users"], nothing.kinds, nothing.likes, nothing.topics) == (
        0,
        [],
        None,
        {},
    )


class Shop:
    """A shop whose runs get as far as the check."""

    def __init__(self, runs: Path) -> None:
        self.runs = runs

    def run(
        self, run_id: str, people: int, *, force: bool = False, **config: object
    ) -> StageResult:
        source = {"type": "adjacency", "path": f"{run_id}.txt"}
        told = Config.model_validate({"name": "shop", "sources": [source], **config})
        folder = make_run(self.runs, run_id)
        told.write(folder / "config.yaml")
        write_shop(folder, people)
        result = check(
            StageContext(
                config=told,
                folder=folder,
                stages=["check"],
                run_id=run_id,
                etl_run_id="",
                graph=cast(Graph, None),
                cache=self.runs,
                now=NOW,
                progress=lambda *_: None,
                force_data=force,
            )
        )
        done = StageRecord(fingerprint="f", status="done", by=run_id, started_at=NOW)
        run = RunFolder(folder)
        run.save(run.record().model_copy(update={"stages": {"check": done}}))
        return result

    def document(self, run_id: str) -> dict[str, object]:
        text = (self.runs / run_id / "checks.json").read_text(encoding="utf-8")
        return dict(json.loads(text))


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "runs")


def test_a_run_that_lost_its_people_learns_nothing_until_somebody_forces_it(shop: Shop) -> None:
    assert shop.run("r1", 200).summary == "2 of 2 expectations met"
    with pytest.raises(UnfitDataError) as refused:
        shop.run("r2", 40)
    assert "users: 40 (0.2); wanted at least 0.5 and at most 10 of the 200" in str(refused.value)
    assert "--force-data" in refused.value.remedy
    assert refused.value.exit_code == 6
    page = (shop.runs / "r2" / "report.html").read_text(encoding="utf-8")
    assert "40 (0.2)" in page
    assert "not met" in page
    assert shop.document("r2")["forced_by"] is None

    me = psutil.Process().username()
    assert shop.run("r3", 40, force=True).summary.endswith(f"forced by {me}")
    assert shop.document("r3")["forced_by"] == me
    shop.run("r4", 60)  # beside those forty; what was refused is never compared with
    assert "60; there were fewer than 100" in str(shop.document("r4"))


def test_nobody_is_noted_where_nothing_had_to_be_forced(shop: Shop) -> None:
    shop.run("r1", 200, force=True)
    assert shop.document("r1")["forced_by"] is None


def test_a_run_that_reads_otherwise_is_not_compared(shop: Shop) -> None:
    shop.run("r1", 200)
    shop.run("r2", 40, read={"only_interacted_items": True})
    assert "there is no run before" in str(shop.document("r2"))


def test_a_run_whose_config_another_version_wrote_is_not_compared(shop: Shop) -> None:
    shop.run("r1", 200)
    with (shop.runs / "r1" / "config.yaml").open("a", encoding="utf-8") as config:
        config.write("of_a_later_version: 1\n")
    shop.run("r2", 40)
    assert "there is no run before" in str(shop.document("r2"))


def test_a_run_without_checks_has_no_say(shop: Shop) -> None:
    make_run(shop.runs, "r0")
    shop.run("r1", 40)
    assert "there is no run before" in str(shop.document("r1"))
