"""A publication by hand, written into the graph of both servers, and what it replaces."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from list_world import make_lists, people_and_things, shown

from embeddings.publication import Publication
from embeddings.publish import PublishReport, publish
from embeddings.write_lists import next_mark
from kg.errors import ModelError
from kg.store import Store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OLD = {"ann": ["assam", "mate", "rooibos"], "bob": ["mate"], "cy": []}


@pytest.fixture
def house(store: Store) -> Store:
    people_and_things(store, ["ann", "bob", "cy"], ["assam", "mate", "rooibos", "sencha"])
    return store


def published(store: Store, publication: Publication, run_id: str = "m1") -> PublishReport:
    return publish(store, publication, run_id=run_id, now=NOW)


def places(store: Store) -> list[dict[str, object]]:
    """All :RECOMMENDED there are, also those that no reader sees."""
    return store.run_text(
        "MATCH (u:User)-[r:RECOMMENDED]->(i:Item) RETURN u.userId AS user, r.rank AS rank, "
        "i.itemId AS item, r.runId AS run ORDER BY user, rank"
    )


def test_lists_are_written_in_order(house: Store, tmp_path: Path) -> None:
    report = published(house, make_lists(tmp_path / "one", OLD, score=9.0))
    assert {user: shown(house, user) for user in OLD} == OLD
    first = house.read("recommend/for_user", userId="ann")[0]
    assert (first["rank"], first["score"], first["rating"]) == (1, 9.0, 9.0)
    assert first["reasons"] == ["popular|9|assam"]
    assert (report.counts["RECOMMENDED"], report.counts["users"]) == (4, 3)


def test_the_next_lists_leave_nothing_of_the_ones_before(house: Store, tmp_path: Path) -> None:
    published(house, make_lists(tmp_path / "one", OLD))
    new = {"ann": ["sencha"], "bob": [], "cy": ["mate", "assam"]}
    published(house, make_lists(tmp_path / "two", new), "m2")
    assert {user: shown(house, user) for user in new} == new
    assert [(row["user"], row["item"], row["run"]) for row in places(house)] == [
        ("ann", "sencha", "m2"),
        ("cy", "mate", "m2"),
        ("cy", "assam", "m2"),
    ]


def test_who_is_not_named_any_more_has_no_list(house: Store, tmp_path: Path) -> None:
    published(house, make_lists(tmp_path / "one", OLD))
    report = published(house, make_lists(tmp_path / "two", {"bob": ["mate"]}), "m2")
    assert shown(house, "ann") == []
    assert report.counts["RECOMMENDED removed"] == 3
    assert [row["run"] for row in places(house)] == ["m2"]


def test_what_has_left_the_graph_is_left_out_and_counted(house: Store, tmp_path: Path) -> None:
    similar = {"assam": ["mate", "rooibos", "sencha"], "mate": ["assam"]}
    publication = make_lists(tmp_path / "one", OLD, similar=similar)
    house.run_text("MATCH (n) WHERE n.userId = 'bob' OR n.itemId = 'mate' DETACH DELETE n")
    report = published(house, publication)
    assert [(row["rank"], row["item"]) for row in places(house)] == [(1, "assam"), (2, "rooibos")]
    assert (report.counts["users gone"], report.counts["places gone"]) == (1, 2)
    near = house.run_text(
        "MATCH (:Item {itemId: 'assam'})-[s:SIMILAR_TO]->(i:Item) "
        "RETURN s.rank AS rank, i.itemId AS item ORDER BY rank"
    )
    assert near == [{"rank": 1, "item": "rooibos"}, {"rank": 2, "item": "sencha"}]


def test_who_came_later_loses_a_later_runs_attention(house: Store, tmp_path: Path) -> None:
    house.run_text(
        "MATCH (u:User), (i:Item {itemId: 'assam'}) WHERE u.userId <> 'cy' CREATE (u)-[:RATED]->(i)"
    )
    both = {"ann": {"assam": 0.5}, "bob": {"assam": 0.25}}
    published(house, make_lists(tmp_path / "two", OLD, attention=both), "m2")
    published(house, make_lists(tmp_path / "one", OLD, attention={"ann": {"assam": 0.125}}), "m1")
    left = house.run_text(
        "MATCH (u:User)-[r:RATED]->() RETURN u.userId AS user, r.attention AS here ORDER BY user"
    )
    assert left == [{"user": "ann", "here": 0.125}, {"user": "bob", "here": None}]


def test_places_that_no_mark_names_are_not_seen_and_go(house: Store, tmp_path: Path) -> None:
    published(house, make_lists(tmp_path / "one", OLD))
    house.run_text(
        "MATCH (u:User {userId: 'ann'}), (i:Item {itemId: 'sencha'}) "
        "CREATE (u)-[:RECOMMENDED {rank: 1, runId: 'm2', at: datetime('2026-03-02T00:00Z')}]->(i)"
    )
    assert shown(house, "ann") == OLD["ann"]
    published(house, make_lists(tmp_path / "one", OLD))
    assert [row["item"] for row in places(house) if row["user"] == "ann"] == OLD["ann"]


def test_a_mark_is_later_than_all_others(house: Store, tmp_path: Path) -> None:
    millis = round(NOW.timestamp() * 1000)
    assert next_mark(house, millis) == millis
    published(house, make_lists(tmp_path / "one", OLD))
    assert next_mark(house, millis) == millis + 1
    assert next_mark(house, millis + 60_000) == millis + 60_000


def test_a_file_that_was_changed_is_not_published(tmp_path: Path) -> None:
    make_lists(tmp_path / "one", OLD)
    make_lists(tmp_path / "two", {"ann": ["sencha"]})
    (tmp_path / "two" / "lists.parquet").rename(tmp_path / "one" / "lists.parquet")
    with pytest.raises(ModelError, match=r"not as they were written: lists\.parquet"):
        Publication.load(tmp_path / "one")


def test_an_index_names_no_other_query(tmp_path: Path) -> None:
    make_lists(tmp_path / "one", OLD)
    index = tmp_path / "one" / "publication.json"
    index.write_text(index.read_text().replace("write/lists", "write/clear_nodes"))
    with pytest.raises(ModelError, match="holds no whole publication"):
        Publication.load(tmp_path / "one")
