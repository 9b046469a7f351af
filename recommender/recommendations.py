"""Published lists and their reasons, asked of the graph by the queries that everybody can use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kg.store import Rows, Store
from recommender.explanation import Explanation

FOR_USER: Final = "recommend/for_user"


@dataclass(frozen=True)
class Recommendation:
    """One place of a user's list; `reason` is the strongest one, in words."""

    rank: int
    item: str
    title: str
    score: float
    probability: float | None
    reason: str


def recommendations_of(store: Store, user: str, top: int) -> list[Recommendation]:
    """Return the first `top` places of a user's published list."""
    found = []
    for row in store.read(FOR_USER, userId=user, limit=top):
        chance = row["probability"]
        found.append(
            Recommendation(
                rank=int(str(row["rank"])),
                item=str(row["itemId"]),
                title=str(row["title"]),
                score=float(str(row["score"])),
                probability=None if chance is None else float(str(chance)),
                reason=words_for(store, user, str(row["itemId"])),
            )
        )
    return found


def words_for(store: Store, user: str, item: str) -> str:
    """Return the strongest reason of a place that the graph still holds, in words; or nothing."""
    why = Explanation.of(store, user, item, top=1)
    live = [each.because for each in why.reasons if each.live]
    return f"because {live[0]}" if live else ""


def users_with_lists(store: Store, count: int) -> Rows:
    """Return some users who have a published list: `userId`, and some items that they `liked`."""
    return store.read("read/users_with_lists", limit=count)
