"""Profiles: how much each user is thought to care for each thing, with or without smoothing.

A profile gives scores of all things for some users. `evidence` and `popular` are the floors;
`spectral` and `propagated` fill in what a user's own words and deeds leave open.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array, hstack, vstack
from sklearn.decomposition import TruncatedSVD

from embeddings.interests.weights import InterestGraph

Scores = NDArray[np.float64]
Users = NDArray[np.int64]
Profile = Callable[[Users], Scores]


def popular(graph: InterestGraph) -> Profile:
    """Everybody alike: by how many users are interested in a thing."""
    people = np.diff(graph.interests.tocsc().indptr).astype(np.float64)
    return lambda users: np.broadcast_to(people, (len(users), len(people)))


def evidence(graph: InterestGraph) -> Profile:
    """The weights as they are; things without evidence come last, by how many care for them."""
    people = popular(graph)
    least = _smallest(graph.interests)

    def scores(users: Users) -> Scores:
        rest = people(users)
        last: Scores = least * 0.5 * rest / max(float(rest.max()), 1.0)
        own: Scores = graph.interests[users].toarray() + last
        return own

    return scores


def spectral(graph: InterestGraph, rank: int, *, seed: int) -> Profile:
    """The weights as a product of `rank` factors (Deerwester et al. 1990).

    The factors are the leading eigenvectors of the things' co-occurrence W'W in users' interests
    W (U, T): W ≈ W V V', with V (T, rank) from a truncated singular value decomposition.
    """
    svd = TruncatedSVD(min(rank, min(graph.interests.shape) - 1), random_state=seed)
    svd.fit(graph.interests)
    V: Scores = svd.components_.T
    return lambda users: np.asarray(graph.interests[users] @ V) @ V.T


def propagated(
    graph: InterestGraph, *, restart: float, walk: bool = True, steps: int = 4
) -> Profile:
    """What reaches a thing from the user over likes, interests and descriptions.

    Personalised propagation of predictions (Gasteiger et al. 2019, without a network in front):
    Z' = (1 - restart) Â Z + restart H, where H holds the user, and Â = D^-1/2 A D^-1/2 the edges
    user–item, user–thing and item–thing. Nothing is trained.

    Args:
        restart: share of each step that comes from the user anew.
        walk: give D^1/2 Z, how often a random walk from the user comes by (Gori & Pucci 2007);
            else Z, in which things that many care for count less.
        steps: of message passing.
    """
    likes, interests, described = graph.likes, graph.interests, graph.described
    to_things = vstack([interests, described])
    above = hstack([csr_array((likes.shape[0], likes.shape[0])), likes])
    among = vstack([above, hstack([likes.T, csr_array((likes.shape[1], likes.shape[1]))])])
    none = csr_array((to_things.shape[1], to_things.shape[1]))
    A = csr_array(vstack([hstack([among, to_things]), hstack([to_things.T, none])]))
    degree: Scores = np.asarray(A.sum(1), np.float64).ravel()
    root = diags_array(1.0 / np.sqrt(np.where(degree > 0, degree, 1.0)))
    Â = csr_array(root @ A @ root).astype(np.float32)

    def scores(users: Users) -> Scores:
        H = np.zeros((A.shape[0], len(users)), np.float32)
        H[users, np.arange(len(users))] = 1.0
        Z = H
        for _ in range(steps):
            Z = (1.0 - restart) * (Â @ Z) + restart * H
        things = slice(len(graph.users) + len(graph.items), None)
        return (Z[things].T * (np.sqrt(degree[things]) if walk else 1.0)).astype(np.float64)

    return scores


def _smallest(weights: csr_array) -> float:
    positive = weights.data[weights.data > 0]
    return float(positive.min()) if len(positive) else 1.0
