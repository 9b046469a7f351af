"""A small shop of headphones whose reviews praise and blame known things."""

from __future__ import annotations

import random

import pyarrow as pa

from etl.tables import ATTRIBUTES, ITEMS, REVIEWS
from etl.text.settings import AspectSettings, TextSettings, TopicSettings

PRAISE = ("great", "good", "excellent", "amazing", "lovely", "wonderful", "superb", "nice")
BLAME = ("bad", "awful", "terrible", "poor", "horrible", "disappointing", "weak", "lousy")
ASPECTS = ("sound", "battery", "comfort", "cable", "packaging", "customer service")

SMALL = TextSettings(
    workers=1,
    aspects=AspectSettings(min_mentions=4, min_opinions=3, min_score=0.5),
    topics=TopicSettings(count=2, passes=2, min_reviews=2, max_review_share=0.6, min_collocation=5),
)


def reviews_table(texts: dict[str, str], titles: dict[str, str] | None = None) -> pa.Table:
    """Return reviews with these ids and texts."""
    rows = [
        {
            "review_id": review_id,
            "user_id": f"user of {review_id}",
            "item_id": "headphones",
            "text": text,
            "title": (titles or {}).get(review_id),
            "content_hash": f"hash of {text}",
            "source": "test",
        }
        for review_id, text in texts.items()
    ]
    return pa.Table.from_pylist(rows, schema=REVIEWS)


def items_table(titles: dict[str, str]) -> pa.Table:
    """Return items with these ids and titles."""
    rows = [{"item_id": key, "title": title, "source": "test"} for key, title in titles.items()]
    return pa.Table.from_pylist(rows, schema=ITEMS)


def attributes_table(values: list[tuple[str, str, str]]) -> pa.Table:
    """Return attributes, given as (item, kind, value)."""
    rows = [
        {"item_id": item, "kind": kind, "value": value, "source": "test"}
        for item, kind, value in values
    ]
    return pa.Table.from_pylist(rows, schema=ATTRIBUTES)


def shop_reviews(count: int = 120, seed: int = 7) -> dict[str, str]:
    """Return reviews, each of which judges two aspects."""
    rng = random.Random(seed)
    patterns = (
        "The {a} is {x}, but the {b} was {y}.",
        "I bought these in May. {x} {a} and {y} {b}.",
        "We took them on a train journey. The {a} sounds {x} to me. The {b} is really {y}!",
        "My brother said the {a} is {x}. After a month the {b} is still {y}.",
    )
    texts = {}
    for number in range(count):
        a, b = rng.sample(ASPECTS, 2)
        text = rng.choice(patterns).format(
            a=a, b=b, x=rng.choice(PRAISE), y=rng.choice(BLAME if number % 2 else PRAISE)
        )
        texts[f"r{number:04d}"] = text
    return texts
