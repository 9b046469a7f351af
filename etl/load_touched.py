"""Whose aggregates a change of the input touches: what rests on other evidence than before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import polars as pl

from etl import graph_rows
from etl.graph_rows import Tables, frame_of
from etl.load_steps import Step, steps_of

Keys = Mapping[str, pl.Series]
"""Label → keys of nodes."""

TOUCHED: Final = pl.Schema({"label": pl.String, "key": pl.String, "recount": pl.Boolean})
_OF_REVIEWS: Final = {f"load/{name}" for name in ("reviews", "review_facts", "mentions")} | {
    "load/review_topics"
}
_WEIGHED: Final = ("Entity", "Aspect", "Attribute")
"""What weighs the more, the smaller its share of all items."""


def touched_by(
    old: Tables, new: Tables, differences: Sequence[tuple[Step, pl.DataFrame]], changed: Keys
) -> pl.DataFrame:
    """Name what has other aggregates in the new input than in the old one, or may have.

    Args:
        old: the tables of the earlier input.
        new: those of the present one.
        differences: steps with the keys of rows that are new, other or gone.
        changed: nodes that are new or other, by label.

    Returns:
        Rows of `TOUCHED`: label, key, and whether its evidence is to be counted again; where not,
        only its weight is another, since the number of items is.
    """
    evidence = _evidence(old, new, differences)
    keys = defaultdict[str, list[pl.Series]](list)
    for label, some in [*changed.items(), *evidence]:
        if label != "Review":  # has no aggregates
            keys[label].append(some.alias("key"))
    recounted = [_rows(label, pl.concat(some), recount=True) for label, some in keys.items()]
    weighed = []
    if graph_rows.items(old).num_rows != graph_rows.items(new).num_rows:
        weighed = [
            _rows(step.label, graph_rows.to_polars(step.rows)[step.key[0]], recount=False)
            for step in steps_of(new)
            if step.label in _WEIGHED
        ]
    both = pl.concat([TOUCHED.to_frame(), *recounted, *weighed])
    return both.unique(["label", "key"], keep="first", maintain_order=True)


def _evidence(
    old: Tables, new: Tables, differences: Sequence[tuple[Step, pl.DataFrame]]
) -> Iterator[tuple[str, pl.Series]]:
    """Labels with keys of what the rows that are other speak of, in either input."""
    nothing = pl.Series("key", [], pl.String)
    reviews, items = [nothing], [nothing]
    for step, keys in differences:
        if step.query in _OF_REVIEWS:
            reviews.append(keys["review_id"].alias("key"))
        elif step.query == "load/interactions":
            yield "User", keys["user_id"]
            yield "Item", keys["item_id"]
        elif step.query == "load/item_attributes":
            yield "Attribute", keys["attribute_id"]
            items.append(keys["item_id"].alias("key"))
    told = pl.col("review_id").is_in(pl.concat(reviews).unique().implode())
    traded = pl.col("item_id").is_in(pl.concat(items).unique().implode())
    for tables in (old, new):
        written = frame_of(tables, "reviews").filter(told)
        yield "User", written["user_id"]
        yield "Item", written["item_id"]
        yield "User", frame_of(tables, "interactions").filter(traded)["user_id"]
        yield "Topic", frame_of(tables, "review_topics").filter(told)["topic_id"]
        mentioned = frame_of(tables, "mentions").filter(told)
        for label in ("Entity", "Aspect"):
            yield label, mentioned.filter(pl.col("target_kind") == label)["target_id"]


def _rows(label: str, keys: pl.Series, *, recount: bool) -> pl.DataFrame:
    frame = pl.DataFrame({"key": keys.unique().sort()})
    return frame.select(pl.lit(label).alias("label"), "key", pl.lit(recount).alias("recount"))
