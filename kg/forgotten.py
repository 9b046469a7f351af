"""Who and what is to be forgotten, as all rooms are told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Forgotten:
    """One person with all reviews, or one review.

    Attributes:
        users: keys of the person; empty where only a review is meant.
        reviews: keys of the reviews.
        texts: texts and headlines of those reviews, wherever any was found.
    """

    users: frozenset[str]
    reviews: frozenset[str]
    texts: frozenset[str]
