"""A new question finds answers by texts like it and by whom they helped, on both servers."""

from __future__ import annotations

import math

import pytest

from kg.store import Store

DESK = """
CREATE (move:Item {itemId: 'move', title: 'Move the router'}),
       (mesh:Item {itemId: 'mesh', title: 'Add a station', textVector: [0.6, 0.8]}),
       (bill:Item {itemId: 'bill', title: 'Read your bill', description: 'Fees and calls.',
                   textVector: [1.0, 0.0]}),
       (ann:User {userId: 'ann', listAt: datetime('2024-06-02T00:00:00Z')}),
       (ben:User {userId: 'ben'}),
       (q1:Review {reviewId: 'q1', text: 'Slow wireless upstairs', positive: false}),
       (q2:Review {reviewId: 'q2', text: 'Wireless is slow', positive: false}),
       (q3:Review {reviewId: 'q3', text: 'SLOW wireless in the attic', positive: true}),
       (q4:Review {reviewId: 'q4', text: 'A slow payment', positive: true}),
       (ann)-[:WROTE]->(q1)-[:ABOUT]->(move), (ben)-[:WROTE]->(q2)-[:ABOUT]->(move),
       (ben)-[:WROTE]->(q3)-[:ABOUT]->(mesh), (ann)-[:WROTE]->(q4)-[:ABOUT]->(bill),
       (ann)-[:RECOMMENDED {rank: 4, at: datetime('2024-06-02T00:00:00Z')}]->(bill)
"""


@pytest.fixture
def desk(store: Store) -> Store:
    store.run_text(DESK)
    return store


def test_what_helped_comes_before_what_did_not(desk: Store) -> None:
    rows = desk.read("recommend/answers", words=["slow", "wireless"])
    assert [(row["itemId"], row["helped"], row["notHelped"]) for row in rows] == [
        ("mesh", 1, 0),
        ("bill", 1, 0),
        ("move", 0, 2),
    ]
    slow, wireless = math.log(1 + 5 / 5), math.log(1 + 5 / 4)
    share = slow / (slow + wireless)
    assert [row["alike"] for row in rows] == pytest.approx([1.0, share, 1.0])
    assert [row["score"] for row in rows] == pytest.approx([1.5 / 2, share * 1.5 / 2, 0.5 / 3])
    assert rows[0]["question"] == "SLOW wireless in the attic"
    assert {(row["meaning"], row["rank"]) for row in rows} == {(None, None)}


def test_the_answers_own_words_its_meaning_and_the_askers_list_count(desk: Store) -> None:
    [fees] = desk.read("recommend/answers", words=["fees"])
    assert (fees["itemId"], fees["score"], fees["question"]) == ("bill", 0.5, None)
    [first, *_] = desk.read("recommend/answers", words=["fees"], userId="ann")
    assert (first["rank"], first["score"]) == (4, pytest.approx(0.5 + 0.1))
    rows = desk.read("recommend/answers", words=[], vector=[0.0, 1.0])
    assert rows[0]["itemId"] == "mesh"
    assert rows[0]["meaning"] == pytest.approx(0.8)
    assert desk.read("recommend/answers", words=["dragon"], userId="nobody") == []
