"""Leaving parts out: what is left is what was said, and what changes nothing is not trained."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from model_world import checkerboard

from embeddings.ablate import VARIANTS, WHOLE, ablate
from embeddings.models.settings import HeteroGatSettings
from embeddings.training_data import TrainingData

SMALL = HeteroGatSettings(width=8, steps=20, check_every=10, l2=5.0, device="cpu")


@pytest.fixture
def data() -> TrainingData:
    """The checkerboard, with a genre that tells the colours and an aspect that tells nothing."""
    data, _ = checkerboard()
    data.graph["attribute"].num_nodes = 2
    data.graph["aspect"].num_nodes = 1
    items = torch.arange(20)
    data.graph["item", "Genre", "attribute"].edge_index = torch.stack([items, items % 2])
    return data


def test_knowledge_is_what_is_said_by_nobody_and_done_by_nobody(data):
    left, settings = VARIANTS["without knowledge"]((data, SMALL))
    assert left.graph.edge_types == [("user", "RATED", "item")]
    assert settings == SMALL
    assert ("item", "Genre", "attribute") in data.graph.edge_types, "the whole stays whole"


def test_each_variant_is_compared_on_the_same_users(data):
    _, test = checkerboard()
    found = ablate(data, SMALL, test, seeds=2)
    assert WHOLE in found.ndcg
    assert "without knowledge" in found.ndcg
    assert "without what reviews mention" not in found.ndcg, "there is nothing to leave out"
    assert "alpha 1" not in found.ndcg, "that is the whole"
    knowledge = next(c for c in found.comparisons if c.against == "without knowledge")
    expected = found.ndcg[WHOLE] - found.ndcg["without knowledge"]
    assert knowledge.difference == pytest.approx(expected)
    assert knowledge.users == 20


def test_without_attention_messages_count_by_degrees_as_in_lightgcn(data):
    change = VARIANTS["without attention (mean)"]
    assert change((data, SMALL)) == (data, SMALL.model_copy(update={"encoder": "lightgcn"}))


def test_what_has_no_attention_to_leave_out_stays_as_it_is(data):
    sage = SMALL.model_copy(update={"encoder": "sage"})
    assert VARIANTS["without attention (mean)"]((data, sage)) == (data, sage)


def test_dates_of_release_are_left_out_where_training_hides_the_future(data):
    change = VARIANTS["without dates of release"]
    dated = replace(data, released=np.arange(20.0))
    assert change((dated, SMALL)) == (dated, SMALL)
    left, _ = change((dated, SMALL.model_copy(update={"hide": "future"})))
    assert left.released is None
