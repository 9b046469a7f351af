"""The store on both servers."""

from __future__ import annotations

from kg.store import Store


def test_what_was_written_is_read(store: Store) -> None:
    store.run_text("CREATE (:User {userId: $id})", id="ada")
    assert store.run_text("MATCH (u:User) RETURN u.userId AS id") == [{"id": "ada"}]


def test_each_test_begins_with_an_empty_graph(store: Store) -> None:
    assert store.run_text("MATCH (u:User) RETURN count(u) AS n") == [{"n": 0}]
