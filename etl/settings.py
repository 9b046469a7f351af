"""What putting the sources together can be told."""

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
