"""Search by text: on both servers, in a household whose answers are known by hand.

Vectors have two dimensions here: how much something is about light, and about sound.
"""

from __future__ import annotations

import time
from math import sqrt

import numpy as np
import pyarrow as pa
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from query_world import build
from snapshot_world import make_snapshot, review

from embeddings.search_vectors import search_vectors
from embeddings.text_vectors import TextVectors
from kg.store import Store
from recommender.search import MOST_WORDS, Hit, search, words_of

LIGHT = np.array([1.0, 0.0], dtype=np.float32)
SOUND = np.array([0.0, 1.0], dtype=np.float32)


@pytest.fixture
def house(store: Store) -> Store:
    """Lamp and desk are about light, the radio about sound, the kettle about both."""
    build(store)
    both = [sqrt(0.5), sqrt(0.5)]
    vectors = {"lamp": [1.0, 0.0], "desk": [0.8, 0.6], "radio": [0.0, 1.0], "kettle": both}
    table = pa.table({"item_id": list(vectors), "vector": list(vectors.values())})
    store.write_rows("write/text_vectors", table, key=["item_id"])
    _wait_for_indexes(store)
    return store


def _wait_for_indexes(store: Store) -> None:
    """Neo4j brings indexes up to date a moment after the transaction."""
    if store.capabilities.dialect == "neo4j":
        store.run_text("CALL db.awaitIndexes(60)")
        deadline = time.monotonic() + 60
        while len(found(store, LIGHT, "", top=9)) < 4 and time.monotonic() < deadline:
            time.sleep(0.1)


def found(store: Store, vector: np.ndarray, text: str, **how: object) -> list[Hit]:
    user, top = how.get("user"), how.get("top", 4)
    assert user is None or isinstance(user, str)
    assert isinstance(top, int)
    return search(store, vector, text, user=user, top=top)


def test_what_is_meant_comes_first_without_a_word_in_common(house: Store) -> None:
    hits = found(house, LIGHT, "Luminosity?")
    assert [hit.item for hit in hits] == ["lamp", "desk", "kettle", "radio"]
    assert [round(hit.meaning, 4) for hit in hits] == [1.0, 0.8, 0.7071, 0.0]
    assert [hit.words for hit in hits] == [0.0] * 4
    assert [hit.quote for hit in hits] == [None] * 4


def test_words_count_and_are_quoted(house: Store) -> None:
    first = found(house, LIGHT, "this desk: superb")[0]
    assert first.item == "desk", "0.8 and all of the words, where the lamp has 1.0 and none"
    assert first.quote == "Superb light on this desk"
    assert first.score == pytest.approx(0.8 + 0.25)


def test_a_users_list_counts_and_a_stranger_is_served_as_anybody(house: Store) -> None:
    of_ada = found(house, SOUND, "sound", user="ada")
    assert {hit.item: hit.rank for hit in of_ada} == {
        "radio": 2,
        "kettle": None,
        "desk": 1,
        "lamp": None,
    }
    assert [hit.item for hit in of_ada][:2] == ["radio", "desk"]
    nobody = found(house, SOUND, "sound")
    assert [hit.item for hit in nobody][:2] == ["radio", "kettle"]
    assert found(house, SOUND, "sound", user="stranger") == nobody


def test_no_more_are_found_than_asked_for(house: Store) -> None:
    assert [hit.item for hit in found(house, SOUND, "", top=1)] == ["radio"]


def test_what_looks_like_a_full_text_query_is_plain_words(house: Store) -> None:
    hits = found(house, LIGHT, 'desk") OR text:* AND NOT superb~ [a TO b] \\ {/}')
    assert hits[0].quote == "Superb light on this desk"


@given(st.text(max_size=300))
def test_words_are_letters_and_digits_in_lower_case(text: str) -> None:
    words = words_of(text)
    assert all((word.isalnum() and word == word.lower()) or not word.isascii() for word in words)
    assert len(words) == len(set(words)) <= MOST_WORDS


def test_stop_words_are_left_out() -> None:
    assert words_of("The best OF the Strings, the best!") == ["best", "strings"]


def test_an_item_is_what_is_declared_of_it_and_the_mean_of_what_people_write() -> None:
    snapshot = make_snapshot(
        items=[{"item_id": "a", "title": "north"}, {"item_id": "b"}, {"item_id": "c"}],
        reviews=[
            review("u", "a", "east"),
            review("v", "a", "west"),
            review("w", "b", "east"),
            review("w", "c", ""),
        ],
    )
    directions = {"north": [0.0, 1.0], "east": [1.0, 0.0], "west": [-1.0, 0.0]}
    vectors = TextVectors.of_texts(list(directions), torch.tensor(list(directions.values())), "x")
    table = search_vectors(snapshot, vectors)
    assert table["item_id"].to_pylist() == ["a", "b", "c"]
    assert table["vector"].to_pylist() == [[0.0, 1.0], [1.0, 0.0], None]
    assert search_vectors(snapshot, None)["vector"].null_count == 3
