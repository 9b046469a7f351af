"""New items are scored by what is declared of them: a ridge regression, checked by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from model_world import world
from scipy.sparse import csr_matrix

from embeddings.models.content import ContentScores, item_features
from embeddings.models.residual import ClosedFormScores, voiced
from embeddings.training_data import TrainingData

CPU = torch.device("cpu")
L2 = 0.5


def two_tastes(liked: list[tuple[int, int]]) -> TrainingData:
    """Six items, the even ones of one text and the odd ones of another."""
    user, item = np.array(liked).T
    data = world(user, item, users=2, items=6)
    data.graph["item"].x = torch.eye(2).repeat(3, 1)
    return data


EVERYBODY = [(0, 0), (0, 2), (1, 1), (1, 3)]
"""The first likes even items, the second odd ones; nobody has had 4 and 5."""


def extended(data: TrainingData, voice: float = 0.0) -> ClosedFormScores:
    likes = voiced(csr_matrix(data.positives), voice)
    nothing = ClosedFormScores(likes, np.zeros((6, 6), np.float32), 1.0, voice)
    return ContentScores(data, l2=L2, voice=voice, device=CPU).extend(nothing)


def test_the_features_are_a_constant_and_the_text_less_its_mean() -> None:
    F = item_features(two_tastes(EVERYBODY))
    assert F[0] == pytest.approx([0.5, 0.5**0.5, -(0.5**0.5)])
    assert F[1] == pytest.approx([0.5, -(0.5**0.5), 0.5**0.5])


def test_an_item_of_which_nothing_is_declared_has_no_features() -> None:
    data = two_tastes(EVERYBODY)
    data.graph["item"].x[5] = 0
    assert not item_features(data)[5].any()


def test_a_new_item_goes_to_those_who_like_its_text() -> None:
    R = extended(two_tastes(EVERYBODY)).rows(np.array([0, 1]))
    # FᵀF over items 0 … 3: the constant is worth 4 / 4 = 1, the taste 4; λ is a half.
    # A user's two likes: profile 2 f, so R = 2 (¼ / 1.5 ± 1 / 4.5) before the scale.
    alike, other = 2 * (0.25 / 1.5 + 1 / 4.5), 2 * (0.25 / 1.5 - 1 / 4.5)
    assert R[:, 4:] == pytest.approx(np.array([[4, 4 * other / alike], [4 * other / alike, 4]]))
    assert not R[:, :4].any(), "what somebody had is left to co-occurrence"


@pytest.mark.parametrize("voice", [0.0, 0.5])
def test_in_training_a_blind_item_is_scored_as_if_nobody_had_had_it(voice: float) -> None:
    blind = torch.zeros(6, dtype=torch.bool)
    blind[[2, 3]] = True
    data = two_tastes([*EVERYBODY, (1, 5)])
    shown = ~blind[torch.from_numpy(data.pairs.item)]
    R = ContentScores(data, l2=L2, voice=voice, device=CPU).training(
        2,
        torch.from_numpy(np.stack([data.pairs.user, data.pairs.item]))[:, shown],
        torch.tensor([0, 2, 3, 5]),
        blind,
    )
    likes = two_tastes([(0, 0), (1, 1), (1, 5)])
    without = extended(likes, voice).rows(np.array([0, 1]))[:, [2, 3]]
    assert R.numpy() / R[0, 0].item() == pytest.approx(without / without[0, 0], rel=1e-5)
    assert R.shape == (2, 2), "items 2 and 3"


def test_large_catalogues_keep_their_sparse_weights() -> None:
    data = two_tastes(EVERYBODY)
    B = csr_matrix(np.diag([0.5, 0, 0, 0, 0, 0]).astype(np.float32))
    content = ContentScores(data, l2=L2, voice=0.0, device=CPU)
    found = content.extend(ClosedFormScores(csr_matrix(data.positives), B, scale=2.0))
    R = found.rows(np.array([0, 1]))
    assert isinstance(found.B, csr_matrix)
    assert R[0, 0] == 0.25
    assert R[:, 4:] == pytest.approx(extended(data).rows(np.array([0, 1]))[:, 4:])
