"""What was loaded into the graph comes back as a snapshot, on both servers alike."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa
import pytest
from snapshot_world import START, Row, make_snapshot, mention, rated, review

from embeddings.snapshot import Snapshot
from embeddings.snapshot_read import read_snapshot
from kg.catalogue import Catalogue
from kg.schema import NODES as NODE_TYPES
from kg.store import Store

USERS: list[Row] = [{"user_id": user} for user in ("ann", "bob", "shy")]
ITEMS: list[Row] = [
    {"item_id": "x", "title": "Xylo", "description": "a phone", "released_at": START},
    {"item_id": "y", "title": None, "description": None, "released_at": None},
]
INTERACTIONS: list[Row] = [
    rated("ann", "x", rating=4.5, positive=True, count=2),
    {**rated("ann", "y"), "at": None},
    {**rated("bob", "x", day=9), "behaviour": "HUMMED"},
]
REVIEWS: list[Row] = [
    review("ann", "x", "Klang: süß 🎵", rating=4.5, positive=True, sentiment=0.5, language="de"),
    {**review("bob", "x", ""), "at": START},
]


def epoch(row: Row) -> Row:
    """Times as the program sends them: in epoch milliseconds."""
    return {
        name: int(value.timestamp() * 1000) if isinstance(value, datetime) else value
        for name, value in row.items()
    }


MENTIONS: list[Row] = [
    mention("ann-x", "Aspect", "s", count=2, sentiment=0.25),
    mention("ann-x", "Entity", "e"),
]
TOPICS: list[Row] = [{"review_id": "ann-x", "topic_id": "t", "weight": 0.75}]
TRIPLES: list[Row] = [
    {"head": "e", "predicate": "made_in", "tail": "f"},
    {"head": "e", "predicate": "sold_in", "tail": "f"},
]
RELATIONS = [("FOLLOWS", "User", "ann", "bob"), ("PAIRS_WITH", "Item", "x", "y")]

NODES = """
UNWIND $users AS row
CREATE (u:User {userId: row.user_id, runId: 'r', source: 's'})
WITH count(*) AS users
UNWIND $items AS row
CREATE (i:Item {itemId: row.item_id, title: row.title, description: row.description})
SET i.releasedAt = CASE WHEN row.released_at IS NULL THEN null
                   ELSE datetime({epochMillis: row.released_at}) END
"""
INTERACTION = """
MATCH (u:User {userId: $row.user_id}), (i:Item {itemId: $row.item_id})
CREATE (u)-[r:__BEHAVIOUR__]->(i)
SET r.rating = $row.rating, r.positive = $row.positive, r.count = $row.count,
    r.at = CASE WHEN $row.at IS NULL THEN null ELSE datetime({epochMillis: $row.at}) END
"""
REVIEW = """
MATCH (u:User {userId: $row.user_id}), (i:Item {itemId: $row.item_id})
CREATE (u)-[:WROTE]->(v:Review {reviewId: $row.review_id})-[:ABOUT]->(i)
SET v.text = $row.text, v.rating = $row.rating, v.positive = $row.positive,
    v.sentiment = $row.sentiment, v.language = $row.language, v.contentHash = $row.content_hash,
    v.writtenAt = CASE WHEN $row.at IS NULL THEN null ELSE datetime({epochMillis: $row.at}) END
"""
THE_REST = """
MATCH (u:User {userId: 'ann'}), (b:User {userId: 'bob'}),
      (i:Item {itemId: 'x'}), (j:Item {itemId: 'y'}), (v:Review {reviewId: 'ann-x'})
SET u.age = 31, u.embedding = [0.5, 1.0]
CREATE (v)-[:MENTIONS {count: 2, sentiment: 0.25}]->(s:Aspect {aspectId: 's', name: 'S'}),
       (v)-[:MENTIONS {count: 1}]->(e:Entity {entityId: 'e', name: 'E'}),
       (v)-[:HAS_TOPIC {weight: 0.75}]->(t:Topic {topicId: 't', label: 'sound, tone'}),
       (i)-[:HAS_ATTRIBUTE]->(a:Attribute:Brand {attributeId: 'Brand:a', name: 'A',
                                                 kind: 'Brand'}),
       (i)-[:SAME_AS]->(e), (a)-[:SAME_AS]->(f:Entity {entityId: 'f'}),
       (e)-[:RELATES_TO {predicate: 'made_in'}]->(f),
       (e)-[:RELATES_TO {predicate: 'sold_in'}]->(f),
       (u)-[:FOLLOWS]->(b), (i)-[:PAIRS_WITH]->(j),
       (i)-[:DESCRIBED_BY {weight: 1.0}]->(s), (u)-[:INTERESTED_IN {weight: 1.0}]->(t),
       (u)-[:RECOMMENDED {rank: 1}]->(j), (i)-[:SIMILAR_TO {score: 1.0}]->(j)
"""


@pytest.fixture
def loaded(store: Store) -> Store:
    """A graph with one of everything, and aggregates and results that must not be read."""
    store.run_text(NODES, users=USERS, items=[epoch(row) for row in ITEMS])
    for row in INTERACTIONS:
        text = INTERACTION.replace("__BEHAVIOUR__", str(row["behaviour"]))
        store.run_text(text, row=epoch(row))
    for row in REVIEWS:
        store.run_text(REVIEW, row=epoch(row))
    store.run_text(THE_REST)
    return store


def relation(name: str, kind: str, start: str, end: str) -> Row:
    return {
        "type": name,
        "start_kind": kind,
        "start_id": start,
        "end_kind": kind,
        "end_id": end,
    }


def test_the_snapshot_holds_the_evidence_and_nothing_else(loaded: Store) -> None:
    expected = make_snapshot(
        users=USERS,
        traits=[{"user_id": "ann", "name": "age", "value": "31"}],
        items=ITEMS,
        interactions=INTERACTIONS,
        reviews=REVIEWS,
        mentions=MENTIONS,
        review_topics=TOPICS,
        names=[
            {"kind": "Aspect", "id": "s", "name": "S"},
            {"kind": "Entity", "id": "e", "name": "E"},
            {"kind": "Entity", "id": "f", "name": None},
            {"kind": "Topic", "id": "t", "name": "sound, tone"},
            {"kind": "Attribute", "id": "Brand:a", "name": "A"},
        ],
        attributes=[{"item_id": "x", "attribute_id": "Brand:a", "kind": "Brand"}],
        relations=[relation(*ends) for ends in RELATIONS],
        triples=TRIPLES,
        links=[
            {"kind": "Item", "id": "x", "entity_id": "e"},
            {"kind": "Attribute", "id": "Brand:a", "entity_id": "f"},
        ],
    )
    got = read_snapshot(loaded)
    for name, table in expected.tables.items():
        assert got.tables[name].to_pylist() == table.to_pylist(), name
    assert got.hash == expected.hash


def test_no_property_of_the_schema_is_taken_for_a_trait() -> None:
    text = Catalogue()["read/snapshot_traits"].text("neo4j")
    assert all(f"'{property_.name}'" in text for property_ in NODE_TYPES["User"].properties)


def test_an_empty_graph_is_an_empty_snapshot(store: Store) -> None:
    assert set(read_snapshot(store).counts.values()) == {0}


def test_more_rows_than_a_batch_all_arrive(store: Store) -> None:
    store.run_text(
        """
        UNWIND range(1, 2500) AS n
        CREATE (:User {userId: 'u' + toString(n)})-[:VIEWED]->(:Item {itemId: 'i' + toString(n)})
        """
    )
    seen: list[int] = []
    snapshot = read_snapshot(store, lambda done, total=None, unit="": seen.append(done))
    assert snapshot.counts["interactions"] == 2500
    pairs = zip(
        *(snapshot.interactions[key].to_pylist() for key in ("user_id", "item_id")), strict=True
    )
    assert all(user[1:] == item[1:] for user, item in pairs)
    assert seen == sorted(seen)
    assert isinstance(snapshot, Snapshot)
    assert snapshot.interactions.schema.field("at").type == pa.timestamp("us", tz="UTC")
