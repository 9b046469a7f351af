"""What items are described by and users interested in, by the formulas, on both servers."""

from __future__ import annotations

from pathlib import Path

from graph_world import graph_of, write_staging
from shop_world import JUNE, MAY, load_shop, shop

from etl.aggregates import aggregate_steps
from etl.derive import derive
from etl.evidence import evidence_of
from etl.load import load_staging
from etl.load_steps import steps_of
from etl.staging import read_staging
from kg.runs import begin_run
from kg.store import Store


def test_people_and_items_are_counted(store: Store, tmp_path: Path) -> None:
    load_shop(store, tmp_path, shop())
    items = "MATCH (i:Item) RETURN i.itemId AS id, i.userCount AS users, i.likedCount AS liked"
    users = "MATCH (u:User) RETURN u.userId AS id, u.itemCount AS items, u.likedCount AS liked"
    assert {tuple(row.values()) for row in store.run_text(items)} == {
        ("lamp-1", 2, 2),
        ("lamp-2", 1, 1),
        ("kettle", 1, 0),
    }
    assert {tuple(row.values()) for row in store.run_text(users)} == {
        ("ada", 2, 1),
        ("ben", 2, 2),
        ("cy", 0, 0),
    }
    popular = store.read("recommend/popular")
    assert [(row["itemId"], row["people"]) for row in popular] == [("lamp-1", 2), ("lamp-2", 1)]
    begin_run(store, "EtlRun", "run-2", now=JUNE, config={}, code_version="1")
    load_staging(store, write_staging(tmp_path / "2", shop()), run_id="run-2", dataset="shop")
    assert store.read("recommend/popular") == popular  # also before it is derived anew


def test_weights_are_those_of_the_formula(store: Store, tmp_path: Path) -> None:
    load_shop(store, tmp_path, shop())
    described = store.run_text(
        "MATCH (i:Item {itemId: 'lamp-1'})-[d:DESCRIBED_BY]->(t) "
        "RETURN coalesce(t.aspectId, t.topicId, t.entityId) AS what, d.support AS support, "
        "round(d.weight, 4) AS weight, round(d.sentiment, 4) AS sentiment ORDER BY what"
    )
    # three items; "light" is said of two of them: 2 / 4 · ln(1 + 3/2) / ln(4)
    assert described == [
        {"what": "Brand:lumo", "support": 1, "weight": 0.3333, "sentiment": None},
        {"what": "arm", "support": 1, "weight": 0.3333, "sentiment": 0.4},
        {"what": "light", "support": 2, "weight": 0.3305, "sentiment": 0.6},
        {"what": "t-home", "support": 1, "weight": 0.45, "sentiment": 0.8},
    ]
    interests = store.run_text(
        "MATCH (:User {userId: 'ada'})-[n:INTERESTED_IN]->(t) "
        "RETURN coalesce(t.aspectId, t.topicId, t.attributeId) AS what, n.support AS support, "
        "round(n.weight, 4) AS weight, round(n.sentiment, 4) AS sentiment ORDER BY what"
    )
    assert interests == [
        {"what": "Brand:hob", "support": 1, "weight": 0.3333, "sentiment": -1.0},
        {"what": "Brand:lumo", "support": 1, "weight": 0.2203, "sentiment": 1.0},
        {"what": "arm", "support": 1, "weight": 0.3333, "sentiment": 0.4},
        {"what": "light", "support": 2, "weight": 0.3305, "sentiment": 0.1},
        {"what": "t-home", "support": 2, "weight": 0.6, "sentiment": 0.45},
    ]


INTERESTS = (
    "MATCH (:User {userId: $user})-[n:INTERESTED_IN]->(t) "
    "RETURN coalesce(t.aspectId, t.topicId, t.attributeId, t.entityId) AS what, "
    "round(n.weight, 4) AS weight, toString(date(n.firstAt)) AS first, "
    "toString(date(n.lastAt)) AS last ORDER BY what, weight"
)


def test_old_evidence_fades_by_its_half_life(store: Store, tmp_path: Path) -> None:
    load_shop(store, tmp_path, shop())
    days = (JUNE - MAY).total_seconds() / 86_400  # what Ada did in May is one half-life old
    derive(store, run_id="run-1", half_life_days=days)
    assert store.run_text(INTERESTS, user="ada") == [
        {"what": "Brand:hob", "weight": 0.3333, "first": "2024-06-01", "last": "2024-06-01"},
        # half an item: 0.5 / 2.5 · ln(1 + 3/2) / ln(4)
        {"what": "Brand:lumo", "weight": 0.1322, "first": "2024-05-01", "last": "2024-05-01"},
        {"what": "arm", "weight": 0.2, "first": "2024-05-01", "last": "2024-05-01"},
        # one review and a half: 1.5 / 3.5 · ln(1 + 3/2) / ln(4)
        {"what": "light", "weight": 0.2833, "first": "2024-05-01", "last": "2024-06-01"},
        # (½ · 0.9 + 0.3) / 1½
        {"what": "t-home", "weight": 0.5, "first": "2024-05-01", "last": "2024-06-01"},
    ]
    # nobody knows when Ben wrote and did what he did: half a review, one deed of two halves
    assert store.run_text(INTERESTS, user="ben") == [
        {"what": "Brand:lumo", "weight": 0.2, "first": None, "last": None},  # the entity
        {"what": "Brand:lumo", "weight": 0.2203, "first": None, "last": None},
        {"what": "light", "weight": 0.1322, "first": None, "last": None},
    ]


def test_a_half_life_looks_at_the_graph_and_not_at_the_clock(store: Store, tmp_path: Path) -> None:
    load_shop(store, tmp_path, shop())
    derive(store, run_id="run-1", half_life_days=30.0)
    faded = graph_of(store)
    derive(store, run_id="run-1", half_life_days=30.0)
    assert graph_of(store) == faded
    derive(store, run_id="run-1")
    whole = graph_of(store)
    assert whole != faded
    derive(store, run_id="run-1", half_life_days=1e9)
    nearly = store.run_text(INTERESTS, user="ada")
    derive(store, run_id="run-1")
    assert store.run_text(INTERESTS, user="ada") == nearly


def test_what_has_faded_altogether_weighs_nothing(tmp_path: Path) -> None:
    tables = shop()
    tables["reviews"] = [
        {**row, "written_at": MAY if row["user_id"] == "ada" else JUNE} for row in tables["reviews"]
    ]
    staged = read_staging(write_staging(tmp_path, tables))
    steps = aggregate_steps(evidence_of(staged, steps_of(staged)), half_life_days=0.01)
    rows = {step.stage: step.rows.to_pylist() for step in steps}["INTERESTED_IN Topic of User"]
    weights = {(row["start"], row["end"]): row["properties"]["weight"] for row in rows}
    assert weights == {("ada", "t-home"): 0.0}
