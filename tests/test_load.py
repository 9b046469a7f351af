"""Loading, on both servers: a shop of two lamps and a kettle, three reviews."""

from __future__ import annotations

from pathlib import Path

import pytest
from graph_world import graph_of
from shop_world import MAY, load_shop, shop, smaller_shop

from etl.load import load_staging
from etl.tables import SOURCE_TABLES
from kg.errors import ConfigError, GraphError
from kg.store import Store


def test_every_table_reaches_the_graph(store: Store, tmp_path: Path) -> None:
    report = load_shop(store, tmp_path, shop())
    counts = {r["type"]: r["count"] for r in store.read("read/relationship_counts")}
    assert {k: v for k, v in counts.items() if k != "HAS_CHECKPOINT"} == {
        "ABOUT": 3,
        "DESCRIBED_BY": 6,
        "FOLLOWS": 1,
        "HAS_ATTRIBUTE": 3,
        "HAS_TOPIC": 2,
        "INTERESTED_IN": 8,
        "MENTIONS": 5,
        "RATED": 3,
        "RELATES_TO": 2,
        "SAME_AS": 2,
        "VIEWED": 1,
        "WROTE": 3,
    }
    assert report.rows["interactions RATED"] == 3
    assert report.rows["users"] == 3, "ben and cy are only named by what they did"


def test_values_arrive_as_their_types(store: Store, tmp_path: Path) -> None:
    load_shop(store, tmp_path, shop())
    [ada] = store.run_text(
        "MATCH (u:User {userId: 'ada'})-[r:RATED]->(:Item {itemId: 'lamp-1'}) "
        "RETURN u.town AS town, r.rating AS rating, r.positive AS positive, r.at AS at, "
        "r.weight AS weight, r.runId AS run"
    )
    assert ada == {
        "town": "Leeds",
        "rating": 5.0,
        "positive": True,
        "at": MAY,
        "weight": 1.0,
        "run": "run-1",
    }
    [viewed] = store.run_text("MATCH ()-[r:VIEWED]->() RETURN properties(r) AS p")
    properties = viewed["p"]
    assert isinstance(properties, dict)
    assert properties["dwellSeconds"] == 12.5
    assert properties["weight"] == pytest.approx(2.0986, abs=1e-4)
    assert "at" not in properties
    [mention] = store.run_text(
        "MATCH (v:Review {reviewId: 'r1'})-[m:MENTIONS]->(:Aspect {aspectId: 'arm'}) "
        "RETURN substring(v.text, m.starts[0], m.ends[0] - m.starts[0]) AS word"
    )
    assert mention == {"word": "arm"}


def test_one_attribute_however_it_is_written(store: Store, tmp_path: Path) -> None:
    load_shop(store, tmp_path, shop())
    assert store.run_text(
        "MATCH (a:Brand)<-[:HAS_ATTRIBUTE]-(i) WITH a, i ORDER BY i.itemId "
        "RETURN a.attributeId AS id, a.name AS name, a.itemCount AS items, "
        "collect(i.itemId) AS having ORDER BY id"
    ) == [
        {"id": "Brand:hob", "name": "Hob", "items": 1, "having": ["kettle"]},
        {"id": "Brand:lumo", "name": "Lumo", "items": 2, "having": ["lamp-1", "lamp-2"]},
    ]


def test_loading_twice_changes_nothing(store: Store, tmp_path: Path) -> None:
    load_shop(store, tmp_path, shop())
    once = graph_of(store)
    load_shop(store, tmp_path, shop(), "run-2")
    assert graph_of(store) == once
    assert store.run_text("MATCH ()-[r:RATED]->() RETURN DISTINCT r.runId AS run") == [
        {"run": "run-2"}
    ]


def test_a_later_load_leaves_only_what_its_input_says(store: Store, tmp_path: Path) -> None:
    load_shop(store, tmp_path, smaller_shop(), "run-0")
    fresh = graph_of(store)
    store.clear()
    load_shop(store, tmp_path, shop(), "run-1")
    report = load_shop(store, tmp_path, smaller_shop(), "run-2")
    assert graph_of(store) == fresh
    assert report.removed == {
        "ABOUT": 2,
        "FOLLOWS": 1,
        "HAS_ATTRIBUTE": 2,
        "HAS_TOPIC": 2,
        "MENTIONS": 3,
        "RATED": 2,
        "RELATES_TO": 1,
        "SAME_AS": 1,
        "WROTE": 2,
        "Item": 1,
        "Review": 1,
        "User": 1,
        "Attribute": 1,
        "Aspect": 1,
        "Topic": 1,
    }
    assert store.run_text("MATCH (r:EtlRun) RETURN r.runId AS run ORDER BY run") == [
        {"run": "run-1"},
        {"run": "run-2"},
    ]


def test_lists_close_up_where_an_item_goes(store: Store, tmp_path: Path) -> None:
    load_shop(store, tmp_path, shop())
    store.run_text(
        "MATCH (u:User {userId: 'ben'}), (k:Item {itemId: 'kettle'}), (l:Item {itemId: 'lamp-1'}) "
        "CREATE (u)-[:RECOMMENDED {rank: 1, runId: 'm1'}]->(k), "
        "(u)-[:RECOMMENDED {rank: 2, runId: 'm1'}]->(l), "
        "(l)-[:SIMILAR_TO {rank: 1, runId: 'm1'}]->(:Item {itemId: 'lamp-3', runId: 'run-1'}), "
        "(l)-[:SIMILAR_TO {rank: 2, runId: 'm1'}]->(:Item {itemId: 'lamp-2b'}) "
        "SET l.embedding = [0.5]"
    )
    load_shop(store, tmp_path, smaller_shop(), "run-2")
    assert store.run_text(
        "MATCH (:User)-[r:RECOMMENDED]->(i) RETURN i.itemId AS i, r.rank AS rank, "
        "i.embedding AS vector"
    ) == [{"i": "lamp-1", "rank": 1, "vector": [0.5]}]
    assert store.run_text("MATCH ()-[s:SIMILAR_TO]->(i) RETURN i.itemId AS i") == [{"i": "lamp-2b"}]


def test_facts_that_were_not_found_again_are_removed(store: Store, tmp_path: Path) -> None:
    load_shop(store, tmp_path, shop())
    later = shop()
    later["mentions"] = [m for m in later["mentions"] if m["target_id"] == "light"]
    later["review_topics"] = []
    later["topics"] = []
    report = load_shop(store, tmp_path, later, "run-2")
    assert report.removed == {
        "MENTIONS": 2,
        "HAS_TOPIC": 2,
        "SAME_AS": 1,
        "Entity": 1,
        "Aspect": 1,
        "Topic": 1,
    }
    left = store.run_text(
        "MATCH (n) WHERE n:Aspect OR n:Entity OR n:Topic "
        "RETURN coalesce(n.aspectId, n.entityId, n.topicId) AS key ORDER BY key"
    )
    assert [row["key"] for row in left] == ["kg:leeds", "kg:lumo", "light"]
    assert store.run_text("MATCH ()-[d:DESCRIBED_BY|INTERESTED_IN]->(t:Topic) RETURN d") == []


def test_without_extracted_tables_older_facts_stay(store: Store, tmp_path: Path) -> None:
    load_shop(store, tmp_path, shop())
    before = graph_of(store)
    plain = {k: v for k, v in shop().items() if k in SOURCE_TABLES}
    report = load_shop(store, tmp_path, plain, "run-2")
    assert report.removed == {}
    assert graph_of(store) == before


def test_an_interrupted_load_goes_on_where_it_was(store: Store, tmp_path: Path) -> None:
    load_shop(store, tmp_path, shop())
    again = load_staging(store, tmp_path / "run-1", run_id="run-1", dataset="shop")
    assert set(again.rows.values()) == {0}


def test_a_trait_may_not_take_the_place_of_the_key(store: Store, tmp_path: Path) -> None:
    tables = shop()
    tables["users"] = [{"user_id": "ada", "traits": [("userId", "eve")], "source": "people"}]
    with pytest.raises(ConfigError, match="userId"):
        load_shop(store, tmp_path, tables)


def test_a_graph_holds_one_data_set(store: Store, tmp_path: Path) -> None:
    load_shop(store, tmp_path, shop())
    with pytest.raises(GraphError, match="'shop'"):
        load_staging(store, tmp_path / "run-1", run_id="run-1", dataset="another")
