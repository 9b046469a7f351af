"""Reasons as they stand on :RECOMMENDED: `kind|weight|key`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, cast, get_args

from kg.errors import ModelError

Kind = Literal["item", "aspect", "topic", "entity", "attribute", "user", "popular"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
_REASON: Final = re.compile(rf"({'|'.join(KINDS)})\|(\d+\.?\d*)\|(.+)", re.DOTALL)


@dataclass(frozen=True)
class Reason:
    """One reason: the thing on the path between user and item, and how much it weighs.

    Attributes:
        kind: what the thing is.
        weight: 0 … 1, comparable among the reasons of one recommendation.
        key: business key of the thing.
    """

    kind: Kind
    weight: float
    key: str

    def __str__(self) -> str:
        return f"{self.kind}|{self.weight:.4f}|{self.key}"

    @classmethod
    def parse(cls, text: str) -> Reason:
        """Return the reason that `str` wrote.

        Raises:
            ModelError: the text is no reason.
        """
        found = _REASON.fullmatch(text)
        if not found:
            raise ModelError(
                f"{text!r} is no reason; wanted kind|weight|key with a kind of {', '.join(KINDS)}.",
                remedy="Publish again with this version of the program.",
            )
        kind, weight, key = found.groups()
        return cls(cast(Kind, kind), float(weight), key)
