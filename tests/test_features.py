"""Training data holds what the snapshot says, each number checked by hand."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import pytest
import torch
from model_world import checkerboard
from snapshot_world import letter_vectors, make_snapshot, mention, rated, review
from torch_geometric.data import HeteroData

from embeddings.features import item_texts, pair_matrix, texts_to_encode, training_data
from embeddings.index import Index
from embeddings.settings import FeatureSettings
from embeddings.snapshot import Snapshot
from embeddings.training_data import TrainingData
from kg.errors import ModelError, UnknownKeyError

EVERYTHING = FeatureSettings(min_items=1)


def data_of(snapshot: Snapshot, settings: FeatureSettings = EVERYTHING) -> TrainingData:
    vectors = letter_vectors(texts_to_encode(snapshot, settings))
    return training_data(snapshot, vectors, settings=settings, seed=0)


def edges(graph: HeteroData, *edge_type: str) -> list[list[int]]:
    index: torch.Tensor = graph[edge_type].edge_index
    return index.t().tolist()


@pytest.fixture(scope="module")
def data() -> TrainingData:
    return data_of(
        make_snapshot(
            users=[{"user_id": "ann"}, {"user_id": "bob"}, {"user_id": "new"}],
            items=[
                {"item_id": "x", "title": "Xylo", "description": "phone"},
                {"item_id": "y", "description": "only described"},
                {"item_id": "z"},
            ],
            interactions=[
                rated("ann", "x", rating=4.0, day=1),
                rated("ann", "z", rating=1.0, positive=False),
                {**rated("ann", "x"), "behaviour": "VIEWED", "count": 4, "at": None},
                rated("bob", "y"),
            ],
            reviews=[
                review("ann", "x", "warm sound", sentiment=0.8),
                review("bob", "y", "thin sound", sentiment=-0.4),
            ],
            mentions=[
                mention("ann-x", "Aspect", "sound", count=1, sentiment=0.5),
                mention("ann-x", "Aspect", "warmth", count=3),
                mention("bob-y", "Aspect", "sound", count=2, sentiment=-1.0),
                mention("bob-y", "Entity", "Xylo", sentiment=0.1),
                mention("bob-y", "Entity", "Acme", sentiment=0.1),
            ],
            review_topics=[
                {"review_id": "ann-x", "topic_id": "t", "weight": 0.25},
                {"review_id": "bob-y", "topic_id": "t", "weight": 0.75},
            ],
            attributes=[
                {"item_id": "x", "attribute_id": "Brand:acme", "kind": "Brand"},
                {"item_id": "y", "attribute_id": "Brand:acme", "kind": "Brand"},
                {"item_id": "y", "attribute_id": "Genre:odd", "kind": "Genre"},
            ],
            links=[
                {"kind": "Item", "id": "x", "entity_id": "Xylo"},
                {"kind": "Item", "id": "y", "entity_id": "m.y"},
                {"kind": "Attribute", "id": "Brand:acme", "entity_id": "Acme"},
                {"kind": "Item", "id": "x", "entity_id": "both"},
                {"kind": "Item", "id": "y", "entity_id": "both"},
            ],
            triples=[
                {"head": "Xylo", "predicate": "film.sequel", "tail": "m.y"},
                {"head": "m.y", "predicate": "made_in", "tail": "m.oslo"},
                {"head": "Xylo", "predicate": "made_in", "tail": "m.oslo"},
                {"head": "Xylo", "predicate": "made_by", "tail": "m.leaf"},
                {"head": "both", "predicate": "near", "tail": "m.oslo"},
                {"head": "both", "predicate": "near", "tail": "m.y"},
            ],
            relations=[
                {
                    "type": "FOLLOWS",
                    "start_kind": "User",
                    "start_id": "bob",
                    "end_kind": "User",
                    "end_id": "ann",
                }
            ],
        )
    )


def test_pairs_fold_all_that_happened_between_a_user_and_an_item(data: TrainingData) -> None:
    pairs = data.pairs
    assert pairs.user.tolist() == [0, 0, 1]
    assert pairs.item.tolist() == [0, 2, 1]
    assert pairs.positive.tolist() == [True, False, True]
    np.testing.assert_allclose(pairs.rating, [4.0, 1.0, np.nan])
    np.testing.assert_allclose(pairs.weight, [1 + math.log(5), 1, 1], rtol=1e-6)
    assert pairs.day.tolist() == [18749.0, 18748.0, 18748.0]
    assert data.positives.toarray().tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 0]]


def test_users_and_items_without_any_pair_are_there(data: TrainingData) -> None:
    assert list(data.users.keys) == ["ann", "bob", "new"]
    assert data.graph["user"].num_nodes == 3


def test_each_behaviour_is_an_edge_type_with_its_own_values(data: TrainingData) -> None:
    assert edges(data.graph, "user", "RATED", "item") == [[0, 0], [0, 2], [1, 1]]
    viewed = data.graph["user", "VIEWED", "item"]
    assert viewed.weight.tolist() == pytest.approx([1 + math.log(4)])
    assert viewed.positive.tolist() == [True]
    assert viewed.day.isnan().all()


def test_each_kind_of_attribute_is_an_edge_type(data: TrainingData) -> None:
    acme, odd = data.keys["attribute"].of("Brand:acme"), data.keys["attribute"].of("Genre:odd")
    assert edges(data.graph, "item", "Brand", "attribute") == [[0, acme], [1, acme]]
    assert edges(data.graph, "item", "Genre", "attribute") == [[1, odd]]


def test_an_item_and_the_entity_that_it_is_are_one_node(data: TrainingData) -> None:
    oslo = data.keys["entity"].of("m.oslo")
    assert edges(data.graph, "item", "film.sequel", "item") == [[0, 1]]
    assert edges(data.graph, "item", "made_in", "entity") == [[0, oslo], [1, oslo]]
    assert "Xylo" not in data.keys["entity"]


def test_a_mentioned_item_or_brand_is_that_node(data: TrainingData) -> None:
    assert edges(data.graph, "item", "DESCRIBED_BY", "item") == [[1, 0]]
    acme = data.keys["attribute"].of("Brand:acme")
    assert edges(data.graph, "user", "MENTIONS", "attribute") == [[1, acme]]


def test_an_entity_that_two_items_claim_stays_a_node_of_its_own(data: TrainingData) -> None:
    both = data.keys["entity"].of("both")
    assert edges(data.graph, "item", "SAME_AS", "entity") == [[0, both], [1, both]]
    assert edges(data.graph, "entity", "near", "item") == [[both, 1]]


def test_an_entity_with_one_neighbour_tells_nothing_and_is_left_out(data: TrainingData) -> None:
    assert "m.leaf" not in data.keys["entity"]


def test_declared_relations_are_edge_types(data: TrainingData) -> None:
    assert edges(data.graph, "user", "FOLLOWS", "user") == [[1, 0]]


def test_aspects_carry_how_much_and_how_they_were_spoken_of(data: TrainingData) -> None:
    described = data.graph["item", "DESCRIBED_BY", "aspect"]
    sound, warmth = (data.keys["aspect"].of(name) for name in ("sound", "warmth"))
    assert described.edge_index.t().tolist() == [[0, sound], [0, warmth], [1, sound]]
    assert described.weight.tolist() == pytest.approx([math.log(2) / math.log(4), 1, 1])
    assert described.sentiment.tolist() == pytest.approx([0.5, 0, -1])
    assert described.evidence_edge.tolist() == [0, 1, 2]
    assert described.evidence_pair.tolist() == [0, 0, 2]
    assert edges(data.graph, "user", "MENTIONS", "aspect") == [[0, 0], [0, 1], [1, 0]]


def test_topics_carry_their_share_and_the_sentiment_of_the_reviews(data: TrainingData) -> None:
    described = data.graph["item", "DESCRIBED_BY", "topic"]
    assert described.weight.tolist() == [0.25, 0.75]
    assert described.sentiment.tolist() == pytest.approx([0.8, -0.4])


def test_vectors_are_those_of_the_texts_and_zero_where_there_is_none(data: TrainingData) -> None:
    vectors = letter_vectors(["Xylo\nphone", "only described", "warm sound"])
    torch.testing.assert_close(
        data.graph["item"].x[:2], vectors.of(["Xylo\nphone", "only described"])
    )
    assert not data.graph["item"].x[2].any()
    assert data.pairs.review is not None
    torch.testing.assert_close(data.pairs.review[0], vectors.of(["warm sound"])[0])
    assert not data.pairs.review[1].any()


def test_what_too_few_items_share_is_left_out() -> None:
    rows = [{"item_id": i, "attribute_id": f"Genre:{g}", "kind": "Genre"} for g, i in
            [("common", "x"), ("common", "y"), ("rare", "x")]]  # fmt: skip
    reviews = [review("ann", "x", "one"), review("bob", "x", "two"), review("ann", "y", "three")]
    snapshot = make_snapshot(
        users=[{"user_id": "ann"}, {"user_id": "bob"}],
        items=[{"item_id": "x"}, {"item_id": "y"}],
        attributes=rows,
        reviews=reviews,
        mentions=[
            mention("ann-x", "Aspect", "sound"),
            mention("ann-y", "Aspect", "sound"),
            mention("ann-x", "Aspect", "box"),
            mention("bob-x", "Aspect", "box"),
        ],
    )
    data = data_of(snapshot, FeatureSettings(min_items=2))
    assert list(data.keys["attribute"].keys) == ["Genre:common"]
    assert list(data.keys["aspect"].keys) == ["sound"]


def test_a_pair_with_two_reviews_has_their_mean() -> None:
    reviews = [review("ann", "x", "ab"), {**review("ann", "x", "cd"), "review_id": "second"}]
    snapshot = make_snapshot(
        users=[{"user_id": "ann"}],
        items=[{"item_id": "x"}],
        interactions=[rated("ann", "x")],
        reviews=reviews,
    )
    review_mean = data_of(snapshot).pairs.review
    assert review_mean is not None
    torch.testing.assert_close(
        review_mean[0], letter_vectors(["ab", "cd"]).of(["ab", "cd"]).mean(0)
    )


def test_without_text_vectors_there_are_none_and_without_anything_there_is_no_fault() -> None:
    data = training_data(make_snapshot(), None, settings=FeatureSettings(), seed=0)
    assert data.pairs.review is None
    assert "x" not in data.graph["item"]
    assert data.graph.edge_types == []


def test_a_text_that_was_never_encoded_is_an_error() -> None:
    snapshot = make_snapshot(items=[{"item_id": "x", "title": "unheard of"}])
    with pytest.raises(ModelError, match="1 of 1 texts have no vector"):
        training_data(snapshot, letter_vectors(["other"]), settings=FeatureSettings(), seed=0)


def test_pairs_of_unknown_keys_are_no_targets() -> None:
    users, items = Index("user", ["ann"]), Index("item", ["x", "y"])
    table = make_snapshot(interactions=[rated("ann", "y"), rated("zed", "y")]).interactions
    assert pair_matrix(table, users, items).toarray().tolist() == [[False, True]]


def test_an_index_names_near_keys_for_an_unknown_one() -> None:
    with pytest.raises(UnknownKeyError, match="user-1"):
        Index("user", ["user-1", "other"]).of("usr-1")


def test_what_reviews_say_of_an_attribute_does_not_make_it_one_of_the_item():
    data, _ = checkerboard(4)
    assert data.attributes is None
    data.graph["attribute"].num_nodes = 2
    data.graph["item", "Genre", "attribute"].edge_index = torch.tensor([[0, 3], [1, 0]])
    data.graph["item", "DESCRIBED_BY", "attribute"].edge_index = torch.tensor([[2], [0]])
    assert data.attributes is not None
    assert data.attributes.toarray().tolist() == [[0, 1], [0, 0], [0, 0], [1, 0]]


def test_the_text_of_an_item_is_all_that_is_declared_of_it() -> None:
    snapshot = make_snapshot(
        items=[
            {
                "item_id": "x",
                "title": "Toy",
                "description": "A tale.",
                "released_at": datetime(1995, 3, 1, tzinfo=UTC),
            },
            {"item_id": "y"},
            {"item_id": "z", "description": "Plain."},
        ],
        attributes=[
            {"item_id": "x", "attribute_id": "Genre:comedy", "kind": "Genre"},
            {"item_id": "x", "attribute_id": "Brand:pix", "kind": "Brand"},
            {"item_id": "y", "attribute_id": "Genre:noir", "kind": "Genre"},
        ],
        names=[
            {"kind": "Attribute", "id": "Genre:comedy", "name": "Comedy"},
            {"kind": "Attribute", "id": "Brand:pix", "name": "Pix"},
            {"kind": "Attribute", "id": "Genre:noir", "name": "Noir"},
        ],
    )
    assert item_texts(snapshot) == ["Toy (1995)\nPix, Comedy\nA tale.", "Noir", "Plain."]


def test_names_of_things_are_texts_only_where_they_are_asked_for_and_more_than_keys() -> None:
    snapshot = make_snapshot(
        users=[{"user_id": "ann"}],
        items=[{"item_id": "x", "title": "Xylo"}],
        interactions=[rated("ann", "x")],
        reviews=[review("ann", "x", "warm sound")],
        mentions=[mention("ann-x", "Aspect", "sound", count=1)],
        review_topics=[{"review_id": "ann-x", "topic_id": "t", "weight": 1.0}],
        attributes=[{"item_id": "x", "attribute_id": "Brand:acme", "kind": "Brand"}],
        names=[
            {"kind": "Aspect", "id": "sound", "name": "sound quality"},
            {"kind": "Topic", "id": "t", "name": "t"},
            {"kind": "Attribute", "id": "Brand:acme", "name": "Acme"},
        ],
    )
    named = FeatureSettings(min_items=1, names=True)
    told = data_of(snapshot, named).graph
    expected = letter_vectors(["sound quality", "Acme", ""])
    assert torch.equal(told["aspect"].x, expected.of(["sound quality"]))
    assert torch.equal(told["attribute"].x, expected.of(["Acme"]))
    assert not told["topic"].x.any()
    silent = data_of(snapshot).graph
    assert set(silent.collect("x", True)) == {"item"}
    assert "Acme" not in texts_to_encode(snapshot, EVERYTHING)
