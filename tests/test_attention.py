"""The attention operator on graphs small enough to compute by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from model_world import tiny, world
from scipy.sparse import coo_matrix

from embeddings.models.attention import EndLogits, FusedEdges, TypedAttention, propagate
from embeddings.models.fused_graph import FusedGraph
from embeddings.training_data import TrainingData

CPU = torch.device("cpu")


def three_edges() -> TrainingData:
    """u0 likes i0 and i1, u1 likes i1; i0 and i1 share a brand."""
    data = world(np.array([0, 0, 1]), np.array([0, 1, 1]), users=2, items=2)
    data.graph["attribute"].num_nodes = 1
    data.graph["item", "BRAND", "attribute"].edge_index = torch.tensor([[0, 1], [0, 0]])
    return data


def graph_of(data: TrainingData, similar: np.ndarray | None = None) -> FusedGraph:
    items = len(data.items)
    weights = np.zeros((items, items)) if similar is None else similar
    return FusedGraph(data, coo_matrix(weights), use_mentions=True, device=CPU)


def typed(width: int, heads: int, edges: FusedEdges) -> TypedAttention:
    return TypedAttention(EndLogits(width, heads, edges), edges)


def dense(values: torch.Tensor, graph: FusedGraph) -> torch.Tensor:
    matrix = torch.zeros(graph.nodes, graph.nodes)
    cells = graph.edges.destination.long(), graph.edges.source.long()
    return matrix.index_put(cells, values, accumulate=True)


def test_an_untrained_layer_is_lightgcns_within_each_relation() -> None:
    graph = graph_of(three_edges())
    h = torch.eye(5)  # u0, u1, i0, i1, brand
    out, _ = typed(5, 1, graph.edges)(h, graph.edges, torch.ones(10))
    root = 2**-0.5
    expected = torch.tensor(
        [  # what arrives from u0,  u1,   i0,   i1,  brand
            [0, 0, root, 0.5, 0],
            [0, 0, 0, root, 0],
            [root, 0, 0, 0, 0.3 * root],
            [0.5, root, 0, 0, 0.3 * root],
            [0, 0, root, root, 0],
        ]
    )
    torch.testing.assert_close(out, expected)


def test_a_hidden_pair_sends_nothing_and_gets_no_gradient() -> None:
    data = three_edges()
    graph = graph_of(data)
    layer = typed(5, 1, graph.edges)
    h = torch.randn(5, 5, generator=torch.Generator().manual_seed(0)).requires_grad_()
    visible = graph.visibility(torch.tensor([True, False, True]))
    out, c = layer(h, graph.edges, visible)
    torch.autograd.backward(out[0].sum())  # u0 now sees i0 alone
    torch.testing.assert_close(out[0], h[2])
    assert h.grad is not None
    assert h.grad[3].abs().sum() == 0
    assert graph.by_edge_type(c.detach().mean(1))["user", "RATED", "item"][1].tolist() == [0.0, 0.0]


def test_with_weights_w_the_coefficients_are_w_over_root_of_both_sums() -> None:
    graph = graph_of(tiny())
    layer = typed(8, 2, graph.edges)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.normal_(generator=generator)
    h = torch.randn(graph.nodes, 8, generator=generator)
    visible = (torch.rand(len(graph.edges.source), generator=generator) < 0.7).float()
    c = layer.coefficients(h, graph.edges, visible)
    assert (c >= 0).all()
    # so in each relation and head the matrix of coefficients is D^-½ W D'^-½, whose norm is 1
    for relation in graph.edges.relation.unique():
        for head in range(2):
            of_relation = torch.where(graph.edges.relation == relation, c[:, head], 0.0)
            norm = torch.linalg.matrix_norm(dense(of_relation, graph), 2)
            torch.testing.assert_close(norm, torch.tensor(1.0), atol=1e-5, rtol=0)


def test_two_heads_start_as_one() -> None:
    graph = graph_of(tiny())
    h = torch.randn(graph.nodes, 8, generator=torch.Generator().manual_seed(1))
    visible = torch.ones(len(graph.edges.source))
    one, _ = typed(8, 1, graph.edges)(h, graph.edges, visible)
    two, c = typed(8, 2, graph.edges)(h, graph.edges, visible)
    torch.testing.assert_close(one, two)
    torch.testing.assert_close(c[:, 0], c[:, 1])


def test_the_sparse_product_and_its_gradients_match_a_dense_one() -> None:
    rng = np.random.default_rng(0)
    similar = np.where(rng.random((9, 9)) < 0.3, rng.random((9, 9)), 0)
    graph = graph_of(tiny(), similar)
    generator = torch.Generator().manual_seed(2)
    v = torch.rand(len(graph.edges.source), generator=generator).requires_grad_()
    x = torch.randn(graph.nodes, 4, generator=generator).requires_grad_()
    g = torch.randn(graph.nodes, 4, generator=generator)
    sparse_y = propagate(v, x, graph.edges)
    dense_y = dense(v, graph) @ x
    torch.testing.assert_close(sparse_y, dense_y)
    for ours, theirs in zip(
        torch.autograd.grad(sparse_y, (v, x), g),
        torch.autograd.grad(dense_y, (v, x), g),
        strict=True,
    ):
        torch.testing.assert_close(ours, theirs)


def test_the_reverse_of_a_message_swaps_its_ends() -> None:
    edges = graph_of(tiny(), np.triu(np.ones((9, 9)), 1)).edges
    torch.testing.assert_close(edges.source[edges.reverse], edges.destination)
    torch.testing.assert_close(edges.reverse[edges.reverse], torch.arange(len(edges.source)))
    assert (edges.relation[edges.reverse] // 2 == edges.relation // 2).all()


def test_disliked_edges_are_a_relation_of_their_own_that_starts_silent() -> None:
    liked = np.array([True, False, True])
    data = world(np.array([0, 0, 1]), np.array([0, 1, 1]), users=2, items=2, positive=liked)
    graph = graph_of(data)
    assert [len(relation) for relation in graph.relations] == [2, 1, 0]
    out, _ = typed(4, 1, graph.edges)(torch.eye(4), graph.edges, torch.ones(6))
    torch.testing.assert_close(out[0], torch.tensor([0.0, 0.0, 1.0, 0.0]))


def test_an_edge_is_as_visible_as_its_evidence() -> None:
    data = three_edges()
    described = data.graph["item", "DESCRIBED_BY", "aspect"]
    data.graph["aspect"].num_nodes = 1
    described.edge_index = torch.tensor([[0, 1], [0, 0]])
    described.weight, described.sentiment = torch.ones(2), torch.tensor([0.9, -0.9])
    described.evidence_pair = torch.tensor([0, 1, 2])  # i1's edge rests on both its reviews
    described.evidence_edge = torch.tensor([0, 1, 1])
    graph = graph_of(data)
    v = graph.visibility(torch.tensor([True, False, True]))
    seen = graph.by_edge_type(v)
    assert seen["item", "DESCRIBED_BY", "aspect"].tolist() == [[1.0, 1.0], [0.5, 0.5]]
    assert seen["item", "BRAND", "attribute"].tolist() == [[1.0, 1.0], [1.0, 1.0]]


def test_blind_items_lose_their_similar_items() -> None:
    similar = np.array([[0, 1.0, 0], [0, 0, 1.0], [0, 0, 0]])
    data = world(np.array([0, 0, 0]), np.array([0, 1, 2]), users=1, items=3)
    graph = graph_of(data, similar)
    v = graph.visibility(torch.ones(3, dtype=torch.bool), torch.tensor([True, False, False]))
    first = len(graph.relations[0])
    assert v[graph._forward[first:]].tolist() == [0.0, 1.0]


@pytest.mark.parametrize("heads", [1, 2])
def test_attention_learns_to_look_away_from_noise(heads: int) -> None:
    """Of two relations to the same target value, the one that carries the answer gains weight."""
    graph = graph_of(tiny())
    layer = typed(4, heads, graph.edges)
    generator = torch.Generator().manual_seed(0)
    h = torch.randn(graph.nodes, 4, generator=generator)
    target = torch.randn(graph.nodes, 4, generator=generator)
    visible = torch.ones(len(graph.edges.source))
    optimiser = torch.optim.Adam(layer.logits.parameters(), lr=0.05)
    losses = []
    for _ in range(30):
        out, _ = layer(h, graph.edges, visible)
        loss = ((out - target) ** 2).mean()
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0]
