"""The checks of a training, and which of them was the best."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class CurvePoint:
    """What one check of a training saw: mean loss since the last check, and what was validated."""

    seed: int
    step: int
    loss: float
    valid_ndcg: float | None = None
    valid_rmse: float | None = None

    @property
    def judged(self) -> bool:
        """Whether the validation part said anything."""
        return self.valid_ndcg is not None or self.valid_rmse is not None


@dataclass
class Best:
    """The step that validation liked most; without validation, the one that was asked for."""

    step: int = 0
    reached: float = -math.inf

    def takes(self, step: int, reached: float | None, *, at: int) -> bool:
        """Whether this step is the one, so far; `at` counts where nothing was validated."""
        if step != at if reached is None else reached <= self.reached:
            return False
        self.step, self.reached = step, -math.inf if reached is None else reached
        return True


def negated(rmse: float | None) -> float | None:
    """Return what is higher where an error is lower."""
    return None if rmse is None else -rmse
