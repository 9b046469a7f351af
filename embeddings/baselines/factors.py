"""What the baselines share that score by s = p·q: a user's vector times an item's."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from embeddings.baselines.baseline import Baseline, Parts
from kg.settings import Settings

S = TypeVar("S", bound=Settings)


class Factors(Baseline[S]):
    """A recommender whose parts are P, (U, d), and Q, (I, d)."""

    def rows(self, parts: Parts, users: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return P Qᵀ of these users; see `Baseline`."""
        return np.asarray(parts["P"][users] @ parts["Q"].T, dtype=np.float32)
