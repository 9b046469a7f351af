"""A held-out interaction gives nothing to training, and the check would see it if it did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace

import numpy as np
import pyarrow as pa
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from snapshot_world import Row, letter_vectors, make_snapshot, mention, rated, review, split_of

from embeddings.evaluate import targets_of
from embeddings.features import pair_matrix, pair_ratings, texts_to_encode, training_data
from embeddings.leak_guard import assert_no_leak
from embeddings.rating_accuracy import rated_pairs
from embeddings.settings import FeatureSettings
from embeddings.snapshot import Snapshot
from embeddings.training_data import TrainingData
from kg.errors import LeakError

NAMED = FeatureSettings(min_items=1, names=True)
USERS = ("ann", "bob", "cid")
ITEMS = ("w", "x", "y", "z")
SPLIT = split_of(
    {
        ("ann", "w"): "train",
        ("ann", "x"): "train",
        ("ann", "y"): "test",
        ("bob", "x"): "train",
        ("bob", "y"): "valid",
        ("bob", "z"): "train",
        ("cid", "y"): "train",
        ("cid", "w"): "test",
    }
)
OPEN = ("ann-w", "ann-x", "bob-x", "bob-z", "cid-y")
HELD_OUT = ("ann-y", "bob-y", "cid-w")

Tables = dict[str, list[Row]]


def world() -> Tables:
    """Everybody wrote about every pair; mentions and topics of the open reviews only."""
    pairs = [review_id.split("-") for review_id in (*OPEN, *HELD_OUT)]
    return {
        "users": [{"user_id": user} for user in USERS],
        "items": [{"item_id": item, "title": f"thing {item}"} for item in ITEMS],
        "interactions": [rated(user, item, day=3, rating=4.0) for user, item in pairs],
        "reviews": [review(user, item, f"{user} on {item}", sentiment=0.1) for user, item in pairs],
        "mentions": [mention(review_id, "Aspect", "sound", sentiment=0.2) for review_id in OPEN],
        "review_topics": [{"review_id": r, "topic_id": "t", "weight": 0.3} for r in OPEN],
        "names": [
            {"kind": "Aspect", "id": "sound", "name": "sound"},
            {"kind": "Topic", "id": "t", "name": "topic"},
        ],
        "attributes": [{"item_id": i, "attribute_id": "Kind:a", "kind": "Kind"} for i in ITEMS],
        "triples": [
            {"head": "m.w", "predicate": "made_in", "tail": "m.oslo"},
            {"head": "m.x", "predicate": "made_in", "tail": "m.oslo"},
        ],
        "links": [{"kind": "Item", "id": i, "entity_id": f"m.{i}"} for i in ("w", "x")],
    }


def seen(snapshot: Snapshot) -> TrainingData:
    """Training data as the workflow makes it: vectors of all texts, tensors of the open ones."""
    vectors = letter_vectors(texts_to_encode(snapshot, NAMED))
    view = snapshot.restrict(SPLIT, {"train"})
    return training_data(view, vectors, settings=NAMED, seed=0)


def tensors(data: TrainingData) -> dict[str, object]:
    """Every number and every key that a model could get hold of, by name."""
    found: dict[str, object] = {f"keys {kind}": list(i.keys) for kind, i in data.keys.items()}
    found |= {f"pairs {f.name}": getattr(data.pairs, f.name) for f in fields(data.pairs)}
    for store in data.graph.stores:
        found |= {f"{store._key} {name}": value for name, value in store.items()}
    return {
        name: value.tolist() if isinstance(value, torch.Tensor | np.ndarray) else value
        for name, value in found.items()
    }


def words(tables: Tables) -> None:
    for row in tables["reviews"]:
        if row["review_id"] in HELD_OUT:
            row |= {"text": "zyzzyva canary", "content_hash": "canary", "sentiment": -0.9}


def an_aspect(tables: Tables) -> None:
    tables["mentions"] += [mention(r, "Aspect", "canary", sentiment=1.0) for r in HELD_OUT]
    tables["mentions"] += [mention(r, "Aspect", "sound", sentiment=1.0) for r in HELD_OUT]
    tables["names"].append({"kind": "Aspect", "id": "canary", "name": "canary"})


def an_entity(tables: Tables) -> None:
    tables["mentions"] += [mention(r, "Entity", "canary") for r in HELD_OUT]
    tables["mentions"] += [mention(r, "Entity", "m.x") for r in HELD_OUT]
    tables["names"].append({"kind": "Entity", "id": "canary", "name": "canary"})
    tables["links"].append({"kind": "Item", "id": "z", "entity_id": "canary"})


def topic_weights(tables: Tables) -> None:
    for topic in ("t", "canary"):
        rows = [{"review_id": r, "topic_id": topic, "weight": 1.0} for r in HELD_OUT]
        tables["review_topics"] += rows
    tables["names"].append({"kind": "Topic", "id": "canary", "name": "canary"})


def ratings(tables: Tables) -> None:
    for row in tables["interactions"]:
        if f"{row['user_id']}-{row['item_id']}" in HELD_OUT:
            row |= {"rating": -99.0, "positive": False, "count": 50, "at": None}


def more_behaviours(tables: Tables) -> None:
    for review_id in HELD_OUT:
        user, item = review_id.split("-")
        tables["interactions"].append({**rated(user, item), "behaviour": "CANARY"})
        ends = {"start_kind": "User", "start_id": user, "end_kind": "Item", "end_id": item}
        tables["relations"] = [*tables.get("relations", []), {"type": "WISHES", **ends}]


def more_reviews(tables: Tables) -> None:
    for review_id in HELD_OUT:
        user, item = review_id.split("-")
        tables["reviews"].append({**review(user, item, "canary"), "review_id": f"{review_id}-2"})
        tables["mentions"].append(mention(f"{review_id}-2", "Aspect", "canary"))


PLANTS = [words, an_aspect, an_entity, topic_weights, ratings, more_behaviours, more_reviews]


@pytest.mark.parametrize("plant", PLANTS)
def test_what_is_planted_in_held_out_rows_changes_no_tensor(
    plant: Callable[[Tables], None],
) -> None:
    tables = world()
    before = tensors(seen(make_snapshot(**tables)))
    plant(tables)
    assert tensors(seen(make_snapshot(**tables))) == before


@pytest.mark.parametrize("plant", [words, an_aspect, an_entity, topic_weights, ratings])
def test_the_same_plants_would_change_tensors_if_nobody_held_them_out(
    plant: Callable[[Tables], None],
) -> None:
    everything = SPLIT.set_column(2, "part", pa.array(["train"] * SPLIT.num_rows))

    def open_to_all(tables: Tables) -> dict[str, object]:
        snapshot = make_snapshot(**tables)
        view = snapshot.restrict(everything, {"train"})
        vectors = letter_vectors(texts_to_encode(snapshot, NAMED))
        return tensors(training_data(view, vectors, settings=NAMED, seed=0))

    tables = world()
    before = open_to_all(tables)
    plant(tables)
    assert open_to_all(tables) != before


def check(view: Snapshot, whole: Snapshot, data: TrainingData | None = None) -> None:
    assert_no_leak(data or seen(whole), view, whole=whole, split=SPLIT, parts={"train"})


def test_a_restricted_snapshot_passes_the_check() -> None:
    tables = world()
    for plant in PLANTS:
        plant(tables)
    whole = make_snapshot(**tables)
    check(whole.restrict(SPLIT, {"train"}), whole)


def append(table: pa.Table, row: Row) -> pa.Table:
    return pa.concat_tables([table, pa.Table.from_pylist([row], schema=table.schema)])


LEAKS: Sequence[tuple[str, Row, str]] = [
    ("interactions", rated("ann", "y", day=3, rating=4.0), "held-out interactions"),
    ("interactions", rated("ann", "w", day=3, rating=5.0), "held-out interactions"),
    ("reviews", review("ann", "y", "ann on y", sentiment=0.1), "held-out reviews"),
    ("reviews", {**review("ann", "w", "ann on y"), "review_id": "x"}, "held-out reviews"),
    ("mentions", mention("ann-y", "Aspect", "sound"), "held-out mentions"),
    ("review_topics", {"review_id": "ann-y", "topic_id": "t", "weight": 0.3}, "topic weights"),
    ("names", {"kind": "Aspect", "id": "canary", "name": "canary"}, "names that nobody mentioned"),
]


@pytest.mark.parametrize(("table", "row", "message"), LEAKS)
def test_the_check_catches_a_row_that_came_through(table: str, row: Row, message: str) -> None:
    whole = make_snapshot(**world())
    view = whole.restrict(SPLIT, {"train"})
    leaky = view.replace(**{table: append(getattr(view, table), row)})
    with pytest.raises(LeakError, match=message):
        check(leaky, whole)


def test_the_check_catches_a_held_out_text_under_an_open_review() -> None:
    whole = make_snapshot(**world())
    view = whole.restrict(SPLIT, {"train"})
    rows = view.reviews.to_pylist()
    rows[0]["text"] = "ann on y"
    leaky = view.replace(reviews=pa.Table.from_pylist(rows, schema=view.reviews.schema))
    with pytest.raises(LeakError, match="held-out texts"):
        check(leaky, whole)


def test_the_check_catches_a_held_out_pair_in_the_tensors() -> None:
    whole = make_snapshot(**world())
    view = whole.restrict(SPLIT, {"train"})
    data = seen(whole)
    data.graph["user", "RATED", "item"].edge_index[1, 0] = data.items.of("y")
    with pytest.raises(LeakError, match="held-out RATED edges"):
        check(view, whole, data)
    item = data.pairs.item.copy()
    item[0] = data.items.of("y")
    with pytest.raises(LeakError, match="held-out training pairs"):
        check(view, whole, replace(data, pairs=replace(data.pairs, item=item)))


def test_the_check_catches_a_vector_where_nobody_wrote() -> None:
    tables = world()
    tables["interactions"].append(rated("dan", "w"))
    tables["users"].append({"user_id": "dan"})
    split = append(SPLIT, {"user_id": "dan", "item_id": "w", "part": "train"})
    whole = make_snapshot(**tables)
    view = whole.restrict(split, {"train"})
    vectors = letter_vectors(texts_to_encode(whole, NAMED))
    data = training_data(view, vectors, settings=NAMED, seed=0)
    assert_no_leak(data, view, whole=whole, split=split, parts={"train"})
    assert data.pairs.review is not None
    data.pairs.review[data.pairs.user == data.users.of("dan")] = 0.5
    with pytest.raises(LeakError, match=r"reviews that nobody wrote .such as dan, w"):
        assert_no_leak(data, view, whole=whole, split=split, parts={"train"})


def test_the_check_catches_test_targets_among_those_of_validation() -> None:
    whole = make_snapshot(**world())
    view, data = whole.restrict(SPLIT, {"train"}), seen(whole)
    for part in ("valid", "test"):
        targets = pair_matrix(targets_of(whole, SPLIT, part), data.users, data.items)
        told = replace(data, valid=targets)
        if part == "valid":
            check(view, whole, told)
            continue
        with pytest.raises(LeakError, match="targets of another part"):
            check(view, whole, told)


def test_the_check_catches_test_ratings_among_those_of_validation() -> None:
    tables = world()
    for row in tables["interactions"]:
        row["rating"] = 3.0
    whole = make_snapshot(**tables)
    view, data = whole.restrict(SPLIT, {"train"}), seen(whole)
    valid, test = (
        pair_ratings(rated_pairs(whole, SPLIT, part), data.users, data.items)
        for part in ("valid", "test")
    )
    assert valid is not None
    assert test is not None
    check(view, whole, replace(data, valid_ratings=valid))
    with pytest.raises(LeakError, match="ratings of another part"):
        check(view, whole, replace(data, valid_ratings=test))


@given(st.dictionaries(st.sampled_from((*OPEN, *HELD_OUT)), st.sampled_from(["train", "test"])))
def test_whatever_the_split_training_knows_its_own_pairs_and_no_other(
    parts: dict[str, str],
) -> None:
    pairs = {review_id: tuple(review_id.split("-")) for review_id in parts}
    split = split_of({(pairs[r][0], pairs[r][1]): part for r, part in parts.items()})
    whole = make_snapshot(**world())
    view = whole.restrict(split, {"train"})
    data = training_data(view, None, settings=NAMED, seed=0)
    assert_no_leak(data, view, whole=whole, split=split, parts={"train"})
    known = {(data.users.keys[u], data.items.keys[i]) for u, i in
             zip(data.pairs.user, data.pairs.item, strict=True)}  # fmt: skip
    assert known == {pairs[r] for r, part in parts.items() if part == "train"}
