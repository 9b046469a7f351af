"""What putting the sources together, and deriving interests from them, can be told."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from kg.settings import Settings

Rule = Literal["punctuation", "accents", "company"]


class ResolveSettings(Settings):
    """Which spellings of attribute values are one thing; within a kind; items stay as they are."""

    rules: tuple[Rule, ...] = ()
    """punctuation: "Warner Bros." is "Warner Bros", and "R&B" is "R and B"; accents: "Pokémon" is
    "Pokemon"; company: neither The before nor Inc., Ltd, Pictures and their like behind count. A
    rule includes those named before it here. Case and spaces never count."""
    kinds: tuple[str, ...] | None = None
    """Kinds of attribute that the rules apply to; unset: all."""
    merge: dict[str, dict[str, tuple[str, ...]]] = Field(default_factory=dict)
    """What else is one thing: `{Studio: {"20th Century Fox": ["Twentieth Century Fox"]}}`."""
    apart: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Values that no rule touches: `{Studio: ["Fox Pictures"]}`."""


class InterestSettings(Settings):
    """How what users say and do becomes :INTERESTED_IN."""

    half_life_days: float | None = Field(default=None, gt=0)
    """Age in days at which a review or deed counts half in `weight`, measured against the newest
    one in the graph; one without a time counts half. Unset: none fades."""
