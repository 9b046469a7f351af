"""People grouped by what they care for: two circles of readers that share nothing but a bench."""

from __future__ import annotations

import numpy as np
import pytest
from graph_world import graph_of
from scipy.sparse import csr_array

from embeddings.interests.in_graph import segment_graph
from embeddings.interests.segments import LEAST_INTERESTS, choose, segment, traits
from kg.errors import ModelError
from kg.store import Store

GHOSTS, COOKS, IDLE = 24, 18, 2
CARES = 6
"""Things of a circle's own; everybody cares for the last one, the bench."""
BENCH = 2 * CARES


def weights() -> csr_array:
    """Ghost readers care for things 0 … 5, cooks for 6 … 11, the idle for the bench alone."""
    rows = np.zeros((GHOSTS + COOKS + IDLE, BENCH + 1))
    rows[:GHOSTS, :CARES] = 0.5
    rows[GHOSTS : GHOSTS + COOKS, CARES:BENCH] = 0.1  # they write less, and mean it as much
    rows[np.arange(GHOSTS), np.arange(GHOSTS) % CARES] = 0.0  # but each leaves one thing out
    rows[:, BENCH] = 0.05
    return csr_array(rows)


def test_circles_are_found_and_the_largest_comes_first() -> None:
    found = segment(weights(), count=2, seed=1)
    assert found.labels.tolist() == [0] * GHOSTS + [1] * COOKS + [-1] * IDLE
    assert found.stability == 1.0, "all starts agree on two"
    assert found.fit[:-IDLE].min() > 0.9
    assert found.fit[-IDLE:].tolist() == [0, 0]


def test_segments_are_described_by_what_their_people_share() -> None:
    found = traits(weights(), [0] * GHOSTS + [1] * COOKS + [-1] * IDLE, least=5)
    things = {number: set(found.filter(segment=number)["thing"].to_list()) for number in (0, 1)}
    assert things == {0: set(range(CARES)), 1: set(range(CARES, BENCH))}, "never the bench"
    cook = found.filter(segment=1).row(0, named=True)
    assert (cook["people"], cook["share"]) == (COOKS, 1.0)
    assert cook["lift"] == pytest.approx((GHOSTS + COOKS) / COOKS)
    # nobody else has it, which counts as half a person of 24: 1 / (0.5 / 24), less its error
    error = (1 / COOKS - 1 / COOKS + 1 / 0.5 - 1 / GHOSTS) ** 0.5
    assert cook["low"] == pytest.approx(48 * np.exp(-1.96 * error))
    surely = traits(weights(), [0] * GHOSTS + [1] * COOKS + [-1] * IDLE, least=19)
    assert surely["segment"].unique().to_list() == [0], "there are but 18 cooks"


def test_as_many_segments_as_starts_agree_on() -> None:
    assert choose({2: 1.0, 3: 0.95, 4: 0.79, 5: 0.8, 6: 0.6}) == 5
    assert choose({4: 0.5, 5: 0.7, 6: 0.6}) == 5, "none agrees well"
    found = segment(weights(), seed=1)
    assert found.count == 7, "those of one circle who leave out the same thing are alike"
    assert found.stability == 1.0


def test_too_few_people_make_no_segments() -> None:
    few = weights()[:3]
    with pytest.raises(ModelError, match=f"3 people have at least {LEAST_INTERESTS} interests"):
        segment(few, seed=1)


def fill(store: Store) -> None:
    things = ["fog", "attic", "candle", "raven", "cellar", "bell"]
    foods = ["butter", "oven", "spoon", "salt", "dough", "plum"]
    store.run_text(
        "UNWIND $names AS name CREATE (:Aspect {aspectId: name, name: name})",
        names=[*things, *foods, "bench"],
    )
    rows = weights().toarray()
    store.run_text(
        "UNWIND $rows AS row MERGE (u:User {userId: row.user}) WITH u, row "
        "MATCH (a:Aspect {aspectId: row.thing}) "
        "CREATE (u)-[:INTERESTED_IN {weight: row.weight, support: 1}]->(a)",
        rows=[
            {"user": f"reader-{user:02}", "thing": thing, "weight": float(rows[user, column])}
            for user in range(len(rows))
            for column, thing in enumerate([*things, *foods, "bench"])
            if rows[user, column]
        ],
    )


def test_segments_are_kept_in_the_graph(store: Store) -> None:
    fill(store)
    report = segment_graph(store, count=2, seed=1)
    assert [(row["segment"], row["people"]) for row in report.segments] == [
        ("segment-1", GHOSTS),
        ("segment-2", COOKS),
    ]
    assert (report.outside, report.removed, report.stability) == (IDLE, 0, 1.0)
    listed = store.read("browse/segments", traits=2)
    assert [(row["segmentId"], row["size"]) for row in listed] == [
        ("segment-1", GHOSTS),
        ("segment-2", COOKS),
    ]
    assert listed[1]["name"] == "butter, dough, oven"
    assert listed[1]["traits"] == ["butter ×2.3", "dough ×2.3"]
    assert listed[1]["fit"] == pytest.approx(1.0)
    people = store.read("browse/segment_people", segmentId="segment-2", limit=3)
    assert [row["userId"] for row in people] == ["reader-24", "reader-25", "reader-26"]
    assert set(people[0]["interests"]) <= {"butter", "oven", "spoon", "salt", "dough", "plum"}  # type: ignore[call-overload]
    assert len(store.read("browse/segment_picture", segmentId="segment-2", limit=4)) == 8


def test_grouping_again_changes_nothing_and_removes_what_is_no_more(store: Store) -> None:
    fill(store)
    segment_graph(store, count=2, seed=1)
    before = graph_of(store)
    assert segment_graph(store, count=2, seed=1).removed == 0
    assert graph_of(store) == before
    assert segment_graph(store, count=3, seed=1).removed == 0
    assert len(store.read("browse/segments")) == 3
    assert segment_graph(store, count=2, seed=1).removed == 1
    assert graph_of(store) == before


def test_a_segment_goes_with_its_people(store: Store) -> None:
    fill(store)
    segment_graph(store, count=2, seed=1)
    store.run_text("MATCH (u:User) WHERE u.userId < 'reader-24' DETACH DELETE u")
    assert store.write("load/remove_empty_segments") == [{"removed": 1}]
    assert [row["segmentId"] for row in store.read("browse/segments")] == ["segment-2"]
