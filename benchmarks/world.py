"""A synthetic shop in the tables of `etl.tables`, equal for equal size and seed.

Popularity falls as 1 / rank, each review mentions two or three of 200 aspects and is about one or
two of 10 topics, each item has a brand and two tags, and a review has some 120 characters.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from etl.staging import SCHEMAS

_ASPECTS: Final = 200
_TOPICS: Final = 10
_KINDS: Final = (("Brand", 40), ("Tag", 60), ("Tag", 60))
_WORDS: Final = 2_000
_TEXT_WORDS: Final = 20
_START: Final = 1_600_000_000_000_000
_HOUR: Final = 3_600_000_000

Numbers = NDArray[np.int64]


def make_world(size: int, seed: int) -> dict[str, pa.Table]:
    """Tables of `size` reviews with their interactions, by size / 20 users of size / 40 items."""
    random = np.random.default_rng(seed)
    users, items = max(8, size // 20), max(8, size // 40)
    user, item = _pairs(random, min(size, users * items // 2), users, items)
    count = len(user)
    review_ids = names("review", np.arange(count))
    stars = random.integers(1, 6, count)
    acts = pl.DataFrame(
        {
            "user_id": names("user", user),
            "item_id": names("item", item),
            "rating": stars.astype(np.float64),
            "positive": stars >= 4,
            "at": pl.Series(_START + random.integers(0, 20_000, count) * _HOUR),
        }
    )
    tables = {
        "users": pl.DataFrame({"user_id": names("user", np.arange(users))}),
        "items": pl.DataFrame(
            {
                "item_id": names("item", np.arange(items)),
                "title": _texts(random, items, 4),
                "description": _texts(random, items, _TEXT_WORDS),
            }
        ),
        "interactions": acts.with_columns(behaviour=pl.lit("RATED"), count=pl.lit(1)),
        "reviews": acts.rename({"at": "written_at"}).with_columns(
            review_id=review_ids, text=_texts(random, count, _TEXT_WORDS), content_hash=review_ids
        ),
        "attributes": item_attributes(random, items, _KINDS),
        "review_facts": pl.DataFrame(
            {"review_id": review_ids, "sentiment": random.uniform(-1, 1, count)}
        ).with_columns(language=pl.lit("en"), tokens=pl.lit(_TEXT_WORDS)),
        "aspects": pl.DataFrame({"aspect_id": names("aspect", np.arange(_ASPECTS))}).with_columns(
            name=pl.col("aspect_id"), score=pl.lit(1.0)
        ),
        "mentions": _mentions(random, review_ids),
        "topics": _topics(),
        "review_topics": _review_topics(random, review_ids),
    }
    return {name: typed(name, frame) for name, frame in tables.items()}


def _pairs(
    random: np.random.Generator, count: int, users: int, items: int
) -> tuple[Numbers, Numbers]:
    """Distinct pairs; users alike, items by popularity."""
    popularity = 1.0 / np.arange(1, items + 1)
    cells = np.empty(0, np.int64)
    while len(cells) < count:
        user = random.integers(0, users, count)
        item = random.choice(items, count, p=popularity / popularity.sum())
        cells = np.unique(np.concatenate([cells, user * items + item]))
    cells = np.sort(random.permutation(cells)[:count])
    return cells // items, cells % items


def item_attributes(
    random: np.random.Generator, items: int, kinds: Iterable[tuple[str, int]]
) -> pl.DataFrame:
    """A value of each kind for each item, drawn evenly; one that is drawn twice counts once."""
    return pl.concat(
        pl.DataFrame(
            {
                "item_id": names("item", np.arange(items)),
                "value": names(kind, random.integers(0, of, items)),
            }
        ).with_columns(kind=pl.lit(kind))
        for kind, of in kinds
    ).unique(maintain_order=True)


def _mentions(random: np.random.Generator, review_ids: pl.Series) -> pl.DataFrame:
    first = random.integers(0, _ASPECTS, len(review_ids))
    step = random.integers(1, _ASPECTS // 3, len(review_ids))
    parts = []
    for place, share in enumerate((1.0, 1.0, 0.5)):
        chosen = random.random(len(review_ids)) < share
        aspect = (first + place * step)[chosen] % _ASPECTS
        parts.append(
            pl.DataFrame(
                {
                    "review_id": review_ids.filter(pl.Series(chosen)),
                    "target_id": names("aspect", aspect),
                    "sentiment": random.uniform(-1, 1, int(chosen.sum())),
                }
            )
        )
    at = pl.lit(7 * np.arange(2)).implode()
    return pl.concat(parts).with_columns(
        target_kind=pl.lit("Aspect"), count=pl.lit(2), starts=at, ends=at
    )


def _topics() -> pl.DataFrame:
    words = pl.Series([[f"word{n}" for n in range(10)]] * _TOPICS)
    return pl.DataFrame(
        {"topic_id": names("topic", np.arange(_TOPICS)), "words": words}
    ).with_columns(
        label=pl.col("topic_id"),
        word_weights=pl.col("words").list.eval(pl.lit(0.1)),
        weak=pl.lit(False),
        model_version=pl.lit("benchmark"),
    )


def _review_topics(random: np.random.Generator, review_ids: pl.Series) -> pl.DataFrame:
    first = random.integers(0, _TOPICS, len(review_ids))
    second = random.random(len(review_ids)) < 0.5
    main = pl.DataFrame({"review_id": review_ids, "topic_id": names("topic", first)})
    also = pl.DataFrame(
        {
            "review_id": review_ids.filter(pl.Series(second)),
            "topic_id": names("topic", (first[second] + 1) % _TOPICS),
        }
    )
    return pl.concat([main.with_columns(weight=pl.lit(0.6)), also.with_columns(weight=pl.lit(0.3))])


def names(what: str, numbers: Numbers) -> pl.Series:
    """Keys such as `item-0000012`."""
    return pl.Series(numbers).cast(pl.String).str.zfill(7).str.replace("^", f"{what}-")


def _texts(random: np.random.Generator, count: int, words: int) -> pl.Series:
    """Texts of `words` words of five letters, the word number in letters."""
    letters = np.array(list("abcdefghijklmnopqrst"))
    spelled = letters[random.integers(0, len(letters), (_WORDS, 5))]
    vocabulary = np.array(["".join(word) for word in spelled], dtype=object)
    chosen = vocabulary[random.integers(0, _WORDS, (count, words))]
    return pl.Series([" ".join(text) for text in chosen])


def typed(name: str, frame: pl.DataFrame) -> pa.Table:
    """The frame in the schema of its table; missing columns are null, or say "benchmark"."""
    given = frame.to_arrow()
    columns = [
        given[field.name].cast(field.type)
        if field.name in given.column_names
        else pa.nulls(len(given), field.type)
        if field.nullable
        else pa.repeat("benchmark", len(given))
        for field in SCHEMAS[name]
    ]
    return pa.table(columns, schema=SCHEMAS[name])
