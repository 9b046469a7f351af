"""Drawn messages: all of them are the full step, few of them are right on average."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from model_world import checkerboard, world
from pydantic import ValidationError
from scipy.sparse import coo_matrix
from torch import Tensor

from embeddings.models.encoders.choices import make_encoder
from embeddings.models.encoders.encoder import RunsOnDraws
from embeddings.models.fused_graph import FusedGraph
from embeddings.models.hetero_gat import HeteroGat
from embeddings.models.masks import Hidden
from embeddings.models.neighbours import NeighbourSampler
from embeddings.models.settings import RUNS_ON_DRAWS, HeteroGatSettings
from embeddings.models.training import Training
from embeddings.models.training_parts import training_parts
from embeddings.training_data import TrainingData

CPU = torch.device("cpu")
ALL = 1000
EVERY_DRAWN_ENCODER = pytest.mark.parametrize("encoder", RUNS_ON_DRAWS)


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def town(seed: int) -> TrainingData:
    """A random world with reviews, texts, ratings, days, brands, and aspects with names."""
    rng = np.random.default_rng(seed)
    users, items = int(rng.integers(2, 9)), int(rng.integers(2, 9))
    pairs = rng.random((users, items)) < 0.5
    pairs[0, 0] = pairs[1, 1] = True
    user, item = np.nonzero(pairs)
    count = len(user)
    review = torch.from_numpy(rng.normal(size=(count, 6)).astype(np.float32))
    review[torch.from_numpy(rng.random(count) < 0.3)] = 0.0
    data = world(
        user,
        item,
        users=users,
        items=items,
        positive=rng.random(count) < 0.8,
        rating=rng.integers(1, 6, count).astype(np.float32),
        day=rng.permutation(900)[:count].astype(float),
        review=review,
    )
    data.pairs.positive[:] |= user == item
    data.graph["user", "RATED", "item"].positive = torch.from_numpy(data.pairs.positive)
    data.graph["item"].x = torch.from_numpy(rng.normal(size=(items, 6)).astype(np.float32))
    data.graph["attribute"].num_nodes, data.graph["aspect"].num_nodes = 3, 2
    data.graph["aspect"].x = torch.from_numpy(rng.normal(size=(2, 6)).astype(np.float32))
    brand = np.stack([np.arange(items), rng.integers(0, 3, items)])
    data.graph["item", "BRAND", "attribute"].edge_index = torch.from_numpy(brand)
    described = data.graph["item", "DESCRIBED_BY", "aspect"]
    described.edge_index = torch.from_numpy(np.stack([np.arange(items), rng.integers(0, 2, items)]))
    described.weight = torch.from_numpy(rng.random(items).astype(np.float32) + 0.1)
    described.sentiment = torch.from_numpy(rng.uniform(-1, 1, items).astype(np.float32))
    described.evidence_pair = torch.arange(count)
    described.evidence_edge = torch.from_numpy(item)
    data.graph["aspect"].x = torch.from_numpy(rng.normal(size=(2, 5)).astype(np.float32))
    return data


def training_of(data: TrainingData, neighbours: int | None, **chosen: object) -> Training:
    """A training whose parameters have all left their initial zeros."""
    model = HeteroGatSettings.model_validate(
        {"neighbours": neighbours, "width": 8, "dropout": 0.0, "device": "cpu"} | chosen
    )
    parts = training_parts(data, model, CPU)
    training = Training(data, model, parts, seed=1, device=CPU)
    generator = seeded(2)
    with torch.no_grad():
        for parameter in training.network.parameters():
            parameter += 0.3 * torch.randn(parameter.shape, generator=generator)
    return training


def loss_and_gradients(training: Training, hidden: Hidden) -> dict[str, Tensor]:
    training.generator.manual_seed(9)
    loss, _ = training._ranking(training.trainable_users, hidden)
    training.network.zero_grad()
    torch.autograd.backward(loss)
    return {"loss": loss.detach()} | {
        name: torch.zeros_like(p) if p.grad is None else p.grad.clone()
        for name, p in training.network.named_parameters()
    }


@EVERY_DRAWN_ENCODER
@given(
    seed=st.integers(0, 2**20),
    layers=st.integers(1, 3),
    loss=st.sampled_from(["softmax", "sampled_softmax", "bce"]),
    hide=st.sampled_from(["any", "latest", "future"]),
)
@settings(max_examples=15)
def test_with_all_neighbours_drawn_a_step_is_the_full_one(
    encoder: str, seed: int, layers: int, loss: str, hide: str
) -> None:
    """Loss and every gradient, with hidden pairs, their reviews, blind items and new users."""
    data = town(seed)
    chosen = {
        "encoder": encoder,
        "layers": layers,
        "heads": 2 if encoder != "lightgcn" else 1,
        "blind_share": 0.0 if hide == "future" else 0.3,
        "hide": hide,
        "sampled_items": ALL,  # every item is drawn
        "loss": loss,
    }
    full, drawn = (training_of(data, most, **chosen) for most in (None, ALL))
    hidden = full.masks(seeded(seed))
    expected = loss_and_gradients(full, hidden)
    for name, found in loss_and_gradients(drawn, hidden).items():
        torch.testing.assert_close(found, expected[name], rtol=1e-3, atol=2e-5, msg=name)


def fair(users: int, items: int, likes: int) -> FusedGraph:
    """Everybody likes as many items; half of all likes are of the same two items."""
    rng = np.random.default_rng(4)
    user = np.repeat(np.arange(users), likes)
    item = rng.integers(0, items, users * likes)
    item[rng.random(len(item)) < 0.5] %= 2
    user, item = np.unique(np.stack([user, item]), axis=1)
    nothing = coo_matrix((items, items))
    data = world(user, item, users=users, items=items)
    return FusedGraph(data, nothing, use_mentions=True, device=CPU)


def pairs(source: Tensor, destination: Tensor) -> set[tuple[int, int]]:
    return set(zip(source.tolist(), destination.tolist(), strict=True))


def encoder_of(name: str, graph: FusedGraph, layers: int = 2) -> RunsOnDraws:
    chosen = HeteroGatSettings.model_validate({"encoder": name, "width": 4, "layers": layers})
    encoder = make_encoder(chosen, graph, seeded(5))
    assert isinstance(encoder, RunsOnDraws)
    return encoder


def sampler_of(graph: FusedGraph, most: int, *, attends: bool, layers: int = 2) -> NeighbourSampler:
    return NeighbourSampler(graph, most=most, layers=layers, attends=attends, generator=seeded(6))


@EVERY_DRAWN_ENCODER
@torch.no_grad()
def test_two_messages_of_many_are_the_whole_on_average(encoder: str) -> None:
    """Untrained attention is plain propagation, so its estimate has the right mean, too."""
    graph = fair(30, 12, 8)
    own = encoder_of(encoder, graph)
    assert isinstance(own, torch.nn.Module)
    h0 = torch.randn(graph.nodes, 4, generator=seeded(7))
    visible = graph.visibility(torch.rand(graph.first_edge[-1], generator=seeded(8)) < 0.7)
    seeds = torch.tensor([3, 0, 17, 30, 31, 40])  # users, and items liked by many and by few
    expected = own(h0, visible)[0][seeds]
    sampler = sampler_of(graph, 2, attends=own.attends)
    drawn = (sampler.draw(seeds, visible) for _ in range(800))
    z = torch.stack([own.of_draws(h0[each.nodes], each.layers) for each in drawn])
    spread = z.std(0) / len(z) ** 0.5
    assert ((z.mean(0) - expected).abs() < 4.5 * spread).all()
    assert (spread < 0.15).all()


@torch.no_grad()
def test_trained_attention_comes_closer_with_more_neighbours() -> None:
    graph = fair(30, 12, 8)
    own = encoder_of("attention", graph)
    assert isinstance(own, torch.nn.Module)
    for parameter in own.parameters():
        parameter += torch.randn(parameter.shape, generator=seeded(1))
    h0 = torch.randn(graph.nodes, 4, generator=seeded(7))
    visible, seeds = torch.ones(len(graph.edges.source)), torch.arange(42)
    expected = own(h0, visible)[0]

    def error(most: int) -> float:
        sampler = sampler_of(graph, most, attends=True)
        drawn = [sampler.draw(seeds, visible) for _ in range(50)]
        z = torch.stack([own.of_draws(h0[each.nodes], each.layers) for each in drawn])
        return float((z.mean(0) - expected).norm() / expected.norm())

    errors = [error(most) for most in (1, 4, 16, ALL)]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 1e-5


@pytest.mark.parametrize("attends", [False, True])
def test_a_node_draws_no_more_than_k_messages_of_a_relation_and_none_that_is_hidden(
    attends: bool,
) -> None:
    graph = fair(200, 40, 9)
    shown = torch.rand(graph.first_edge[-1], generator=seeded(8)) < 0.5
    visible = graph.visibility(shown)
    edges, seeds = graph.edges, torch.tensor([5, 200, 203, 9])
    may = pairs(edges.source[visible > 0], edges.destination[visible > 0])
    drawn = sampler_of(graph, 3, attends=attends).draw(seeds, visible)
    assert drawn.nodes[:4].tolist() == seeds.tolist()
    assert len(drawn.nodes.unique()) == len(drawn.nodes)
    rows = [len(seeds), *(len(layer.back[1]) for layer in reversed(drawn.layers))]
    assert rows[-1] == len(drawn.nodes)
    for layer, targets in zip(reversed(drawn.layers), rows, strict=False):
        assert pairs(drawn.nodes[layer.source], drawn.nodes[layer.destination]) <= may
        carrying = layer.destination[: len(layer.source_group)]
        degree = torch.bincount(carrying.long(), minlength=targets)
        assert len(degree) == targets
        every = torch.bincount(edges.destination[visible > 0].long(), minlength=graph.nodes)
        assert (degree == every[drawn.nodes[:targets]].clamp_max(3)).all()


def test_what_a_step_holds_does_not_grow_with_the_graph() -> None:
    seeds = torch.arange(4)
    held = []
    for users in (200, 2000):
        graph = fair(users, users, 9)
        drawn = sampler_of(graph, 2, attends=False).draw(seeds, torch.ones(len(graph.edges.source)))
        held.append(len(drawn.nodes))
        assert len(drawn.nodes) <= len(seeds) * (1 + 2) ** 2
        assert sum(len(layer.source) for layer in drawn.layers) <= 4 * 2 + 4 * (1 + 2) * 2
    assert held[1] <= 1.5 * held[0]


def test_draws_follow_from_the_generator() -> None:
    graph = fair(50, 20, 9)
    visible, seeds = torch.ones(len(graph.edges.source)), torch.arange(50)
    one, same = (sampler_of(graph, 2, attends=True).draw(seeds, visible) for _ in range(2))
    assert torch.equal(one.nodes, same.nodes)
    assert all(
        torch.equal(a.source, b.source) for a, b in zip(one.layers, same.layers, strict=True)
    )


@EVERY_DRAWN_ENCODER
def test_a_model_trained_on_draws_finds_what_is_liked(encoder: str) -> None:
    data, _ = checkerboard()
    chosen = HeteroGatSettings.model_validate(
        {"encoder": encoder, "neighbours": 3, "width": 16, "steps": 40, "device": "cpu"}
    )
    scores = HeteroGat(chosen.model_copy(update={"residual": 0.0})).fit(data).score(np.arange(20))
    scores[data.seen.toarray() > 0] = -np.inf
    best = scores.argmax(1)
    assert (best % 2 == np.arange(20) % 2).all()


@pytest.mark.parametrize("encoder", ["sage", "hgt"])
def test_encoders_that_need_whole_graphs_refuse_to_draw(encoder: str) -> None:
    with pytest.raises(ValidationError, match=f"{encoder} runs on whole graphs alone"):
        HeteroGatSettings.model_validate({"encoder": encoder, "neighbours": 5})


def test_ratings_need_every_vector() -> None:
    with pytest.raises(ValidationError, match="not with joint"):
        HeteroGatSettings.model_validate({"objective": "joint", "neighbours": 5})
