"""What the graph says, counted by place, thing and bucket.

A place is where one looks: the catalogue, an item, or an attribute of one kind. A thing is an
aspect or a topic; without one it is the place's reviews themselves.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import polars as pl

from etl.trends.clock import Clock, Floats
from kg.errors import ConfigError
from kg.identifiers import check_kind
from kg.store import Store

_SCOPE: Final = re.compile(r"catalogue|item|attribute:(?P<kind>.+)")
_REVIEW: Final = {
    "review_id": pl.String,
    "item_id": pl.String,
    "at": pl.Int64,
    "positive": pl.Boolean,
    "sentiment": pl.Float64,
}
_SAYS: Final = {"review_id": pl.String, "thing": pl.String, "strength": pl.Float64}
_SERIES: Final = ("place", "label", "thing")


@dataclass(frozen=True)
class Evidence:
    """The graph's dated reviews, and what they say, in columns.

    Attributes:
        reviews: review_id, item_id, day (date in UTC), positive (the review likes its item),
            strength (how strongly it is put, 0 … 1).
        says: review_id, label (Aspect or Topic), thing (its key), positive (well spoken of),
            strength; one row for a review and a thing.
        set_aside: reviews whose date only stands for a year or an unknown one.
    """

    reviews: pl.DataFrame
    says: pl.DataFrame
    set_aside: int


@dataclass(frozen=True)
class Counts:
    """Series by bucket: `keys` (place, label, thing) has a row for each row of the arrays.

    Attributes:
        keys: label and thing are null for the reviews of a place themselves.
        starts: first days of the buckets, and of the one after the last.
        written: reviews of the place, (series, buckets).
        said: those of them that speak of the thing; all for the place itself.
        praised: of these, those that speak well of it.
        judged: of these, those that speak well or ill of it.
    """

    keys: pl.DataFrame
    starts: list[date]
    written: Floats
    said: Floats
    praised: Floats
    judged: Floats


def read_evidence(store: Store) -> Evidence:
    """Read all dated reviews and what they mention and are about."""
    rows = itertools.chain.from_iterable(store.stream("read/dated_reviews"))
    reviews = pl.DataFrame(list(rows), schema=_REVIEW, orient="row").select(
        "review_id",
        "item_id",
        pl.from_epoch("at", time_unit="ms").cast(pl.Date).alias("day"),
        pl.coalesce("positive", _well(pl.col("sentiment"))).alias("positive"),
        pl.col("sentiment").abs().fill_null(0).alias("strength"),
    )
    parked = stands_for_a_year(reviews)
    reviews, aside = reviews.filter(~parked), int(parked.sum())
    mentions = _says(
        store, "read/snapshot_mentions", {"__LABEL__": "Aspect", "__KEY__": "aspectId"}
    )
    topics = _says(store, "read/snapshot_review_topics", {})
    opinions = reviews.select("review_id", "positive")
    says = pl.concat(
        [
            mentions.select(
                "review_id",
                pl.lit("Aspect").alias("label"),
                "thing",
                _well(pl.col("strength")).alias("positive"),
                pl.col("strength").abs().fill_null(0),
            ).join(opinions.select("review_id"), on="review_id"),
            topics.join(opinions, on="review_id").select(
                "review_id", pl.lit("Topic").alias("label"), "thing", "positive", "strength"
            ),
        ]
    )
    return Evidence(reviews, says, aside)


def places(store: Store, scope: str, reviews: pl.DataFrame) -> pl.DataFrame:
    """Which reviews belong to which places of a scope: review_id, place.

    Raises:
        ConfigError: the scope is none of catalogue, item, attribute:Kind.
    """
    found = _SCOPE.fullmatch(scope)
    if not found:
        raise ConfigError(
            f"There is no scope {scope!r}.",
            remedy="Write catalogue, item, or attribute: and a kind, such as attribute:Brand.",
        )
    if scope == "catalogue":
        return reviews.select("review_id", pl.lit("").alias("place"))
    if scope == "item":
        return reviews.select("review_id", place="item_id")
    kind = check_kind(found["kind"])
    rows = itertools.chain.from_iterable(store.stream("read/snapshot_attributes"))
    having = [
        (item, attribute)
        for item, attributes, kinds in rows
        for attribute, of in zip(attributes, kinds, strict=True)  # type: ignore[call-overload]
        if of == kind
    ]
    if not having:
        raise ConfigError(
            f"No item has an attribute of the kind {kind}.",
            remedy="`kgrec query browse/overview` lists the kinds of this graph among its nodes.",
        )
    table = pl.DataFrame(having, schema={"item_id": pl.String, "place": pl.String}, orient="row")
    return reviews.join(table, on="item_id").select("review_id", "place")


def count(
    evidence: Evidence, inside: pl.DataFrame, clock: Clock, *, least_place: int, least_thing: int
) -> Counts | None:
    """Count what `inside` (review_id, place) gives; None where no place has reviews enough.

    Args:
        least_place: reviews that a place needs in all.
        least_thing: reviews that must speak of a thing in a place in all.
    """
    dated = evidence.reviews.select(
        "review_id", clock.start_of(pl.col("day")).alias("bucket"), "positive"
    )
    written = inside.join(dated, on="review_id")
    written = written.filter(pl.len().over("place") >= least_place)
    if written.is_empty():
        return None
    says = evidence.says.join(written.select("review_id", "place", "bucket"), on="review_id")
    says = says.filter(pl.len().over(_SERIES) >= least_thing)
    nothing = pl.lit(None, dtype=pl.String)
    said = pl.concat(
        [
            written.select(
                "place", nothing.alias("label"), nothing.alias("thing"), "bucket", "positive"
            ),
            says.select(*_SERIES, "bucket", "positive"),
        ]
    )
    starts = clock.calendar(written["bucket"].min(), written["bucket"].max()).to_list()
    keys = said.select(_SERIES).unique().sort(_SERIES)
    places_ = keys.select("place").unique().sort("place")
    totals = _grid(written, places_, ["place"], starts)["said"]
    grid = _grid(said, keys, list(_SERIES), starts)
    rows = places_.with_row_index("row").join(keys, on="place", maintain_order="right")["row"]
    return Counts(
        keys, starts, totals[rows.to_numpy()], grid["said"], grid["praised"], grid["judged"]
    )


def _grid(
    facts: pl.DataFrame, keys: pl.DataFrame, by: list[str], starts: list[date]
) -> dict[str, Floats]:
    """Facts as (keys, buckets): how many, how many with praise, how many with an opinion."""
    summed = (
        facts.group_by(*by, "bucket")
        .agg(
            pl.len().alias("said"),
            pl.col("positive").sum().alias("praised"),
            pl.col("positive").count().alias("judged"),
        )
        .join(keys.with_row_index("row"), on=by, nulls_equal=True)
        .join(pl.DataFrame({"bucket": starts}).with_row_index("place_in_time"), on="bucket")
    )
    grid = {}
    for name in ("said", "praised", "judged"):
        grid[name] = np.zeros((keys.height, len(starts) - 1))
        grid[name][summed["row"].to_numpy(), summed["place_in_time"].to_numpy()] = summed[name]
    return grid


def _says(store: Store, query: str, identifiers: dict[str, str]) -> pl.DataFrame:
    """Facts of reviews as rows: each key with its last figure, a sentiment or a weight."""
    rows = itertools.chain.from_iterable(store.stream(query, identifiers=identifiers))
    lists = [(row[0], row[1], row[-1]) for row in rows if row[1]]
    nested = {name: kind if name == "review_id" else pl.List(kind) for name, kind in _SAYS.items()}
    return pl.DataFrame(lists, schema=nested, orient="row").explode("thing", "strength")


def _well(sentiment: pl.Expr) -> pl.Expr:
    """Whether a sentiment is praise; null where it is neither praise nor blame."""
    return pl.when(sentiment != 0).then(sentiment > 0)


def stands_for_a_year(reviews: pl.DataFrame) -> pl.Series:
    """First days of a year that hold more reviews than all the rest of it: dates of convenience."""
    year, day = pl.col("day").dt.year(), pl.col("day")
    first = (day.dt.ordinal_day() == 1).cast(pl.Int64)
    many = (first.sum().over(year) * 2 > pl.len().over(year)) & (pl.len().over(year) > 1)
    return reviews.select((first == 1) & many).to_series()
