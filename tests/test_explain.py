"""Reasons rest on what the graph holds, so that a query can replay them."""

from __future__ import annotations

import numpy as np
import torch
from model_world import checkerboard

from embeddings.baselines.popularity import Popularity
from embeddings.explain import Explainer
from embeddings.index import Index
from embeddings.score import score_lists
from embeddings.training_data import TrainingData


def kinds(data: TrainingData) -> set[str]:
    model = Popularity().fit(data)
    explainer = Explainer(data, model)
    return {
        reason.split("|")[0]
        for lists in score_lists(model, data, top_k=20, hide="nothing")
        for reasons in explainer.reasons(lists)
        for reason in reasons
    }


def say(data: TrainingData, kind: str) -> None:
    """Everybody writes about one thing, and all items are described by it."""
    data.graph[kind].num_nodes = 1
    data.keys[kind] = Index(kind, ["rpg"])
    for start, relation in (("user", "MENTIONS"), ("item", "DESCRIBED_BY")):
        edges = data.graph[start, relation, kind]
        edges.edge_index = torch.stack([torch.arange(20), torch.zeros(20, dtype=torch.int64)])
        edges.weight, edges.sentiment = torch.ones(20), torch.ones(20)


def test_an_aspect_that_both_speak_of_is_a_reason():
    data, _ = checkerboard(valid=False)
    say(data, "aspect")
    assert "aspect" in kinds(data)


def test_an_attribute_that_only_reviews_speak_of_is_none():
    """The graph holds no interest in it, and the item does not have it."""
    data, _ = checkerboard(valid=False)
    say(data, "attribute")
    assert "attribute" not in kinds(data)
    data.graph["item", "Genre", "attribute"].edge_index = torch.from_numpy(
        np.stack([np.arange(20), np.zeros(20, np.int64)])
    )
    assert "attribute" in kinds(data)


def test_where_nobody_of_a_block_writes_the_other_reasons_stand():
    data, _ = checkerboard(valid=False)
    spoken = kinds(data)
    say(data, "aspect")
    edges = data.graph["user", "MENTIONS", "aspect"]
    edges.edge_index = torch.empty(2, 0, dtype=torch.int64)
    edges.weight = edges.sentiment = torch.empty(0)
    assert kinds(data) == spoken
