"""What things add to a score, and that reasons weigh it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from test_edited_graph import SETTINGS, described

from embeddings.explain import Explainer
from embeddings.models.attention import propagate_heads, unit
from embeddings.models.edited_graph import EditedGraph
from embeddings.models.edited_pair import EditedPair
from embeddings.models.hetero_gat import HeteroGat
from embeddings.score import score_lists


@pytest.mark.parametrize("changed", [{}, {"layers": 1}, {"heads": 2}])
def test_a_weight_is_the_slope_along_the_last_hop(changed: dict[str, object]) -> None:
    graph = EditedGraph.train(described(), SETTINGS.model_copy(update=changed))
    pair, edges = EditedPair(graph, 3, 5), graph.edges
    factor = torch.ones(len(edges.source), requires_grad=True)
    total = graph.h[0]
    for layer, h, c in zip(graph.layers, graph.h[:-1], graph.attention, strict=True):
        v = c * layer.beta[edges.relation][:, None] * factor[:, None]
        total = total + propagate_heads(v, h, edges)
    n = unit(total[list(pair.nodes)])
    torch.autograd.backward(n[0] @ n[1] / graph.temperature)
    assert factor.grad is not None
    for kind, thing in (("aspect", 1), ("item", 7), ("attribute", 1), ("user", 7)):
        from_thing = edges.source[pair.into].long() == graph.node(kind, thing)
        slope = float(factor.grad[pair.into[from_thing]].sum())
        place = np.array([[3], [5], [thing]])
        users, items = graph.scores.user.numpy(), graph.scores.item.numpy()
        [found] = graph.told.weights(users, items, place, kind, graph.temperature)
        assert found == pytest.approx(slope, abs=1e-5)
        assert slope != 0.0


def test_published_reasons_weigh_it_and_it_survives_on_disk(tmp_path: Path) -> None:
    data = described()
    model = HeteroGat(SETTINGS.model_copy(update={"seeds": 2})).fit(data)
    model.save(tmp_path)
    again = HeteroGat.load(tmp_path)
    place = np.array([[3, 3, 4], [5, 5, 6], [1, 7, 8]])
    for kind in ("item", "user"):
        weights = model.reason_weights(place, kind)
        assert weights is not None
        assert again.reason_weights(place, kind) == pytest.approx(weights, abs=1e-6)
    explainer = Explainer(data, model)
    [lists] = score_lists(model, data, top_k=3)
    reasons = explainer.reasons(lists)
    first = [reason.split("|") for reason in reasons[0]]
    weights_of_first = [float(weight) for _, weight, _ in first]
    assert weights_of_first == sorted(weights_of_first, reverse=True)
    assert 0 < sum(weights_of_first) <= 1.001
    assert Explainer(data, again).reasons(lists) == reasons


def test_without_attention_evidence_weighs() -> None:
    data = described()
    model = HeteroGat(SETTINGS.model_copy(update={"encoder": "lightgcn"})).fit(data)
    assert model.reason_weights(np.zeros((3, 1), np.int64), "item") is None
    [lists] = score_lists(model, data, top_k=3)
    assert all(Explainer(data, model).reasons(lists))
