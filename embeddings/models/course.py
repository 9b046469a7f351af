"""How far a training of the network is, and what it keeps of its best checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

import torch
from torch import Tensor

from embeddings.checkpoints import Saved
from embeddings.models.checks import Best, CurvePoint
from embeddings.models.rating_head import RatingParts


@dataclass
class Course:
    """See the module.

    Attributes:
        step: done so far.
        bad_steps: without a finite loss, in a row.
        losses: of the steps since the last check.
        curve: the checks.
        rank, rate: the best ones.
        weights: of the network at the best ranking.
        ratings: what predicted ratings best.
    """

    step: int = 0
    bad_steps: int = 0
    losses: list[float] = field(default_factory=list)
    curve: list[CurvePoint] = field(default_factory=list)
    rank: Best = field(default_factory=Best)
    rate: Best = field(default_factory=Best)
    weights: Mapping[str, Tensor] = field(default_factory=dict)
    ratings: RatingParts | None = None

    def ended(self, wait: int) -> bool:
        """Whether validation has not got better for `wait` steps."""
        last = self.curve[-1] if self.curve else None
        best = max(self.rank.step, self.rate.step)
        return last is not None and last.judged and last.step - best >= wait

    def tensors(self) -> dict[str, Tensor]:
        """Return the numbers of it, by name."""
        ratings = {} if self.ratings is None else self.ratings.tensors()
        return {
            **{f"weights.{name}": tensor for name, tensor in self.weights.items()},
            **{f"ratings.{name}": tensor for name, tensor in ratings.items()},
        }

    def told(self) -> dict[str, object]:
        """Return the rest of it, for JSON."""
        return {
            "step": self.step,
            "bad_steps": self.bad_steps,
            "losses": self.losses,
            "curve": [asdict(point) for point in self.curve],
            "rank": asdict(self.rank),
            "rate": asdict(self.rate),
        }

    @classmethod
    def of(cls, saved: Saved, device: torch.device) -> Course:
        """Return what was saved."""
        told, ratings = saved.told, saved.below("ratings.")
        return cls(
            step=told["step"],
            bad_steps=told["bad_steps"],
            losses=told["losses"],
            curve=[CurvePoint(**point) for point in told["curve"]],
            rank=Best(**told["rank"]),
            rate=Best(**told["rate"]),
            weights=saved.below("weights."),
            ratings=RatingParts(**{k: t.to(device) for k, t in ratings.items()})
            if ratings
            else None,
        )
