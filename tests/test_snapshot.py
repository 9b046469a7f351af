"""A snapshot is the same whatever order it was read in, and survives its folder."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from snapshot_world import make_snapshot, mention, rated, review, split_of

from embeddings.snapshot import Snapshot
from kg.errors import ModelError

WORLD = {
    "users": [{"user_id": user} for user in ("ann", "bob", "cid", "new")],
    "traits": [{"user_id": "ann", "name": "age", "value": "31"}],
    "items": [{"item_id": item, "title": item.upper()} for item in ("x", "y", "z", "fresh")],
    "interactions": [
        rated("ann", "x", rating=5.0),
        rated("ann", "y", positive=False),
        {**rated("ann", "y"), "behaviour": "VIEWED"},
        rated("bob", "x"),
        rated("cid", "z"),
    ],
    "reviews": [review("ann", "x", "lovely"), review("ann", "y", "dull"), review("cid", "z", "ok")],
    "mentions": [
        mention("ann-x", "Aspect", "sound", sentiment=0.5),
        mention("ann-y", "Aspect", "plot"),
        mention("ann-y", "Entity", "it"),
    ],
    "review_topics": [
        {"review_id": "ann-y", "topic_id": "t1", "weight": 0.5},
        {"review_id": "ann-x", "topic_id": "t2", "weight": 0.5},
    ],
    "names": [
        {"kind": "Aspect", "id": "sound", "name": "sound"},
        {"kind": "Aspect", "id": "plot", "name": "plot"},
        {"kind": "Entity", "id": "it", "name": "It"},
        {"kind": "Entity", "id": "m.1", "name": None},
        {"kind": "Topic", "id": "t1", "name": "one"},
        {"kind": "Topic", "id": "t2", "name": "two"},
    ],
    "triples": [{"head": "m.1", "predicate": "by", "tail": "m.2"}],
    "links": [
        {"kind": "Item", "id": "y", "entity_id": "it"},
        {"kind": "Item", "id": "x", "entity_id": "m.1"},
    ],
    "relations": [
        {"type": "FOLLOWS", "start_kind": "User", "start_id": "ann",
         "end_kind": "User", "end_id": "cid"},
        {"type": "WISHES", "start_kind": "User", "start_id": "ann",
         "end_kind": "Item", "end_id": "y"},
    ],
}  # fmt: skip
SPLIT = split_of({("ann", "x"): "train", ("ann", "y"): "test", ("bob", "x"): "train"})


@pytest.fixture(scope="module")
def view() -> Snapshot:
    return make_snapshot(**WORLD).restrict(SPLIT, {"train"})


def test_a_snapshot_comes_back_from_its_folder(tmp_path: Path) -> None:
    snapshot = make_snapshot(**WORLD)
    snapshot.save(tmp_path)
    loaded = Snapshot.load(tmp_path)
    assert loaded.tables == snapshot.tables
    assert loaded.hash == snapshot.hash
    assert loaded.counts["interactions"] == 5


def test_a_snapshot_that_was_tampered_with_or_is_incomplete_is_refused(tmp_path: Path) -> None:
    make_snapshot(**WORLD).save(tmp_path)
    users = pa.table({"user_id": ["ann", "bob", "cid", "mallory"]})
    pq.write_table(users, tmp_path / "users.parquet")
    with pytest.raises(ModelError, match="was changed"):
        Snapshot.load(tmp_path)
    (tmp_path / "items.parquet").unlink()
    with pytest.raises(ModelError, match=r"items.parquet"):
        Snapshot.load(tmp_path)


def test_a_held_out_pair_goes_whole(view: Snapshot) -> None:
    pairs = zip(view.interactions["user_id"], view.interactions["item_id"], strict=True)
    assert [(str(user), str(item)) for user, item in pairs] == [("ann", "x"), ("bob", "x")]
    assert view.reviews["review_id"].to_pylist() == ["ann-x"]
    assert view.mentions["target_id"].to_pylist() == ["sound"]
    assert view.review_topics["topic_id"].to_pylist() == ["t2"]


def test_things_that_only_held_out_reviews_speak_of_are_unknown(view: Snapshot) -> None:
    assert view.names["id"].to_pylist() == ["sound", "m.1", "t2"]
    assert view.links["entity_id"].to_pylist() == ["m.1"]


def test_a_declared_relation_does_not_tell_of_a_held_out_pair(view: Snapshot) -> None:
    assert view.relations.num_rows == 0


def test_who_lost_all_pairs_to_the_core_leaves_and_who_never_had_one_stays(view: Snapshot) -> None:
    assert view.users["user_id"].to_pylist() == ["ann", "bob", "new"]
    assert view.items["item_id"].to_pylist() == ["fresh", "x", "y"]


def test_restricting_to_all_parts_changes_nothing() -> None:
    split = split_of(
        {("ann", "x"): "train", ("ann", "y"): "test", ("bob", "x"): "valid", ("cid", "z"): "train"}
    )
    whole = make_snapshot(**WORLD)
    assert whole.restrict(split, {"train", "valid", "test"}).hash == whole.hash


rows = st.lists(
    st.tuples(st.text("ab\x00é", max_size=3), st.text(max_size=3), st.none() | st.floats(0, 5)),
    unique_by=lambda row: row[:2],
    max_size=8,
)


@given(rows, st.randoms(use_true_random=False))
def test_the_hash_knows_the_content_and_not_its_order(
    world: list[tuple[str, str, float | None]], shuffler: object
) -> None:
    interactions = [rated(user, item, rating=rating) for user, item, rating in world]
    snapshot = make_snapshot(interactions=interactions)
    shuffler.shuffle(interactions)  # type: ignore[attr-defined]
    assert make_snapshot(interactions=interactions).hash == snapshot.hash
    changed = [{**row, "rating": -1.0} for row in interactions[:1]] + interactions[1:]
    assert not interactions or make_snapshot(interactions=changed).hash != snapshot.hash
    assert make_snapshot(interactions=[*interactions, rated("zz", "zz")]).hash != snapshot.hash


def test_texts_that_run_together_alike_hash_apart() -> None:
    one = make_snapshot(users=[{"user_id": "ab"}, {"user_id": "c"}])
    two = make_snapshot(users=[{"user_id": "a"}, {"user_id": "bc"}])
    assert one.hash != two.hash


def test_null_and_empty_text_hash_apart() -> None:
    one = make_snapshot(items=[{"item_id": "x", "title": ""}])
    two = make_snapshot(items=[{"item_id": "x", "title": None}])
    assert one.hash != two.hash
