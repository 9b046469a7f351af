"""What everybody will like next: popularity after a point in time, by what lies before it.

    P(i | t) = exp(θ·f_i(t)) / Σ_j exp(θ·f_j(t)),
    f_i(t)   = (log(1 + n_i(t - w, t)) for each window w; bin of i's release - t; n_i(-∞, t) = 0),

n_i counts likes. A conditional logit (McFadden, 1974): θ makes what users took soon after points in
time of the past most likely, among what they had not taken before. Nothing in f looks ahead of
t but the date of release, which is declared of an item, not learnt from what people did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from embeddings.training_data import TrainingData
from kg.errors import ModelError

CUTS: Final = np.linspace(0.3, 0.88, 30)  # points in time, as shares of the dated pairs
HORIZON: Final = 0.12  # share of the dated pairs that counts as soon after
WINDOWS: Final = (1.0, 3.0, 7.0, 14.0, 30.0, 60.0, 120.0, 365.0, np.inf)
_DAYS: Final = (3, 7, 14, 30, 60, 90, 180, 365, 730)
RELEASES: Final = (*(-day for day in reversed(_DAYS)), 0, *_DAYS, 1460, 2920)
SAMPLED_USERS: Final = 20_000
USER_EXPONENT: Final = 0.5
L2: Final = 1e-3
ROUNDS: Final = 60


@dataclass(frozen=True, kw_only=True)
class Trend:
    """Fitted popularity at points in time.

    Attributes:
        cuts: points in time, days since 1970, ascending, (C,).
        ends: days up to which pairs count as soon after, (C,).
        popularity: θ·f_i at each cut, (C, I) float32.
        now: the same on the day after the last one, (I,) float32.
    """

    cuts: NDArray[np.float64]
    ends: NDArray[np.float64]
    popularity: Tensor
    now: Tensor

    @classmethod
    def of(cls, data: TrainingData) -> Self:
        """Fit to the training pairs.

        Raises:
            ModelError: their times are unknown, or all the same.
        """
        pairs = data.pairs
        day = np.floor(pairs.day)
        known = day[~np.isnan(day)]
        if len(np.unique(known)) < 2:
            raise ModelError(
                f"hetero-gat is to learn what comes next, but of {len(day):,} training pairs"
                f" {len(known):,} are dated, on {len(np.unique(known))} different days.",
                remedy="Map a timestamp column in the source, or set model.hetero_gat.hide: any.",
            )
        cuts = np.unique(np.floor(np.quantile(known, CUTS)))
        shares = np.searchsorted(np.sort(known), cuts) / len(known)
        ends = np.quantile(known, np.minimum(shares + HORIZON, 1.0))
        likes = _Likes.of(data, day)
        F = torch.stack([likes.features(each) for each in cuts])
        theta = _fit(F, _Choices.of(data, day, cuts, ends))
        now = likes.features(known.max() + 1)
        return cls(cuts=cuts, ends=ends, popularity=F @ theta, now=now @ theta)


@dataclass(frozen=True)
class _Likes:
    """Dated likes in the order of time, and the items' releases."""

    day: NDArray[np.float64]
    item: NDArray[np.int64]
    released: NDArray[np.float64]

    @classmethod
    def of(cls, data: TrainingData, day: NDArray[np.float64]) -> Self:
        liked = np.flatnonzero(data.pairs.positive & ~np.isnan(day))
        order = liked[np.argsort(day[liked], kind="stable")]
        unknown = np.full(len(data.items), np.nan)
        released = unknown if data.released is None else data.released
        return cls(day[order], data.pairs.item[order], released)

    def features(self, t: float) -> Tensor:
        """f(t), (I, K) float32."""
        items, end = len(self.released), np.searchsorted(self.day, t)
        begin = [np.searchsorted(self.day, t - window) for window in WINDOWS]
        counts = [np.bincount(self.item[first:end], minlength=items) for first in begin]
        bins = len(RELEASES) + 2
        ahead = np.digitize(self.released - t, RELEASES, right=True)
        release = np.eye(bins)[np.where(np.isnan(self.released), bins - 1, ahead)]
        columns = [*np.log1p(counts), counts[-1] == 0, *release.T]
        return torch.from_numpy(np.stack(columns, axis=1, dtype=np.float32, casting="same_kind"))


@dataclass(frozen=True)
class _Choices:
    """Who took what soon after a cut, a row for each cut and user, and what she had taken before.

    Attributes:
        cut: of each row, (n,).
        target: rows and items taken, (2, t).
        before: rows and items that were no choice any more, (2, b).
    """

    cut: Tensor
    target: Tensor
    before: Tensor

    @classmethod
    def of(
        cls,
        data: TrainingData,
        day: NDArray[np.float64],
        cuts: NDArray[np.float64],
        ends: NDArray[np.float64],
    ) -> Self:
        pairs, users = data.pairs, len(data.users)
        drawn = np.zeros(users, np.bool_)
        drawn[np.random.default_rng(data.seed).permutation(users)[:SAMPLED_USERS]] = True
        chosen = drawn[pairs.user]
        row_cut, target, before, first = [], [], [], 0
        for number, (cut, end) in enumerate(zip(cuts, ends, strict=True)):
            asked = chosen & pairs.positive & (day >= cut) & (day <= end)
            who, row = np.unique(pairs.user[asked], return_inverse=True)
            place = np.full(users, -1)
            place[who] = np.arange(len(who))
            earlier = ~(day >= cut) & (place[pairs.user] >= 0)
            target.append(np.stack([first + row, pairs.item[asked]]))
            before.append(np.stack([first + place[pairs.user[earlier]], pairs.item[earlier]]))
            row_cut.append(np.full(len(who), number))
            first += len(who)
        parts = (np.concatenate(row_cut), np.hstack(target), np.hstack(before))
        return cls(*(torch.from_numpy(part) for part in parts))


def _fit(F: Tensor, choices: _Choices) -> Tensor:
    """Return θ of the features at each cut, (C, I, K), by L-BFGS; (K,)."""
    theta = torch.zeros(F.shape[-1], dtype=F.dtype, requires_grad=True)
    row, item = choices.target
    if not len(row):
        return theta.detach()
    m = torch.bincount(row, minlength=len(choices.cut)).double()
    weight = m[row] ** -USER_EXPONENT
    weight = weight / weight.sum()

    def loss() -> Tensor:
        s = (F @ theta).double()
        s = s - s.amax(1, keepdim=True).detach()
        p = s.exp()
        taken = p[choices.cut[choices.before[0]], choices.before[1]]
        Z = p.sum(1)[choices.cut].index_add(0, choices.before[0], -taken)
        nll = Z.clamp_min(torch.finfo(Z.dtype).tiny).log()[row] - s[choices.cut[row], item]
        return (weight * nll).sum() + L2 * (theta**2).sum()

    optimiser = torch.optim.LBFGS([theta], max_iter=ROUNDS, line_search_fn="strong_wolfe")

    def closure() -> float:
        optimiser.zero_grad()
        value = loss()
        torch.autograd.backward(value)
        return float(value.detach())

    optimiser.step(closure)  # type: ignore[no-untyped-call]
    return theta.detach()
