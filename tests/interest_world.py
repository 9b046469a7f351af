"""Two circles of readers: ghosts and recipes. What each of them cares for is known by hand."""

from __future__ import annotations

import pyarrow as pa
from snapshot_world import Row, make_snapshot, mention, rated, review, split_of

from embeddings.snapshot import Snapshot

CIRCLES = {"ghost": ("fog", "attic", "candle"), "recipe": ("butter", "oven", "spoon")}
READERS = 12
BOOKS = 6


def circles() -> tuple[Snapshot, pa.Table]:
    """Each reader speaks of one word of the circle by name, in each of three books of hers.

    Of the fourth and the fifth, which are held out, other readers say the circle's other words.
    """
    rows: dict[str, list[Row]] = {
        name: [] for name in ("users", "items", "interactions", "reviews", "mentions", "attributes")
    }
    parts: dict[tuple[str, str], str] = {}
    for circle, words in CIRCLES.items():
        books = [f"{circle}-{number}" for number in range(BOOKS)]
        rows["items"] += [{"item_id": book} for book in books]
        rows["attributes"] += [
            {"item_id": book, "attribute_id": f"Genre:{circle}", "kind": "Genre"} for book in books
        ]
        for number in range(READERS):
            reader = f"{circle}-reader-{number}"
            rows["users"].append({"user_id": reader})
            own = [books[(number + place) % BOOKS] for place in range(5)]
            for place, book in enumerate(own):
                part = {3: "valid", 4: "test"}.get(place, "train")
                parts[reader, book] = part
                rows["interactions"].append(rated(reader, book, positive=True, day=place))
                rows["reviews"].append(review(reader, book, "…"))
                word = words[(number + (place > 2)) % len(words)]
                rows["mentions"].append(mention(f"{reader}-{book}", "Aspect", word))
    return make_snapshot(**rows), split_of(parts)


def shop() -> Snapshot:
    """Ada and Ben, a lamp and a kettle of two brands; the formulas' figures are done by hand."""
    return make_snapshot(
        users=[{"user_id": "ada"}, {"user_id": "ben"}],
        items=[{"item_id": "kettle"}, {"item_id": "lamp"}, {"item_id": "mug"}],
        interactions=[
            rated("ada", "lamp", positive=True, day=0),
            rated("ada", "kettle", positive=False, day=10),
            rated("ben", "lamp", positive=True, day=10),
        ],
        reviews=[
            review("ada", "lamp", "…", at=rated("ada", "lamp", day=0)["at"]),
            review("ada", "kettle", "…", at=rated("ada", "kettle", day=10)["at"]),
            review("ben", "lamp", "…"),
        ],
        mentions=[
            mention("ada-lamp", "Aspect", "light"),
            mention("ada-kettle", "Aspect", "light"),
            mention("ada-kettle", "Aspect", "noise"),
            mention("ben-lamp", "Aspect", "light"),
        ],
        review_topics=[
            {"review_id": "ada-lamp", "topic_id": "home", "weight": 0.8},
            {"review_id": "ada-kettle", "topic_id": "home", "weight": 0.2},
        ],
        attributes=[
            {"item_id": "lamp", "attribute_id": "Brand:lumo", "kind": "Brand"},
            {"item_id": "mug", "attribute_id": "Brand:lumo", "kind": "Brand"},
        ],
    )
