"""A score without some edges is that of the whole network without them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from model_world import checkerboard

from embeddings.index import Index
from embeddings.models.attention import unit
from embeddings.models.edited_graph import EditedGraph
from embeddings.models.edited_pair import EditedPair
from embeddings.models.settings import HeteroGatSettings
from embeddings.training_data import TrainingData
from kg.errors import ModelError

SETTINGS = HeteroGatSettings(width=8, steps=6, similar_items=3, l2=5.0, dropout=0.0)


def described() -> TrainingData:
    """The checkerboard, with attributes, texts, and what users say and items are described by."""
    data, _ = checkerboard(valid=False, described=True)
    data.graph["aspect"].num_nodes = 4
    data = replace(
        data,
        keys={
            "aspect": Index("aspect", ["hue", "gloss", "grain", "weight"]),
            "attribute": Index("attribute", [f"a{number}" for number in range(22)]),
        },
    )
    own = torch.arange(20)
    for start, relation in (("user", "MENTIONS"), ("item", "DESCRIBED_BY")):
        edges = data.graph[start, relation, "aspect"]
        edges.edge_index = torch.stack([own.repeat(2), torch.cat([own % 2, 2 + own // 10])])
        edges.weight, edges.sentiment = torch.linspace(0.2, 1.0, 40), torch.ones(40)
    return data


def slowly(graph: EditedGraph, pair: EditedPair, removed: torch.Tensor) -> float:
    """cos(z_u, z_i) / τ by the layers over all messages."""
    visible = graph.visible.clone()
    visible[pair.with_back(removed)] = 0
    h, total = graph.h[0], graph.h[0]
    for layer in graph.layers:
        h, _ = layer(h, graph.edges, visible)
        total = total + h
    n = unit(total[list(pair.nodes)])
    return float(n[0] @ n[1] / graph.temperature)


@pytest.mark.parametrize(
    "changed", [{}, {"layers": 1}, {"layers": 3}, {"heads": 2}, {"encoder": "gatv2"}]
)
def test_an_edited_score_is_the_whole_networks(changed: dict[str, object]) -> None:
    data = described()
    graph = EditedGraph.train(data, SETTINGS.model_copy(update=changed))
    pair = EditedPair(graph, 3, 8)
    assert len(pair.into) > 10
    rng = np.random.default_rng(0)
    for count in (0, 1, 4, len(pair.into)):
        removed = torch.from_numpy(np.sort(rng.choice(pair.into, count, replace=False)))
        touched = pair.with_back(removed)
        found = float(pair.score(touched, torch.zeros(len(touched))))
        assert found == pytest.approx(slowly(graph, pair, removed), abs=1e-5)


def test_without_edits_it_scores_as_trained_and_a_like_takes_its_closed_form_along() -> None:
    data = described()
    graph = EditedGraph.train(data, SETTINGS)
    pair, nothing = EditedPair(graph, 3, 3), torch.empty(0, dtype=torch.int64)
    whole = graph.score(np.array([3]))[0]
    assert pair.all_scores(nothing) == pytest.approx(whole, abs=1e-5)
    liked = graph.node("item", int(data.positives[[3]].indices[0]))
    removed = pair.into[graph.edges.source[pair.into] == liked]
    [item] = pair.items_of(removed)
    touched = pair.with_back(removed)
    network = float(
        pair.score(touched, torch.zeros(len(touched))) - pair.score(nothing, torch.empty(0))
    )
    R = graph.closed_form.B[item, 3] / graph.closed_form.scale * float(graph.scores.g[3])  # type: ignore[call-overload,index]
    change = pair.all_scores(removed)[3] - whole[3]
    assert abs(R) > 1e-4
    assert change == pytest.approx(network - R, abs=1e-5)


def test_an_encoder_without_attention_is_refused() -> None:
    data = described()
    with pytest.raises(ModelError, match="no messages with a weight of their own"):
        EditedGraph.train(data, SETTINGS.model_copy(update={"encoder": "lightgcn"}))
    with pytest.raises(ModelError, match="no ranking to explain"):
        EditedGraph.train(data, SETTINGS.model_copy(update={"objective": "rating"}))
