"""What is planted in the sample, for tests: aspects, mentions, segments and tastes."""

from __future__ import annotations

import gzip
import json
from typing import Any

from recommender.sample import DATA
from recommender.sample.lexicon import Catalogue, Lexicon
from recommender.sample.shop import review_id
from recommender.sample.world import World, taste
from recommender.sample.writer import Review


def truth_of(
    world: World, catalogue: Catalogue, lexicon: Lexicon, reviews: list[Review]
) -> dict[str, Any]:
    """Return the planted truth.

    Returns:
        `aspects`: name → surface forms; `mentions`: review → [aspect, polarity, start, end];
        `users`: user → share of each segment; `segments`: name → its tastes;
        `taste`: segment → item → how much its people like the item; `quality`: item → aspect → how
        good it really is (-1.5 to 1.5).
    """
    spoken = {m.aspect for review in reviews for m in review.mentions}
    return {
        "aspects": {n: list(a.variants) for n, a in lexicon.aspects.items() if n in spoken},
        "mentions": {
            review_id(number): [[m.aspect, m.polarity, m.start, m.end] for m in review.mentions]
            for number, review in enumerate(reviews)
        },
        "users": {user.user_id: user.segments for user in world.users},
        "segments": {name: s.model_dump() for name, s in catalogue.segments.items()},
        "taste": {
            name: {i.item_id: round(taste({name: 1.0}, i, catalogue), 3) for i in world.items}
            for name in catalogue.segments
        },
        "quality": {
            item.item_id: {name: round(value, 2) for name, value in item.quality.items()}
            for item in world.items
        },
    }


def read_truth() -> dict[str, Any]:
    """Return the planted truth of the bundled sample; the format is that of `truth_of`."""
    with gzip.open(DATA / "truth.json.gz", "rt", encoding="utf-8") as file:
        content: dict[str, Any] = json.load(file)
    return content
