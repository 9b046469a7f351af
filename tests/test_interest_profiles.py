"""Interests as matrices, smoothed profiles, and which of them foretells held-out items."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from interest_world import circles, shop

from embeddings.interests.compare import ASPECTS, ATTRIBUTES, OWN_WORDS, compare_profiles
from embeddings.interests.profiles import evidence, popular, propagated, spectral
from embeddings.interests.weights import InterestGraph, interest_graph
from embeddings.split import TRAIN


def weights(graph: InterestGraph, user: str) -> dict[str, float]:
    row = graph.interests[[graph.users.index(user)]].toarray()[0]
    return {key: value for key, value in zip(graph.things["id"], row, strict=True) if value}


def test_weights_are_those_that_the_graph_derives() -> None:
    graph = interest_graph(shop())
    rare, common = log(1 + 3 / 1) / log(4), log(1 + 3 / 2) / log(4)
    assert weights(graph, "ada") == pytest.approx(
        {"light": 2 / 4 * common, "noise": 1 / 3 * rare, "home": 0.5, "Brand:lumo": 1 / 3 * common}
    )
    described = graph.described[[graph.items.index("lamp")]].toarray()[0]
    of_lamp = dict(zip(graph.things["id"], described, strict=True))
    assert of_lamp == pytest.approx(
        {"light": 2 / 4 * common, "noise": 0, "home": 0.4, "Brand:lumo": common}
    )
    assert graph.likes.toarray().tolist() == [[0, 1, 0], [0, 1, 0]]


def test_old_and_undated_evidence_fades() -> None:
    graph = interest_graph(shop(), half_life_days=10.0, rarity=False)
    assert weights(graph, "ada") == pytest.approx(
        {
            "light": 1.5 / 3.5,
            "noise": 1 / 3,
            "home": (0.5 * 0.8 + 0.2) / 1.5,
            "Brand:lumo": 0.5 / 2.5,
        }
    )
    assert weights(graph, "ben") == pytest.approx({"light": 0.5 / 2.5, "Brand:lumo": 1 / 3})


def test_profiles_say_what_they_promise() -> None:
    snapshot, split = circles()
    graph = interest_graph(snapshot.restrict(split, {TRAIN}))
    ghost = np.array([graph.users.index("ghost-reader-0")])
    column = {key: place for place, key in enumerate(graph.things["id"])}
    said, told, foreign = column["fog"], column["attic"], column["oven"]

    people = popular(graph)(ghost)[0]
    assert people[column["Genre:ghost"]] == 12
    assert people[said] == people[told] == people[foreign] == 4

    plain = evidence(graph)(ghost)[0]
    assert plain[said] > plain[told] == plain[foreign]

    for smooth in (spectral(graph, 2, seed=1), propagated(graph, restart=0.2)):
        scores = smooth(ghost)[0]
        assert scores[told] > 10 * abs(scores[foreign]), "words of the own circle are filled in"
    assert propagated(graph, restart=0.2)(ghost)[0][foreign] == 0, "no path leads there"


def test_the_smoothed_profiles_find_what_evidence_cannot() -> None:
    snapshot, split = circles()
    found = compare_profiles(snapshot, split, seed=3)
    reached = {(each.question, each.method): each.mean("ndcg@20") for each in found}
    assert {question for question, _ in reached} == {ASPECTS, ATTRIBUTES, OWN_WORDS}
    # of six words the three of the circle: evidence knows one, popularity none
    best = 1 + 1 / log(3, 2) + 1 / log(4, 2)
    assert reached[ASPECTS, "svd"] == reached[ASPECTS, "propagation"] == pytest.approx(1)
    assert 1 / best < reached[ASPECTS, "evidence"] < 1
    assert reached[ASPECTS, "popularity"] < reached[ASPECTS, "evidence"]
    assert reached[ATTRIBUTES, "evidence"] == pytest.approx(1)
    [against] = [
        comparison
        for each in found
        if (each.question, each.method) == (ASPECTS, "svd")
        for comparison in each.against
        if (comparison.against, comparison.metric) == ("evidence", "ndcg@20")
    ]
    assert (against.verdict, against.users) == ("ahead", 24)
    assert against.difference == pytest.approx(1 - reached[ASPECTS, "evidence"])


def test_held_out_pairs_give_nothing_to_a_profile() -> None:
    snapshot, split = circles()
    graph = interest_graph(snapshot.restrict(split, {TRAIN}))
    assert graph.likes.sum() == 2 * 12 * 3
    # in her fourth and fifth books the first reader speaks of the attic, which is held out
    assert "attic" not in weights(graph, "ghost-reader-0")
    assert "attic" in weights(interest_graph(snapshot), "ghost-reader-0")
