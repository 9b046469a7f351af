"""Interests of users and descriptions of items as sparse matrices, made from a snapshot.

The formulas are those of `etl/aggregates.py`, so what is judged here on held-out data is what the
graph holds as :INTERESTED_IN and :DESCRIBED_BY.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_array

from embeddings.pairs import PAIR, frame, pairs_of
from embeddings.snapshot import Snapshot

KINDS: Final = ("Aspect", "Topic", "Entity", "Attribute")
THING: Final = ("kind", "id")
_MILLIS_A_DAY: Final = 86_400_000.0
_HALF: Final = 2.0
"""Evidence at which the term frequency is half of what it can become."""


@dataclass(frozen=True)
class InterestGraph:
    """Users, items and things (aspects, topics, entities, attributes), and what joins them.

    Attributes:
        users, items: keys, in the order of rows.
        things: kind, id; in the order of columns.
        interests: weight of :INTERESTED_IN, (U, T).
        described: weight of :DESCRIBED_BY, and of attributes their inverse frequency, (I, T).
        likes: 1 where a user likes an item, (U, I).
    """

    users: Sequence[str]
    items: Sequence[str]
    things: pl.DataFrame
    interests: csr_array
    described: csr_array
    likes: csr_array

    def of_kind(self, kind: str) -> NDArray[np.int64]:
        """Columns of the things of one kind."""
        return np.flatnonzero(self.things["kind"].to_numpy() == kind)


def interest_graph(
    snapshot: Snapshot, *, half_life_days: float | None = None, rarity: bool = True
) -> InterestGraph:
    """Weigh interests and descriptions by the snapshot's evidence.

    Args:
        snapshot: restricted to what may be seen.
        half_life_days: age at which evidence of an interest counts half, measured against the
            newest in the snapshot; evidence without a time counts half. None: none fades.
        rarity: weigh by inverse document frequency, as the graph's weights are.
    """
    said, about = _evidence(snapshot, half_life_days)
    total = snapshot.items.num_rows
    counted = about.group_by(THING).agg(items=pl.col("item_id").n_unique())
    idf = (1 + total / pl.col("items")).log() / np.log(1.0 + total) if rarity else pl.lit(1.0)
    things = counted.with_columns(idf=idf).sort(THING).with_row_index("column")
    likes = pairs_of(snapshot.interactions).filter("positive").select(PAIR)
    users, items = snapshot.users["user_id"].to_pylist(), snapshot.items["item_id"].to_pylist()

    def matrix(rows: pl.DataFrame, key: str, names: Sequence[str]) -> csr_array:
        placed = rows.join(_numbered(key, names), on=key).join(things, on=THING)
        weight = pl.when(pl.col("kind") == "Topic").then("s").otherwise(pl.col("s") * pl.col("idf"))
        placed = placed.select("row", "column", weight=weight.cast(pl.Float64))
        where = (placed["row"].to_numpy(), placed["column"].to_numpy())
        shape = (len(names), things.height)
        return csr_array((placed["weight"].to_numpy(), where), shape=shape)

    liked = likes.join(_numbered("user_id", users), on="user_id").join(
        _numbered("item_id", items).rename({"row": "column"}), on="item_id"
    )
    where = (liked["row"].to_numpy(), liked["column"].to_numpy())
    return InterestGraph(
        users=users,
        items=items,
        things=things.select(THING),
        interests=matrix(_strength(said, "user_id"), "user_id", users),
        described=matrix(_strength(about, "item_id"), "item_id", items),
        likes=csr_array((np.ones(liked.height), where), shape=(len(users), len(items))),
    )


def _evidence(
    snapshot: Snapshot, half_life_days: float | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What joins users, and items, with things: key, kind, id, counts, of (the whole of topics)."""
    reviews = frame(snapshot.reviews.select(["review_id", *PAIR, "at"]))
    deeds = frame(snapshot.interactions.select([*PAIR, "at"])).group_by(PAIR).agg(pl.max("at"))
    newest = pl.concat([reviews["at"], deeds["at"]]).max()
    fade = _fade(newest, half_life_days)
    mentions = frame(snapshot.mentions).select("review_id", kind="target_kind", id="target_id")
    topics = frame(snapshot.review_topics).select(
        "review_id", "weight", kind=pl.lit("Topic"), id="topic_id"
    )
    attributes = frame(snapshot.attributes).select(
        "item_id", kind=pl.lit("Attribute"), id="attribute_id"
    )
    written = reviews.with_columns(counts=fade, one=1.0)
    whole = [
        written.group_by(key).agg(of=pl.col(counts).sum())
        for key, counts in (("user_id", "counts"), ("item_id", "one"))
    ]
    texts = written.join(mentions, on="review_id").with_columns(of=pl.lit(None, pl.Float64))
    shares = written.join(topics, on="review_id")
    faded = pl.col("counts") * pl.col("weight")
    did = deeds.with_columns(counts=fade, of=pl.lit(None, pl.Float64)).join(
        attributes, on="item_id"
    )
    has = attributes.with_columns(counts=pl.lit(np.inf), of=pl.lit(None, pl.Float64))
    columns = (*THING, "counts", "of")
    of_users = [
        texts.select("user_id", *columns),
        shares.join(whole[0], on="user_id").select("user_id", *THING, counts=faded, of="of"),
        did.select("user_id", *columns),
    ]
    of_items = [
        texts.select("item_id", *THING, counts="one", of="of"),
        shares.join(whole[1], on="item_id").select("item_id", *THING, counts="weight", of="of"),
        has.select("item_id", *columns),
    ]
    return pl.concat(of_users), pl.concat(of_items)


def _strength(rows: pl.DataFrame, key: str) -> pl.DataFrame:
    """Evidence summed to a strength of 0 … 1: of topics the share, of others it saturates."""
    summed = rows.group_by(key, *THING, maintain_order=True).agg(
        pl.col("counts").sum(), pl.col("of").first()
    )
    s = pl.col("counts")
    saturated = pl.when(s.is_infinite()).then(1.0).otherwise(s / (s + _HALF))
    share = s / pl.col("of")
    strength = pl.when(pl.col("kind") == "Topic").then(share).otherwise(saturated)
    return summed.select(key, *THING, s=strength)


def _fade(newest: object, half_life_days: float | None) -> pl.Expr:
    """How much evidence counts by its age, 0 … 1."""
    if half_life_days is None:
        return pl.lit(1.0)
    age = (pl.lit(newest) - pl.col("at")).dt.total_milliseconds() / _MILLIS_A_DAY
    return pl.lit(0.5).pow(age / half_life_days).fill_null(0.5)


def _numbered(key: str, names: Sequence[str]) -> pl.DataFrame:
    return pl.DataFrame({key: names}, schema={key: pl.String}).with_row_index("row")
