"""The answers: the same questions to the graph as the command line's, in the service's words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from embeddings.reason_words import plain
from embeddings.reasons import Reason as PublishedReason
from kg.errors import UnknownKeyError
from kg.store import Store
from recommender.explanation import Explanation
from recommender.recommendations import FOR_USER, words_for
from recommender.service.models import Place, Reason, Recommended, Why
from recommender.service.versions import Version

SIMILAR: Final = "recommend/for_new_user"
POPULAR: Final = "recommend/popular"


def recommended(
    store: Store, version: Version, user: str, *, likes: Sequence[str], top: int, words: bool
) -> Recommended:
    """Return the user's published list; where there is none, what is like `likes`, or popular."""
    places = [_listed(row) for row in store.read(FOR_USER, userId=user, limit=top)]
    if places:
        if words:
            places = [
                place.model_copy(update={"words": words_for(store, user, place.item)})
                for place in places
            ]
        return Recommended(user=user, basis="list", run=version.run, items=places)
    if likes:
        rows = store.read(SIMILAR, liked=list(likes), limit=top)
        similar = [_similar(rank, row) for rank, row in enumerate(rows, start=1)]
        if similar:
            return Recommended(user=user, basis="likes", run=version.run, items=similar)
    rows = store.read(POPULAR, limit=top)
    popular = [_popular(rank, row) for rank, row in enumerate(rows, start=1)]
    return Recommended(user=user, basis="popular", run=version.run, items=popular)


def explained(store: Store, version: Version, user: str, item: str, *, top: int) -> Why:
    """Return why an item is for a user.

    Raises:
        UnknownKeyError: the graph has not one of them; near keys are not told to strangers.
    """
    if not version.user:
        raise UnknownKeyError("user", user)
    if not version.item:
        raise UnknownKeyError("item", item)
    return Why.model_validate(Explanation.of(store, user, item, top=top))


def _listed(row: dict[str, Any]) -> Place:
    parsed = [PublishedReason.parse(text) for text in row["reasons"] or ()]
    return Place(
        rank=row["rank"],
        item=row["itemId"],
        title=row["title"],
        score=row["score"],
        probability=row["probability"],
        rating=row["rating"],
        cold_start=bool(row["coldStart"]),
        reasons=[Reason.model_validate(reason) for reason in parsed],
    )


def _similar(rank: int, row: dict[str, Any]) -> Place:
    words = f"similar to {', '.join(f'*{plain(name)}*' for name in row['because'][:2])}"
    return Place(rank=rank, item=row["itemId"], title=row["title"], score=row["score"], words=words)


def _popular(rank: int, row: dict[str, Any]) -> Place:
    return Place(rank=rank, item=row["itemId"], title=row["title"], score=row["people"])
