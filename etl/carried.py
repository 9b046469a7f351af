"""Facts that an earlier run extracted, by the same text model, from reviews that are the same."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import polars as pl
import pyarrow as pa

from etl.staging import Staging
from etl.tables import FACT_TABLES
from etl.text.facts import Facts

_READ: Final = ["review_id", "item_id", "content_hash", "verdict"]
"""What extraction reads of a review; the hash is that of title and text."""


def carried_facts(earlier: Staging, now: Staging, held_out: Collection[str]) -> Facts:
    """Return the facts of reviews that need not be read again.

    Not among them are those that share an entity which is in no catalogue with a review that is
    gone or other now: such an entity is called by one of the names that its reviews have for it,
    and that review may have been the only one with this name.

    Args:
        earlier: reviews with the facts that a text model found in them.
        now: reviews that the same model is to read.
        held_out: ids of those whose likes and dislikes must tell nothing.
    """
    verdicts = earlier.scan("review_facts").select("review_id", "verdict")
    before = earlier.scan("reviews").join(verdicts, on="review_id").select(_READ)
    hidden = pl.col("review_id").is_in(pl.Series(list(held_out), dtype=pl.String).implode())
    verdict = pl.when(~hidden).then(pl.col("positive")).alias("verdict")
    present = now.scan("reviews").with_columns(verdict).select(_READ)
    same = before.join(present, on=_READ, how="semi", nulls_equal=True).select("review_id")
    entities = earlier.scan("mentions").filter(pl.col("target_kind") == "Entity")
    lost = entities.join(same, on="review_id", how="anti")
    named_by_reviews = earlier.scan("entities").filter(pl.col("refers_to").is_null())
    unsure = named_by_reviews.join(lost, left_on="entity_id", right_on="target_id", how="semi")
    again = entities.join(unsure, left_on="target_id", right_on="entity_id", how="semi")
    kept = same.join(again, on="review_id", how="anti").collect().lazy()
    facts = {
        name: earlier.scan(name).join(kept, on="review_id", how="semi", maintain_order="left")
        for name in ("review_facts", "mentions", "review_topics")
    }
    facts["entities"] = earlier.scan("entities").join(
        facts["mentions"].filter(pl.col("target_kind") == "Entity"),
        left_on="entity_id",
        right_on="target_id",
        how="semi",
        maintain_order="left",
    )
    return Facts(**{name: _table(frame, FACT_TABLES[name]) for name, frame in facts.items()})


def _table(frame: pl.LazyFrame, schema: pa.Schema) -> pa.Table:
    return frame.collect().to_arrow().cast(schema)
