"""The answers, as the service's own documentation shows them at /docs."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """The base of every answer."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, from_attributes=True, use_attribute_docstrings=True
    )


class Problem(Answer):
    """Why there is no answer."""

    error: str
    """What was got and what was wanted."""
    remedy: str = ""
    """What to do about it."""


class Health(Answer):
    """Whether the service can answer."""

    status: Literal["ok"]
    """The graph answers."""


class Reason(Answer):
    """What connects user and item in the graph."""

    kind: Literal["item", "aspect", "topic", "entity", "attribute", "user", "popular"]
    """What the thing on the path is."""
    weight: float
    """How much it weighs, 0 to 1, among the reasons of this place."""
    key: str
    """Its business key."""


class Place(Answer):
    """One place of a list."""

    rank: int
    """1 is the best."""
    item: str
    """The item's key."""
    title: str
    """Its name."""
    score: float
    """The model's score; the sum of similarities for likes; the number of people if popular."""
    probability: float | None = None
    """Calibrated chance that the user likes it."""
    rating: float | None = None
    """What the user would rate it, if the model predicts ratings."""
    cold_start: bool = False
    """The model knew little about the user."""
    reasons: list[Reason] = []
    """Why, strongest first, as it was published."""
    words: str = ""
    """The strongest reason that the graph still holds, in words; asked for with words=true."""


class Recommended(Answer):
    """What is recommended to somebody."""

    user: str
    """Who asked, known or not."""
    basis: Literal["list", "likes", "popular"]
    """list: the user's published list. likes: there is none, and this is similar to what was given.
    popular: there is none, and nothing was given; what most people like."""
    run: str | None
    """The published run; null while one is being published."""
    items: list[Place]
    """Best first."""


class Quote(Answer):
    """What somebody wrote that a reason rests on."""

    by: str
    """Who wrote it."""
    title: str
    """About which item."""
    review_id: str
    """The review's key."""
    sentiment: float | None
    """-1 to 1, or unknown."""
    text: str
    """Its beginning."""


class Explained(Answer):
    """One reason, with what it rests on now."""

    place: int
    """1 is the strongest."""
    kind: str
    """What the thing on the path is."""
    weight: float
    """As it was published, or that of the path."""
    key: str
    """Its business key."""
    name: str
    """Its name."""
    live: bool
    """Whether its evidence is still in the graph."""
    own: int
    """Things of the user's that it rests on."""
    evidence: int
    """Other people's reviews of the item, or people."""
    positive: int
    """Of these, those with good words or a like."""
    negative: int
    """Of these, those with bad words."""
    because: str
    """In words."""
    quotes: list[Quote]
    """What people wrote; the user's own first."""


class Why(Answer):
    """Why an item is for a user."""

    user: str
    """The user's key."""
    item: str
    """The item's key."""
    recommended: bool
    """Whether it is on the user's list; else these are the strongest paths between the two."""
    words: str
    """All reasons in a sentence."""
    reasons: list[Explained]
    """Strongest first."""


class Hit(Answer):
    """An item that was found."""

    item: str
    """Its key."""
    title: str
    """Its name."""
    score: float
    """Higher is better, for this text."""
    meaning: float
    """Cosine of the text and what is written about the item."""
    words: float
    """How well the words themselves fit (BM25)."""
    rank: int | None
    """Place on the user's published list, if it is there."""
    quote: str | None
    """A review that says most of the words."""


class Found(Answer):
    """What a text asks for."""

    query: str
    """The text."""
    items: list[Hit]
    """Best first."""
