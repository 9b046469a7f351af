"""Which reasons a model goes by, on a world where that is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from test_edited_graph import SETTINGS, described

from embeddings.explain import Explainer
from embeddings.faithfulness import KS, RANDOM, measure, units_of
from embeddings.models.edited_graph import EditedGraph
from embeddings.models.edited_pair import EditedPair
from embeddings.reason_weights import WEIGHTINGS, Unit, weights
from embeddings.training_data import TrainingData


@pytest.fixture(scope="module")
def world() -> tuple[TrainingData, EditedGraph]:
    data = described()
    return data, EditedGraph.train(data, SETTINGS)


def units(data: TrainingData, graph: EditedGraph) -> tuple[EditedPair, list[Unit]]:
    pair = EditedPair(graph, 3, 3)
    return pair, units_of(pair, Explainer(data, object()), np.random.default_rng(0))


def test_candidates_are_the_things_of_the_paths(world: tuple[TrainingData, EditedGraph]) -> None:
    pair, found = units(*world)
    kinds = {each.kind for each in found}
    assert {"item", "aspect", "attribute", "user"} <= kinds
    for each in found:
        assert len({int(node) for node in pair.graph.edges.source[each.into]}) == 1
    messages = torch.cat([each.into for each in found])
    assert len(messages) == len(torch.unique(messages))


def test_small_changes_agree_with_the_gradient(world: tuple[TrainingData, EditedGraph]) -> None:
    pair, found = units(*world)
    gradient = weights("gradient", pair, found)
    for unit, slope in zip(found, gradient, strict=True):
        if unit.kind == "item":
            continue  # the closed form comes on top
        touched = pair.with_back(unit.into)
        ones = torch.ones(len(touched))
        change = float(pair.score(touched, ones) - pair.score(touched, 0.99 * ones)) / 0.01
        assert slope == pytest.approx(change, abs=2e-3)


def test_occlusion_is_what_is_lost_and_integration_adds_up(
    world: tuple[TrainingData, EditedGraph],
) -> None:
    pair, found = units(*world)
    whole = pair.all_scores(torch.empty(0, dtype=torch.int64))[3]
    first = pair.all_scores(found[0].into)[3]
    assert weights("occlusion", pair, found)[0] == pytest.approx(float(whole - first))
    none = pair.all_scores(torch.unique(torch.cat([each.into for each in found])))[3]
    total = weights("integrated", pair, found).sum()
    assert total == pytest.approx(float(whole - none), rel=0.15)


def test_what_is_lost_is_more_than_by_chance(world: tuple[TrainingData, EditedGraph]) -> None:
    data, graph = world
    found = measure(graph, Explainer(data, object()), data, pairs=12, seed=1)
    orders = {each.name: each for each in found.orders}
    assert orders.keys() == {*WEIGHTINGS, RANDOM}
    assert found.pairs == 12
    best = orders["occlusion"]
    assert best.deletion[0] >= max(each.deletion[0] for each in found.orders) - 1e-6
    assert best.difference > 0
    assert len(best.deletion) == len(best.insertion) == len(KS)
    assert orders["evidence"].more == 0.0
    again = measure(graph, Explainer(data, object()), data, pairs=12, seed=1)
    assert [each.deletion for each in again.orders] == [each.deletion for each in found.orders]
