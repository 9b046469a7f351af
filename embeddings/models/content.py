"""Who will like an item that nobody has had yet, in closed form from what is declared of it.

A ridge regression of who liked an item on its text and attributes (Sedhain et al., "Low-Rank Linear
Cold-Start Recommendation from Social Data", AAAI 2017, eq. 4, in the items' features):

    W = (FᵀF + λI)⁻¹ Fᵀ Xᵀ,   R_ui = f_i W_u,

F over the items with a training pair. It is linear in what a user likes, so that R = X C with
C = F (FᵀF + λI)⁻¹ F_newᵀ, and stands for new items where co-occurrence stands for others.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfTransformer
from torch import Tensor
from torch.nn import functional as fn

from embeddings.models.attention import unit
from embeddings.models.residual import (
    TYPICAL_BEST,
    ClosedFormScores,
    Weights,
    voice_of_each,
    voiced,
)
from embeddings.training_data import TrainingData

ATTRIBUTE_SHARE: Final = 0.5
ATTRIBUTE_WIDTH: Final = 128
CONSTANT: Final = 0.5
SAMPLED_USERS: Final = 1000


class ContentScores:
    """R of new items, on the scale of the closed form: a user's largest is 4 on average.

    Args:
        data: the training part.
        l2: λ.
        voice: of the closed form beside it; see there.
        device: of training.
    """

    def __init__(
        self, data: TrainingData, *, l2: float, voice: float, device: torch.device
    ) -> None:
        known = np.bincount(data.pairs.item, minlength=len(data.items)) > 0
        self._known = torch.from_numpy(known).to(device)
        self._features = torch.from_numpy(item_features(data)).to(device)
        self._l2, self._voice = l2, voice
        likes = voiced(csr_matrix(data.positives), voice)
        some = likes[np.flatnonzero(np.diff(likes.indptr))[:SAMPLED_USERS]]
        F = self._features[self._known]
        profiles = torch.from_numpy(some @ self._features.cpu().numpy()).to(device)
        W = torch.cholesky_solve(profiles.T, self._factor(self._known))
        best = (W.T @ F.T).cpu().numpy().max(axis=1, initial=0.0)
        self._scale = float(best.mean()) / TYPICAL_BEST if best.any() else 1.0

    def extend(self, closed_form: ClosedFormScores) -> ClosedFormScores:
        """Return the closed form with weights for items without a training pair, too."""
        new = (~self._known).nonzero().ravel().cpu().numpy()
        columns = self._new_weights().cpu().numpy()
        columns *= closed_form.scale / self._scale
        if isinstance(closed_form.B, np.ndarray):
            B: Weights = closed_form.B.copy()
            B[:, new] = columns
        else:
            place = csr_matrix(
                (np.ones(len(new), np.float32), (np.arange(len(new)), new)),
                shape=(len(new), closed_form.B.shape[1]),
            )
            B = csr_matrix(closed_form.B + csr_matrix(columns) @ place)
        return closed_form.with_weights(B)

    def training(self, users: int, shown: Tensor, items: Tensor, blind: Tensor) -> Tensor:
        """Return R of B users for the blind ones of these items, fitted without any, (B, n).

        Args:
            users: B.
            shown: row among the users and item of the liked pairs that may speak, none of a blind
                item, sorted by row, (2, p).
            items: (C,), n of them blind.
            blind: (I,) bool.
        """
        F = self._features
        row, item = shown
        offsets = torch.searchsorted(row, torch.arange(users, device=row.device))
        profiles = fn.embedding_bag(item, F, offsets, mode="sum")
        profiles *= voice_of_each(row, users, self._voice)
        W = torch.cholesky_solve(profiles.T, self._factor(self._known & ~blind))
        return W.T @ F[items[blind[items]]].T / self._scale

    def _factor(self, known: Tensor) -> Tensor:
        """Cholesky factor of FᵀF + λI over some items, (d, d)."""
        F = self._features[known]
        ridge = self._l2 * torch.eye(F.shape[1], device=F.device)
        factor: Tensor = torch.linalg.cholesky(F.T @ F + ridge)
        return factor

    def _new_weights(self) -> Tensor:
        """C of the items without a training pair, (I, n), zero rows for themselves."""
        F, known = self._features, self._known
        solved = torch.cholesky_solve(F[~known].T, self._factor(known))
        return (F * known[:, None]) @ solved


def item_features(data: TrainingData) -> NDArray[np.float32]:
    """Return F: text, attributes and a constant; zero where nothing is declared, (I, d).

    Texts are unit vectors less their mean, times `data.alpha`; attributes are weighted by rarity,
    cut to the widest directions, and half as long.
    """
    parts = list[NDArray[np.float32]]()
    if "x" in data.graph["item"]:
        text = data.graph["item"].x
        there = text.any(1, keepdim=True)
        mean = text.sum(0) / there.sum().clamp_min(1)
        parts.append((data.alpha * unit((text - mean) * there)).numpy())
    attributes = data.attributes
    if attributes is not None:
        rare = TfidfTransformer().fit_transform(csr_matrix(attributes))
        width = min(ATTRIBUTE_WIDTH, min(rare.shape) - 1)
        if width > 0:
            narrow = TruncatedSVD(width, random_state=data.seed).fit_transform(rare)
            parts.append(ATTRIBUTE_SHARE * narrow.astype(np.float32))
    F = np.concatenate([np.zeros((len(data.items), 1), np.float32), *parts], axis=1)
    F[F.any(axis=1), 0] = CONSTANT
    return F
