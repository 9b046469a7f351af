"""A load that knows what the graph holds ends where a load of everything into an empty one does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from graph_world import Graph, graph_of, write_staging
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from shop_world import JUNE, Tables, did, fact, mention, shop, smaller_shop, wrote

from etl.derive import DeriveReport, derive
from etl.load import LoadReport, load_staging
from etl.tables import SOURCE_TABLES
from kg.runs import begin_run
from kg.store import Store

HALF_LIFE = 30.0


def loaded(
    store: Store, folder: Path, inputs: Sequence[Tables], half_life: float | None = None
) -> list[tuple[LoadReport, DeriveReport]]:
    """Load and derive one input after the other, each with the one before as its base."""
    base, reports = None, list[tuple[LoadReport, DeriveReport]]()
    for n, tables in enumerate(inputs):
        begin_run(store, "EtlRun", f"run-{n}", now=JUNE, config={}, code_version="1")
        place = write_staging(folder / f"run-{n}", tables)
        report = load_staging(store, place, run_id=f"run-{n}", dataset="shop", base=base)
        derived = derive(
            store,
            run_id=f"run-{n}",
            half_life_days=half_life,
            staging=place if "mentions" in tables else None,
            base=base if report.since_base else None,
        )
        if "mentions" in tables:
            there = {r["type"]: r["count"] for r in store.read("read/relationship_counts")}
            assert derived.relationships | {"HAS_CHECKPOINT": there["HAS_CHECKPOINT"]} == there
        base = place
        reports.append((report, derived))
    return reports


def from_nothing(
    store: Store, folder: Path, tables: Tables, half_life: float | None = None
) -> Graph:
    loaded(store, folder / "fresh", [tables], half_life)
    graph = graph_of(store)
    store.clear()
    return graph


def differences(got: Graph, wanted: Graph) -> list[tuple[object, object, object]]:
    """What, what it is, and what it should be."""
    return [
        (key, is_.get(key), should.get(key))
        for is_, should in (
            (dict[object, str](got[0]), dict[object, str](wanted[0])),
            (dict[object, str](got[1]), dict[object, str](wanted[1])),
        )
        for key in is_.keys() | should.keys()
        if is_.get(key) != should.get(key)
    ]


@pytest.mark.parametrize("half_life", [None, HALF_LIFE])
@pytest.mark.parametrize(("before", "after"), [(shop, smaller_shop), (smaller_shop, shop)])
def test_the_graph_is_that_of_the_last_input(
    store: Store, tmp_path: Path, before: object, after: object, half_life: float | None
) -> None:
    assert callable(before)
    assert callable(after)
    fresh = from_nothing(store, tmp_path, after(), half_life)
    loaded(store, tmp_path, [before(), after()], half_life)
    assert graph_of(store) == fresh


def test_the_same_input_again_costs_nothing(store: Store, tmp_path: Path) -> None:
    _, (load, derived) = loaded(store, tmp_path, [shop(), shop()])
    assert load.since_base
    assert (load.rows, load.removed) == ({}, {})
    assert (derived.rows, derived.removed) == ({}, {})
    written = "MATCH ()-[r]->(n) WHERE NOT n:Checkpoint RETURN DISTINCT r.runId AS run"
    assert store.run_text(written) == [{"run": "run-0"}]


def test_one_more_review_changes_what_rests_on_it_alone(store: Store, tmp_path: Path) -> None:
    more = shop()
    more["reviews"].append(wrote("r4", "cy", "kettle", "No light.", None))
    more["review_facts"].append(fact("r4", 0.0))
    more["mentions"].append(mention("r4", "Aspect", "light", -0.3, 3, 8))
    fresh = from_nothing(store, tmp_path, more)
    _, (load, derived) = loaded(store, tmp_path, [shop(), more])
    assert load.rows == {"reviews": 1, "review_facts": 1, "mentions Aspect": 1}
    assert derived.rows == {
        "counts of Aspect": 1,
        "DESCRIBED_BY Aspect of Item": 1,
        "INTERESTED_IN Aspect of User": 1,
        "DESCRIBED_BY Topic of Item, weights": 1,  # a smaller share of the kettle's two reviews
    }
    assert graph_of(store) == fresh
    assert store.run_text(
        "MATCH (:Review)-[m:MENTIONS]->() RETURN m.runId AS run, count(*) AS mentions ORDER BY run"
    ) == [{"run": "run-0", "mentions": 5}, {"run": "run-1", "mentions": 1}]


def test_another_item_weighs_everything_anew(store: Store, tmp_path: Path) -> None:
    more = shop()
    more["items"].append({"item_id": "chair", "title": "Chair", "source": "catalogue"})
    fresh = from_nothing(store, tmp_path, more)
    _, (load, derived) = loaded(store, tmp_path, [shop(), more])
    assert load.rows == {"items": 1}
    assert derived.rows["counts of Item"] == 1
    assert not [step for step in derived.rows if "Topic" in step], "they go by shares of reviews"
    assert graph_of(store) == fresh


def test_what_the_graph_itself_tells_is_derived_alike(store: Store, tmp_path: Path) -> None:
    loaded(store, tmp_path, [shop()])
    whole = graph_of(store)
    assert derive(store, run_id="run-0").rows.keys() == {
        f"counts of {label}" for label in ("User", "Item", "Entity", "Aspect", "Topic", "Attribute")
    }
    store.run_text("MATCH (:User {userId: 'ada'})-[r:INTERESTED_IN]->() DELETE r")
    store.run_text("MATCH (:Item {itemId: 'lamp-1'})-[r:DESCRIBED_BY]->() SET r.weight = 2.0")
    store.run_text(
        "MATCH (i:Item {itemId: 'kettle'}), (a:Aspect {aspectId: 'arm'}) "
        "CREATE (i)-[:DESCRIBED_BY {support: 1, weight: 1.0}]->(a)"
    )
    assert derive(store, run_id="run-0").removed == {"DESCRIBED_BY": 1}
    assert graph_of(store) == whole


def test_attention_outlives_new_evidence(store: Store, tmp_path: Path) -> None:
    more = shop()
    more["reviews"].append(wrote("r4", "cy", "lamp-1", "No light.", None))
    more["mentions"].append(mention("r4", "Aspect", "light", -0.3, 3, 8))
    loaded(store, tmp_path, [shop()])
    place = "MATCH (:Item {itemId: 'lamp-1'})-[r:DESCRIBED_BY]->(:Aspect {aspectId: 'light'}) "
    store.run_text(f"{place} SET r.attention = 0.25")
    begin_run(store, "EtlRun", "run-1", now=JUNE, config={}, code_version="1")
    base, now = tmp_path / "run-0", write_staging(tmp_path / "run-1", more)
    load_staging(store, now, run_id="run-1", dataset="shop", base=base)
    derive(store, run_id="run-1", staging=now, base=base)
    assert store.run_text(f"{place} RETURN r.support AS support, r.attention AS attention") == [
        {"support": 3, "attention": 0.25}
    ]


def test_a_review_that_moves_keeps_its_facts_and_no_old_ties(store: Store, tmp_path: Path) -> None:
    moved = shop()
    moved["reviews"][0] |= {"user_id": "ben", "item_id": "lamp-2"}
    fresh = from_nothing(store, tmp_path, moved)
    _, (load, _) = loaded(store, tmp_path, [shop(), moved])
    assert load.removed == {"WROTE": 1, "ABOUT": 1}
    assert graph_of(store) == fresh


def test_an_entity_that_outside_knowledge_names_no_more_loses_its_source(
    store: Store, tmp_path: Path
) -> None:
    known, unknown = shop(), shop()
    known["triples"] += [
        {"head": "Brand:lumo", "predicate": "made in", "tail": "kg:leeds", "source": "kg"}
    ]
    fresh = from_nothing(store, tmp_path, unknown)
    loaded(store, tmp_path, [known, unknown])
    assert graph_of(store) == fresh


def test_what_a_name_stands_for_may_come_later(store: Store, tmp_path: Path) -> None:
    unsold = shop()
    unsold["attributes"] = [row for row in shop()["attributes"] if row["value"] == "Hob"]
    fresh = from_nothing(store, tmp_path, shop())
    loaded(store, tmp_path, [unsold, shop()])
    assert graph_of(store) == fresh


def test_without_what_was_extracted_everything_is_written(store: Store, tmp_path: Path) -> None:
    plain = {name: rows for name, rows in shop().items() if name in SOURCE_TABLES}
    _, (load, _) = loaded(store, tmp_path, [shop(), plain])
    assert not load.since_base
    assert load.rows["reviews"] == 3


def test_a_load_that_was_cut_off_goes_on(store: Store, tmp_path: Path) -> None:
    fresh = from_nothing(store, tmp_path, smaller_shop())
    loaded(store, tmp_path, [shop()])
    begin_run(store, "EtlRun", "run-1", now=JUNE, config={}, code_version="1")
    place, base = write_staging(tmp_path / "run-1", smaller_shop()), tmp_path / "run-0"
    load_staging(store, place, run_id="run-1", dataset="shop", base=base)
    again = load_staging(store, place, run_id="run-1", dataset="shop", base=base)
    assert set(again.rows.values()) == {0}
    derive(store, run_id="run-1", staging=place, base=base)
    derive(store, run_id="run-1", staging=place, base=base)
    assert graph_of(store) == fresh


USERS, ITEMS = st.sampled_from(["ada", "ben", "cy"]), st.sampled_from(["lamp", "mug", "desk"])
FEELING = st.sampled_from([-0.5, 0.25, None])
TIMES = st.none() | st.integers(1, 28).map(lambda day: datetime(2024, 5, day, tzinfo=UTC))


@st.composite
def inputs(draw: st.DrawFn) -> Tables:
    """A small world, much of which another draw has too."""
    tables: Tables = {name: [] for name in (*shop(), "names")}
    for user in draw(st.sets(USERS)):
        traits = draw(st.lists(st.tuples(st.sampled_from(["town"]), st.text("ab")), max_size=1))
        tables["users"].append({"user_id": user, "traits": traits, "source": "people"})
    for item in draw(st.sets(ITEMS)):
        row = {"item_id": item, "title": draw(st.sampled_from(["A", "B"])), "source": "catalogue"}
        tables["items"].append(row)
    for item, value in draw(st.sets(st.tuples(ITEMS, st.sampled_from(["Hob", "Lumo"])))):
        row = {"item_id": item, "kind": "Brand", "value": value, "source": "catalogue"}
        tables["attributes"].append(row)
    behaviours = st.sampled_from(["RATED", "VIEWED"])
    for user, item, behaviour in draw(st.sets(st.tuples(USERS, ITEMS, behaviours), max_size=6)):
        count, positive = draw(st.integers(1, 2)), draw(st.none() | st.booleans())
        row = did(user, item, behaviour, count=count, positive=positive, at=draw(TIMES))
        tables["interactions"].append(row)
    for start, end in draw(st.sets(st.tuples(USERS, USERS), max_size=2)):
        ends = {"start_kind": "User", "start_id": start, "end_kind": "User", "end_id": end}
        tables["relations"].append({"type": "FOLLOWS", **ends, "source": "people"})
    for name in draw(st.sets(st.sampled_from(["r1", "r2", "r3", "r4"]))):
        tables["reviews"].append(wrote(name, draw(USERS), draw(ITEMS), "A text.", draw(TIMES)))
        tables["review_facts"].append(fact(name, draw(st.sampled_from([-0.5, 0.25]))))
        targets = st.tuples(
            st.sampled_from(["Aspect", "Entity"]), st.sampled_from(["light", "arm"])
        )
        for kind, target in draw(st.sets(targets)):
            tables["mentions"].append(mention(name, kind, target, draw(FEELING), 0, 1))
        for topic in draw(st.sets(st.sampled_from(["t1", "t2"]))):
            row = {"review_id": name, "topic_id": topic, "weight": 0.5, "extractor": "lda/1"}
            tables["review_topics"].append(row)
    for key in ("light", "arm"):
        score = draw(st.sampled_from([0.5, 0.75]))
        row = {"aspect_id": key, "name": key, "score": score, "extractor": "x/1"}
        tables["aspects"].append(row)
        refers_to = draw(st.sampled_from(["Brand:lumo", None]))
        kind = "Brand" if refers_to else "GPE"
        row = {"entity_id": key, "name": key, "kind": kind, "refers_to": refers_to}
        tables["entities"].append(row)
    tables["topics"] = [
        {
            "topic_id": topic,
            "label": topic,
            "words": [draw(st.sampled_from("ab"))],
            "word_weights": [1.0],
            "weak": True,
            "model_version": "lda/1",
        }
        for topic in ("t1", "t2")
    ]
    known = st.sampled_from(["light", "kg:leeds"])
    for head, predicate, tail in draw(st.sets(st.tuples(known, st.sampled_from("pq"), known))):
        row = {"head": head, "predicate": predicate, "tail": tail, "source": "kg"}
        tables["triples"].append(row)
    for item in draw(st.sets(ITEMS, max_size=1)):
        tables["links"].append({"item_id": item, "entity": "kg:leeds", "source": "kg"})
    return tables


@pytest.mark.slow
@settings(
    max_examples=12,
    derandomize=True,
    phases=[Phase.generate],  # a smaller example would take minutes to find
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    history=st.lists(inputs(), min_size=2, max_size=4),
    half_life=st.sampled_from([None, HALF_LIFE]),
)
def test_whatever_came_before_the_graph_is_that_of_the_last_input(
    store: Store,
    tmp_path_factory: pytest.TempPathFactory,
    history: list[Tables],
    half_life: float | None,
) -> None:
    folder = tmp_path_factory.mktemp("history")
    store.clear()
    fresh = from_nothing(store, folder, history[-1], half_life)
    loaded(store, folder, history, half_life)
    assert differences(graph_of(store), fresh) == []
