"""BPR-MF: user and item vectors and item biases learnt by ranking (Rendle et al., UAI 2009)."""

from __future__ import annotations

from typing import ClassVar

from embeddings.baselines.bpr import BprLearner
from embeddings.baselines.factors import Factors
from embeddings.baselines.settings import BprMfSettings
from embeddings.baselines.stepwise import Learner, Stepwise
from embeddings.device import pick_device
from embeddings.training_data import TrainingData


class BprMf(Stepwise[BprMfSettings], Factors[BprMfSettings]):
    """s(u, i) = p_u·q_i + b_i; see `bpr.py`."""

    name: ClassVar[str] = "bpr-mf"
    settings_type = BprMfSettings

    def learner(self, data: TrainingData, settings: BprMfSettings) -> Learner:
        """Return vectors that are used as they are; see `Stepwise`."""
        return BprLearner(
            data,
            settings,
            propagate=lambda e: e,
            bias=True,
            device=pick_device(settings.device),
        )
