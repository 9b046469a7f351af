"""Published lists and their reasons, asked of the graph by the queries that everybody can use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kg.store import Rows, Store

FOR_USER: Final = "recommend/for_user"
WHY: Final = "recommend/why"


@dataclass(frozen=True)
class Recommendation:
    """One place of a user's list."""

    rank: int
    item: str
    title: str
    score: float
    probability: float | None
    reason: str


def recommendations_of(store: Store, user: str, top: int) -> list[Recommendation]:
    """Return the first `top` places of a user's published list."""
    raise NotImplementedError


def reasons_of(store: Store, user: str, item: str) -> Rows:
    """Return the reasons for an item on a user's list, replayed to the evidence that is there."""
    return store.read(WHY, userId=user, itemId=item)


def sample_users(store: Store, count: int) -> list[str]:
    """Return some users who have a published list."""
    raise NotImplementedError
