"""Published lists and their reasons, asked of the graph by the queries that everybody can use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

from embeddings.reasons import Kind, clause
from kg.store import Rows, Store

FOR_USER: Final = "recommend/for_user"
WHY: Final = "recommend/why"


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
        reasons = reasons_of(store, user, str(row["itemId"]))
        chance = row["probability"]
        found.append(
            Recommendation(
                rank=int(str(row["rank"])),
                item=str(row["itemId"]),
                title=str(row["title"]),
                score=float(str(row["score"])),
                probability=None if chance is None else float(str(chance)),
                reason=in_words(reasons[0]) if reasons else "",
            )
        )
    return found


def reasons_of(store: Store, user: str, item: str) -> Rows:
    """Return the reasons for an item on a user's list, replayed to the evidence that is there."""
    return store.read(WHY, userId=user, itemId=item)


def in_words(reason: dict[str, object]) -> str:
    """Return a row of `recommend/why` as a clause, with what it rests on."""
    said = f"because {clause(cast(Kind, reason['kind']), str(reason['name']))}"
    kind, evidence = reason["kind"], reason["evidence"]
    if kind in ("aspect", "topic", "entity"):
        return f"{said} ({evidence} review{'' if evidence == 1 else 's'})"
    return said


def users_with_lists(store: Store, count: int) -> Rows:
    """Return some users who have a published list: `userId`, and some items that they `liked`."""
    return store.read("read/users_with_lists", limit=count)
