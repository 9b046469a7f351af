"""Loading and deriving, on both servers: a shop of two lamps and a kettle, four reviews."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from graph_world import graph_of, write_staging

from etl.derive import derive
from etl.load import LoadReport, load_staging
from etl.tables import SOURCE_TABLES
from kg.errors import ConfigError, GraphError
from kg.runs import begin_run
from kg.store import Store

Tables = dict[str, list[dict[str, object]]]
MAY = datetime(2024, 5, 1, 12, 30, tzinfo=UTC)
JUNE = datetime(2024, 6, 1, tzinfo=UTC)


def shop() -> Tables:
    """What two sources said and what extraction found in it."""
    return {
        "users": [{"user_id": "ada", "traits": [("town", "Leeds")], "source": "people"}],
        "items": [
            {"item_id": "lamp-1", "title": "Reading lamp", "price": 30.0, "source": "catalogue"},
            {"item_id": "kettle", "title": "Kettle", "released_at": MAY, "source": "catalogue"},
        ],
        "attributes": [
            {"item_id": i, "kind": "Brand", "value": v, "source": "catalogue"}
            for i, v in (
                ("lamp-1", "Lumo"),
                ("lamp-2", "LUMO "),
                ("lamp-2", "Lumo"),
                ("kettle", "Hob"),
            )
        ],
        "interactions": [
            _did("ada", "lamp-1", "RATED", rating=5.0, positive=True, count=1, at=MAY),
            _did("ada", "kettle", "RATED", rating=1.0, positive=False, count=1, at=JUNE),
            _did("ben", "lamp-1", "RATED", rating=4.0, positive=True, count=1),
            _did("ben", "lamp-2", "VIEWED", count=3, dwell_seconds=12.5),
        ],
        "relations": [
            {
                "type": "FOLLOWS",
                "start_kind": "User",
                "start_id": "ben",
                "end_kind": "User",
                "end_id": "cy",
                "source": "people",
            }
        ],
        "reviews": [
            _wrote("r1", "ada", "lamp-1", "A warm light, and a sturdy arm.", MAY),
            _wrote("r2", "ada", "kettle", "Slow, and the light flickers.", JUNE),
            _wrote("r3", "ben", "lamp-1", "Good light.", None),
        ],
        "triples": [
            {"head": "kg:lumo", "predicate": "made in", "tail": "kg:leeds", "source": "kg"},
            {"head": "kg:lumo", "predicate": "named after", "tail": "kg:leeds", "source": "kg"},
        ],
        "links": [{"item_id": "lamp-1", "entity": "kg:lumo", "source": "kg"}],
        "review_facts": [
            _fact("r1", 0.8),
            _fact("r2", -0.6),
            _fact("r3", 0.4),
        ],
        "entities": [
            {"entity_id": "Brand:lumo", "name": "Lumo", "kind": "Brand", "refers_to": "Brand:lumo"},
            {"entity_id": "GPE:nowhere", "name": "Nowhere", "kind": "GPE"},
        ],
        "aspects": [
            {"aspect_id": "light", "name": "light", "score": 0.9, "extractor": "x/1"},
            {"aspect_id": "arm", "name": "arm", "score": 0.7, "extractor": "x/1"},
        ],
        "mentions": [
            _mention("r1", "Aspect", "light", 0.8, 7, 12),
            _mention("r1", "Aspect", "arm", 0.4, 27, 30),
            _mention("r2", "Aspect", "light", -0.6, 14, 19),
            _mention("r3", "Aspect", "light", 0.4, 5, 10),
            _mention("r3", "Entity", "Brand:lumo", None, 0, 4),
        ],
        "topics": [
            {
                "topic_id": "t-home",
                "label": "light, arm",
                "words": ["light", "arm"],
                "word_weights": [0.6, 0.4],
                "weak": True,
                "model_version": "lda/1",
            }
        ],
        "review_topics": [
            {"review_id": "r1", "topic_id": "t-home", "weight": 0.9, "extractor": "lda/1"},
            {"review_id": "r2", "topic_id": "t-home", "weight": 0.3, "extractor": "lda/1"},
        ],
    }


def _did(user: str, item: str, behaviour: str, **more: object) -> dict[str, object]:
    return {"user_id": user, "item_id": item, "behaviour": behaviour, "source": "shop", **more}


def _wrote(key: str, user: str, item: str, text: str, at: datetime | None) -> dict[str, object]:
    return {
        "review_id": key,
        "user_id": user,
        "item_id": item,
        "text": text,
        "written_at": at,
        "content_hash": f"hash of {text}",
        "source": "shop",
    }


def _fact(review: str, sentiment: float) -> dict[str, object]:
    return {
        "review_id": review,
        "language": "en",
        "sentiment": sentiment,
        "tokens": 5,
        "extractor": "x/1",
    }


def _mention(
    review: str, kind: str, target: str, sentiment: float | None, start: int, end: int
) -> dict[str, object]:
    return {
        "review_id": review,
        "target_kind": kind,
        "target_id": target,
        "count": 1,
        "sentiment": sentiment,
        "starts": [start],
        "ends": [end],
        "extractor": "x/1",
    }


def run(store: Store, folder: Path, tables: Tables, run_id: str = "run-1") -> LoadReport:
    begin_run(store, "EtlRun", run_id, now=JUNE, config={}, code_version="1")
    report = load_staging(
        store, write_staging(folder / run_id, tables), run_id=run_id, dataset="shop"
    )
    derive(store, run_id=run_id)
    return report


def test_every_table_reaches_the_graph(store: Store, tmp_path: Path) -> None:
    report = run(store, tmp_path, shop())
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
    run(store, tmp_path, shop())
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
    run(store, tmp_path, shop())
    assert store.run_text(
        "MATCH (a:Brand)<-[:HAS_ATTRIBUTE]-(i) WITH a, i ORDER BY i.itemId "
        "RETURN a.attributeId AS id, a.name AS name, a.itemCount AS items, "
        "collect(i.itemId) AS having ORDER BY id"
    ) == [
        {"id": "Brand:hob", "name": "Hob", "items": 1, "having": ["kettle"]},
        {"id": "Brand:lumo", "name": "Lumo", "items": 2, "having": ["lamp-1", "lamp-2"]},
    ]


def test_loading_twice_changes_nothing(store: Store, tmp_path: Path) -> None:
    run(store, tmp_path, shop())
    once = graph_of(store)
    run(store, tmp_path, shop(), "run-2")
    assert graph_of(store) == once
    assert store.run_text("MATCH ()-[r:RATED]->() RETURN DISTINCT r.runId AS run") == [
        {"run": "run-2"}
    ]


def smaller_shop() -> Tables:
    """The shop a month later: the kettle is gone, and people, sources and extraction say less."""
    tables = shop()
    tables["users"] = [{"user_id": "ada", "traits": [("street", "Mill Lane")], "source": "people"}]
    tables["items"] = [{"item_id": "lamp-1", "title": "Lamp", "source": "catalogue"}]
    tables["attributes"] = tables["attributes"][:1]
    tables["interactions"] = [
        _did("ada", "lamp-1", "RATED", rating=2.0, positive=False, count=2),
        _did("ben", "lamp-2", "VIEWED", count=4),
    ]
    tables["relations"] = []
    tables["reviews"] = [_wrote("r1", "ben", "lamp-2", "An arm.", None), tables["reviews"][2]]
    tables["triples"] = tables["triples"][:1]
    tables["links"] = []
    tables["review_facts"] = [_fact("r1", 0.1), _fact("r3", 0.4)]
    tables["mentions"] = [
        _mention("r1", "Aspect", "arm", 0.1, 3, 6),
        _mention("r3", "Entity", "Brand:lumo", None, 0, 4),
    ]
    tables["topics"], tables["review_topics"] = [], []
    return tables


def test_a_later_load_leaves_only_what_its_input_says(store: Store, tmp_path: Path) -> None:
    run(store, tmp_path, smaller_shop(), "run-0")
    fresh = graph_of(store)
    store.clear()
    run(store, tmp_path, shop(), "run-1")
    report = run(store, tmp_path, smaller_shop(), "run-2")
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
    run(store, tmp_path, shop())
    store.run_text(
        "MATCH (u:User {userId: 'ben'}), (k:Item {itemId: 'kettle'}), (l:Item {itemId: 'lamp-1'}) "
        "CREATE (u)-[:RECOMMENDED {rank: 1, runId: 'm1'}]->(k), "
        "(u)-[:RECOMMENDED {rank: 2, runId: 'm1'}]->(l), "
        "(l)-[:SIMILAR_TO {rank: 1, runId: 'm1'}]->(:Item {itemId: 'lamp-3', runId: 'run-1'}), "
        "(l)-[:SIMILAR_TO {rank: 2, runId: 'm1'}]->(:Item {itemId: 'lamp-2b'}) "
        "SET l.embedding = [0.5]"
    )
    run(store, tmp_path, smaller_shop(), "run-2")
    assert store.run_text(
        "MATCH (:User)-[r:RECOMMENDED]->(i) RETURN i.itemId AS i, r.rank AS rank, "
        "i.embedding AS vector"
    ) == [{"i": "lamp-1", "rank": 1, "vector": [0.5]}]
    assert store.run_text("MATCH ()-[s:SIMILAR_TO]->(i) RETURN i.itemId AS i") == [{"i": "lamp-2b"}]


def test_facts_that_were_not_found_again_are_removed(store: Store, tmp_path: Path) -> None:
    run(store, tmp_path, shop())
    later = shop()
    later["mentions"] = [m for m in later["mentions"] if m["target_id"] == "light"]
    later["review_topics"] = []
    later["topics"] = []
    report = run(store, tmp_path, later, "run-2")
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
    run(store, tmp_path, shop())
    before = graph_of(store)
    plain = {k: v for k, v in shop().items() if k in SOURCE_TABLES}
    report = run(store, tmp_path, plain, "run-2")
    assert report.removed == {}
    assert graph_of(store) == before


def test_people_and_items_are_counted(store: Store, tmp_path: Path) -> None:
    run(store, tmp_path, shop())
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
    run(store, tmp_path, shop())
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
    run(store, tmp_path, shop())
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
    run(store, tmp_path, shop())
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


def test_an_interrupted_load_goes_on_where_it_was(store: Store, tmp_path: Path) -> None:
    run(store, tmp_path, shop())
    again = load_staging(store, tmp_path / "run-1", run_id="run-1", dataset="shop")
    assert set(again.rows.values()) == {0}


def test_a_trait_may_not_take_the_place_of_the_key(store: Store, tmp_path: Path) -> None:
    tables = shop()
    tables["users"] = [{"user_id": "ada", "traits": [("userId", "eve")], "source": "people"}]
    with pytest.raises(ConfigError, match="userId"):
        run(store, tmp_path, tables)


def test_a_graph_holds_one_data_set(store: Store, tmp_path: Path) -> None:
    run(store, tmp_path, shop())
    with pytest.raises(GraphError, match="'shop'"):
        load_staging(store, tmp_path / "run-1", run_id="run-1", dataset="another")
