"""A small world to make snapshots of: three tastes, known by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import torch

from embeddings.snapshot import TABLES, Snapshot
from embeddings.split import SPLIT
from embeddings.text_vectors import TextVectors

START = datetime(2021, 5, 1, tzinfo=UTC)
Row = dict[str, object]


def make_snapshot(**rows: Sequence[Row]) -> Snapshot:
    """A snapshot of these rows; missing tables are empty, missing columns null."""
    return Snapshot(
        **{
            name: pa.Table.from_pylist(list(rows.get(name, [])), schema=schema)
            for name, schema in TABLES.items()
        }
    )


def rated(user: str, item: str, *, day: int = 0, **known: object) -> Row:
    at = START + timedelta(days=day)
    return {"user_id": user, "item_id": item, "behaviour": "RATED", "at": at, **known}


def review(user: str, item: str, text: str, **known: object) -> Row:
    identity = {"review_id": f"{user}-{item}", "user_id": user, "item_id": item}
    return {**identity, "text": text, "content_hash": f"#{text}", **known}


def mention(review_id: str, kind: str, target: str, **known: object) -> Row:
    return {"review_id": review_id, "target_kind": kind, "target_id": target, "count": 1, **known}


def split_of(parts: dict[tuple[str, str], str]) -> pa.Table:
    return pa.Table.from_pylist(
        [{"user_id": u, "item_id": i, "part": part} for (u, i), part in parts.items()],
        schema=SPLIT,
    )


def letter_vectors(texts: Sequence[str]) -> TextVectors:
    """Vectors that say which letters a text has, so that any change of any text shows."""
    distinct = sorted({text for text in texts if text})
    letters = "abcdefghijklmnopqrstuvwxyz"
    rows = [[1.0, *(float(text.lower().count(letter)) for letter in letters)] for text in distinct]
    counts = torch.tensor(rows).reshape(len(distinct), 1 + len(letters))
    return TextVectors.of_texts(distinct, torch.nn.functional.normalize(counts), "letters")
