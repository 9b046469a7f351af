"""Reasons as they stand on :RECOMMENDED, `kind|weight|key`, and as a sentence for people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast, get_args

from kg.errors import ModelError

Kind = Literal["item", "aspect", "topic", "entity", "attribute", "user", "popular"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
_REASON: Final = re.compile(rf"({'|'.join(KINDS)})\|(\d+\.?\d*)\|(.+)", re.DOTALL)

_CLAUSES: Final[dict[Kind, str]] = {
    "item": "you liked {}",
    "aspect": "people praise its {}, which you write about",
    "topic": "it is about {}, as are your reviews",
    "entity": "reviews of it mention {}, as yours do",
    "attribute": "you like {}",
    "user": "{}, whose taste is near yours, liked it",
    "popular": "many people like it",
}


@dataclass(frozen=True)
class Reason:
    """One reason: the thing on the path between user and item, and how much it weighs.

    Attributes:
        kind: what the thing is.
        weight: 0 … 1, comparable among the reasons of one recommendation.
        key: business key of the thing.
        name: for people; the key where there is none.
    """

    kind: Kind
    weight: float
    key: str
    name: str = ""

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


def clause(kind: Kind, name: str) -> str:
    """Return what a reason says, to follow "because": `you liked Kettle`."""
    return _CLAUSES[kind].format(name)


def sentence(reasons: Sequence[Reason]) -> str:
    """Return one sentence that says why, names in asterisks; liked items come first.

    >>> sentence([Reason("item", 0.9, "i-7", "Kettle"), Reason("aspect", 0.5, "light")])
    'Because you liked *Kettle* and people praise its *light*, which you write about.'
    """
    items = [reason for reason in reasons if reason.kind == "item"]
    others = [reason for reason in reasons if reason.kind != "item"]
    clauses = [clause("item", _and([_name(item) for item in items]))] if items else []
    clauses += [clause(reason.kind, _name(reason)) for reason in others]
    return f"Because {_and(clauses)}." if clauses else ""


def _name(reason: Reason) -> str:
    return f"*{reason.name or reason.key}*"


def _and(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
