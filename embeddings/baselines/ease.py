"""EASE: item–item regression in closed form (Steck, WWW 2019, https://arxiv.org/abs/1905.03375).

P = (XᵀX + λI)⁻¹,   B_jk = -P_jk / P_kk,   B_kk = 0,   scores = X B.

`TimeEase` weighs each co-occurrence by how close in time the two acts were (`closed_form.py`).
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from embeddings.baselines.item_scores import ItemScores
from embeddings.baselines.settings import EaseSettings, TimeEaseSettings
from embeddings.models.closed_form import co_occurrence, weights_of
from embeddings.training_data import TrainingData
from kg.errors import ModelError

MAX_ITEMS = 20_000


class Ease(ItemScores[EaseSettings]):
    """See the module."""

    name: ClassVar[str] = "ease"
    settings_type = EaseSettings

    def weights(self, data: TrainingData, settings: EaseSettings) -> NDArray[np.float32]:
        """Return B, (I, I)."""
        refuse_large(len(data.items), self.name)
        return weights_of(co_occurrence(data.pairs, len(data.items)), settings.l2[0])


class TimeEase(ItemScores[TimeEaseSettings]):
    """See the module."""

    name: ClassVar[str] = "time-ease"
    settings_type = TimeEaseSettings

    def weights(self, data: TrainingData, settings: TimeEaseSettings) -> NDArray[np.float32]:
        """Return B, (I, I)."""
        refuse_large(len(data.items), self.name)
        G = co_occurrence(
            data.pairs,
            len(data.items),
            time_share=settings.time_share[0],
            time_scale_days=settings.time_scale_days[0],
        )
        return weights_of(G, settings.l2[0])


def refuse_large(items: int, name: str) -> None:
    """Refuse a catalogue whose inverse would not fit.

    Raises:
        ModelError: more than `MAX_ITEMS` items.
    """
    if items > MAX_ITEMS:
        raise ModelError(
            f"{name} inverts an items × items matrix; {items} items are more than {MAX_ITEMS}.",
            remedy=f"Leave {name} out of `models`; item-knn works at any size.",
        )
