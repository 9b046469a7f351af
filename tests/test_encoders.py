"""What every encoder must do, and each on a graph small enough to compute by hand."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
import torch
from model_world import checkerboard, tiny, world
from scipy.sparse import coo_matrix
from torch import Tensor, nn
from torch.nn import functional as fn

from embeddings.models.attention import TypedAttention
from embeddings.models.encoders import gatv2
from embeddings.models.encoders.choices import make_encoder
from embeddings.models.encoders.gatv2 import JointLogits
from embeddings.models.fused_graph import FusedGraph
from embeddings.models.hetero_gat import HeteroGat
from embeddings.models.settings import EncoderName, HeteroGatSettings
from embeddings.training_data import TrainingData

ENCODERS = get_args(EncoderName)
EVERY_ENCODER = pytest.mark.parametrize("name", ENCODERS)
WITH_ATTENTION = {"attention", "gatv2"}
WIDTH = 8


def chain() -> TrainingData:
    """u0 likes i0 and i1, u1 likes i1; an aspect is there that nothing is said of."""
    data = world(np.array([0, 0, 1]), np.array([0, 1, 1]), users=2, items=2)
    data.graph["aspect"].num_nodes = 1
    return data


def graph_of(data: TrainingData) -> FusedGraph:
    nothing = coo_matrix((len(data.items), len(data.items)))
    return FusedGraph(data, nothing, use_mentions=True, device=torch.device("cpu"))


def encoder_of(name: str, graph: FusedGraph, **settings: object) -> nn.Module:
    chosen = HeteroGatSettings.model_validate({"encoder": name, "width": WIDTH} | settings)
    encoder = make_encoder(chosen, graph, torch.Generator().manual_seed(5))
    assert isinstance(encoder, nn.Module)
    return encoder


def inputs(graph: FusedGraph, width: int = WIDTH) -> Tensor:
    return torch.randn(graph.nodes, width, generator=torch.Generator().manual_seed(6))


@EVERY_ENCODER
def test_every_node_gets_a_vector_and_every_input_counts(name: str) -> None:
    data, _ = checkerboard(described=True)
    graph = graph_of(data)
    h0 = inputs(graph).requires_grad_()
    z, _ = encoder_of(name, graph)(h0, torch.ones(len(graph.edges.source)))
    assert z.shape == h0.shape
    torch.autograd.backward((z * inputs(graph)).sum())
    assert h0.grad is not None
    assert (h0.grad.abs().sum(1) > 0).all()


@EVERY_ENCODER
def test_a_hidden_pair_carries_nothing(name: str) -> None:
    """With the pair (u0, i1) hidden, u1 and i1 are a world of their own: u0 hears only of i0."""
    graph = graph_of(chain())
    h0 = inputs(graph).requires_grad_()
    visible = graph.visibility(torch.tensor([True, False, True]))
    z, _ = encoder_of(name, graph)(h0, visible)
    torch.autograd.backward((z[0] * inputs(graph)[0]).sum())
    assert h0.grad is not None
    heard = h0.grad.abs().sum(1) > 0
    assert heard.tolist() == [True, False, True, False, False]


@EVERY_ENCODER
def test_a_node_without_any_edge_keeps_the_direction_of_its_input(name: str) -> None:
    graph = graph_of(chain())
    h0 = inputs(graph)
    z, _ = encoder_of(name, graph)(h0, torch.ones(len(graph.edges.source)))
    torch.testing.assert_close(torch.cosine_similarity(z[4], h0[4], dim=0), torch.tensor(1.0))


@EVERY_ENCODER
def test_a_step_that_hides_everything_still_has_vectors(name: str) -> None:
    graph = graph_of(tiny())
    z, _ = encoder_of(name, graph)(inputs(graph), torch.zeros(len(graph.edges.source)))
    assert torch.isfinite(z).all()


@EVERY_ENCODER
def test_initial_values_come_from_the_generator_alone(name: str) -> None:
    graph = graph_of(tiny())
    torch.manual_seed(1)
    first, before = encoder_of(name, graph).state_dict(), torch.random.get_rng_state()
    torch.manual_seed(1)
    assert torch.equal(before, torch.random.get_rng_state()), "the global generator is untouched"
    torch.manual_seed(2)
    for key, value in encoder_of(name, graph).state_dict().items():
        assert torch.equal(first[key], value)


@EVERY_ENCODER
def test_only_an_encoder_with_attention_publishes_some(name: str) -> None:
    data, _ = checkerboard()
    settings = HeteroGatSettings.model_validate(
        {"encoder": name, "width": WIDTH, "steps": 2, "check_every": 1, "device": "cpu"}
    )
    model = HeteroGat(settings).fit(data)
    if name in WITH_ATTENTION:
        attention = model.attention["user", "RATED", "item"]
        assert ((attention > 0) & (attention <= 1)).all()
    else:
        assert model.attention == {}


def test_lightgcn_is_the_mean_of_two_steps_of_the_normalised_adjacency() -> None:
    data = tiny()
    graph = graph_of(data)
    h0 = inputs(graph)
    z, _ = encoder_of("lightgcn", graph, layers=2)(h0, torch.ones(len(graph.edges.source)))
    A = torch.zeros(graph.nodes, graph.nodes)
    A[torch.from_numpy(data.pairs.user), 12 + torch.from_numpy(data.pairs.item)] = 1.0
    A = A + A.T
    A = A * A.sum(0).rsqrt() * A.sum(1, keepdim=True).rsqrt()
    torch.testing.assert_close(z, (h0 + A @ h0 + A @ A @ h0) / 3)


def test_lightgcns_gate_of_a_relation_scales_what_it_carries() -> None:
    graph = graph_of(chain())
    encoder = encoder_of("lightgcn", graph, layers=1)
    beta = next(encoder.parameters())
    with torch.no_grad():
        beta[0, 0], beta[0, 1] = 0.0, 3.0  # from users to items, from items to users
    z, _ = encoder(torch.eye(5), torch.ones(6))
    assert (2 * z[2] == torch.eye(5)[2]).all()
    torch.testing.assert_close(2 * z[1], torch.tensor([0, 1, 0, 3 * 2**-0.5, 0]))


def test_untrained_attention_of_either_kind_is_lightgcn() -> None:
    graph = graph_of(tiny())
    h0, visible = inputs(graph), torch.ones(len(graph.edges.source))
    expected, _ = encoder_of("lightgcn", graph)(h0, visible)
    for name in sorted(WITH_ATTENTION):
        z, _ = encoder_of(name, graph, heads=2)(h0, visible)
        torch.testing.assert_close(z, expected)


def test_gatv2_weighs_messages_by_a_leaky_relu_of_both_ends_together() -> None:
    graph = graph_of(chain())
    logits = JointLogits(2, 1, graph.edges, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        logits.W_src.copy_(torch.eye(2))
        logits.W_dst.copy_(torch.eye(2))
        logits.w.zero_()
        logits.a.copy_(torch.tensor([[1.0, 0.0]]))
    # only the first number counts: u0 1, u1 -1, i0 1, i1 -1
    h = torch.tensor([[2.0, 0.0], [-3.0, 0.0], [5.0, 0.0], [-1.0, 0.0], [0.0, 0.0]])
    l_e = graph.by_edge_type(logits(h, graph.edges).detach()[:, 0])["user", "RATED", "item"]
    # 1 + 1, 1 - 1, -1 - 1 through LeakyReLU of slope 0.2
    np.testing.assert_allclose(l_e, np.repeat([[2.0], [0.0], [-0.4]], 2, axis=1), atol=1e-6)
    c = TypedAttention(logits, graph.edges).coefficients(h, graph.edges, torch.ones(6))
    w = np.exp([2.0, 0.0, -0.4])
    at_u0, at_i1 = w[0] + w[1], w[1] + w[2]
    expected = [
        w[0] / np.sqrt(at_u0 * w[0]),
        w[1] / np.sqrt(at_u0 * at_i1),
        w[2] / np.sqrt(at_i1 * w[2]),
    ]
    found = graph.by_edge_type(c.detach()[:, 0])["user", "RATED", "item"]
    np.testing.assert_allclose(found, np.repeat(np.array(expected)[:, None], 2, axis=1), rtol=1e-5)


def test_sage_adds_itself_to_the_mean_of_its_neighbours_in_a_world_of_three() -> None:
    """One user who likes two items."""
    graph = graph_of(world(np.array([0, 0]), np.array([0, 1]), users=1, items=2))
    encoder = encoder_of("sage", graph, width=2, layers=1)
    with torch.no_grad():
        for name, parameter in encoder.named_parameters():
            if name.endswith("bias"):
                parameter.zero_()
            else:
                parameter.copy_(torch.eye(2) * (1.0 if name.startswith("roots") else 10.0))
    h0 = torch.tensor([[1.0, 1.0], [0.4, 0.0], [0.0, 0.8]])
    z, _ = encoder(h0, torch.ones(4))
    expected = torch.tensor([[1.0 + 2.0, 1.0 + 4.0], [0.4 + 10.0, 10.0], [10.0, 0.8 + 10.0]])
    torch.testing.assert_close(z, fn.normalize(expected, dim=1))


def test_hgt_weighs_what_is_alike_and_keeps_a_part_of_itself() -> None:
    """One user who likes two items: softmax over both, gelu, and half of the user's own input."""
    graph = graph_of(world(np.array([0, 0]), np.array([0, 1]), users=1, items=2))
    encoder = encoder_of("hgt", graph, width=2, layers=1)
    with torch.no_grad():
        for name, parameter in encoder.named_parameters():
            if "skip" in name:
                parameter.zero_()
            elif "p_rel" in name:
                parameter.fill_(2**0.5)  # undoes the division by √d
            elif name.endswith("bias"):
                parameter.zero_()
            elif "kqv" in name:
                parameter.copy_(torch.eye(2).repeat(3, 1))
            elif "rel" in name:
                parameter.copy_(torch.eye(2).expand_as(parameter))
            else:
                parameter.copy_(torch.eye(2))
    h0 = torch.tensor([[2.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    z, _ = encoder(h0, torch.ones(4))
    share = torch.softmax(torch.tensor([2.0, 0.0]), 0)  # of i0, which is like the user, and of i1
    expected = fn.gelu(share[0] * h0[1] + share[1] * h0[2]) / 2 + h0[0] / 2
    torch.testing.assert_close(z[0], expected)


def test_without_gradients_gatv2_takes_its_messages_in_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    graph = graph_of(tiny())
    encoder, h0 = encoder_of("gatv2", graph, heads=2), inputs(graph)
    with torch.no_grad():
        for parameter in encoder.parameters():
            parameter.normal_(generator=torch.Generator().manual_seed(3))
    visible = torch.ones(len(graph.edges.source))
    at_once, _ = encoder(h0, visible)
    monkeypatch.setattr(gatv2, "MESSAGES_AT_ONCE", 7)
    with torch.no_grad():
        in_parts, _ = encoder(h0, visible)
    torch.testing.assert_close(in_parts, at_once)
