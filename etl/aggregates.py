"""What rests on evidence: counts, what items are described by, what users are interested in.

Pure table work. s is the evidence of an interest: how many reviews or items there are, or with a
half-life the sum over them of ½ ^ (age / half-life), where age is measured against the newest
evidence of all, and what has no time counts ½. Of entities, aspects and attributes

    weight = s / (s + 2) · ln(1 + items / itemCount) / ln(1 + items), 0 … 1:

saturating term frequency (BM25's) times inverse document frequency over all items; for an item s is
the support. The weight of a topic is its share of all that an item's reviews say, or a user's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import polars as pl
import pyarrow as pa

from etl.evidence import Evidence, named
from etl.graph_rows import by_start, to_polars
from etl.load_steps import Step
from kg.identifiers import between

_DESCRIBED: Final = {"support": pl.Int64, "sentiment": pl.Float64, "weight": pl.Float64}
PROPERTIES: Final = {
    "DESCRIBED_BY": _DESCRIBED,
    "INTERESTED_IN": {**_DESCRIBED, "firstAt": pl.Int64, "lastAt": pl.Int64},
}
"""What is derived, by type; times are epoch milliseconds."""
_HALF: Final = 2.0
"""Evidence at which the term frequency is half of what it can become."""
_DIGITS: Final = 12
"""What is kept of a number, so that the order in which rows are summed does not show."""
_DEEDS: Final = 500_000
"""Deeds that are joined with the attributes of their items at once."""
_MILLIS_A_DAY: Final = 86_400_000.0
_LIKED: Final = pl.col("positive").fill_null(True)


def aggregate_steps(evidence: Evidence, half_life_days: float | None = None) -> Iterator[Step]:
    """Return what is to be in the graph, as steps of a load.

    Args:
        evidence: all there is.
        half_life_days: age at which evidence of an interest counts half; None: none fades.
    """
    fading = _Fading(half_life_days, evidence.newest)
    counts = _counts(evidence)
    for label, frame in counts.items():
        yield _step_of_counts(label, frame)
    items = len(evidence.keys["Item"])
    reviews = evidence.reviews.with_columns(counts=pl.lit(1.0))
    faded = evidence.reviews.with_columns(counts=fading.counts())
    for label, mentions in evidence.mentions.items():
        rarity = _rarity(counts[label], items)
        yield _step("DESCRIBED_BY", "Item", label, _said(mentions, reviews, "item_id", rarity))
        yield _step("INTERESTED_IN", "User", label, _said(mentions, faded, "user_id", rarity))
    topics = evidence.topics
    yield _step("DESCRIBED_BY", "Item", "Topic", _about(topics, reviews, "item_id"))
    yield _step("INTERESTED_IN", "User", "Topic", _about(topics, faded, "user_id"))
    rarity = _rarity(counts["Attribute"], items)
    yield _step("INTERESTED_IN", "User", "Attribute", _traded(evidence, fading, rarity))


@dataclass(frozen=True)
class _Fading:
    half_life_days: float | None
    newest: int | None

    def counts(self) -> pl.Expr:
        """How much evidence of the time `at` counts, 0 … 1."""
        if self.half_life_days is None:
            return pl.lit(1.0)
        age = (pl.lit(self.newest, pl.Int64) - pl.col("at")) / _MILLIS_A_DAY
        return (0.5 ** (age / self.half_life_days)).fill_null(0.5)


def _counts(evidence: Evidence) -> dict[str, pl.DataFrame]:
    """Label → key and counts of all its nodes."""
    deeds, liked = evidence.deeds, _LIKED
    said = {
        label: mentions.join(evidence.reviews, on="review_id")
        for label, mentions in (*evidence.mentions.items(), ("Topic", evidence.topics))
    }
    found = {
        "User": deeds.group_by(key="user_id").agg(
            itemCount=pl.col("item_id").n_unique(),
            likedCount=pl.col("item_id").filter(liked).n_unique(),
        ),
        "Item": deeds.group_by(key="item_id").agg(
            userCount=pl.col("user_id").n_unique(),
            likedCount=pl.col("user_id").filter(liked).n_unique(),
        ),
        **{
            label: rows.group_by("key").agg(
                itemCount=pl.col("item_id").n_unique(), reviewCount=pl.col("review_id").n_unique()
            )
            for label, rows in said.items()
        },
        "Attribute": evidence.owned.group_by("key").agg(itemCount=pl.col("item_id").n_unique()),
    }
    return {
        label: evidence.keys[label].to_frame("key").join(frame, on="key", how="left").fill_null(0)
        for label, frame in found.items()
    }


def _rarity(counts: pl.DataFrame, items: int) -> pl.DataFrame:
    """Of each thing that some item has: key, rarity (1: one item has it; falls to ln 2 / ln …)."""
    share = items / pl.col("itemCount")
    rarity = share.log1p() / pl.lit(float(items)).log1p()
    return counts.filter(pl.col("itemCount") > 0).select("key", rarity=rarity)


def _said(
    mentions: pl.DataFrame, reviews: pl.DataFrame, of: str, rarity: pl.DataFrame
) -> pl.DataFrame:
    """What mentions say of items, or of who wrote them."""
    said = mentions.join(reviews.drop("sentiment"), on="review_id")
    together = said.group_by(start=of, end="key").agg(
        support=pl.len(),
        sentiment=pl.col("sentiment").mean(),
        s=pl.col("counts").sum(),
        firstAt=pl.col("at").min(),
        lastAt=pl.col("at").max(),
    )
    return _weighed(together, rarity)


def _about(topics: pl.DataFrame, reviews: pl.DataFrame, of: str) -> pl.DataFrame:
    """What items or users are about: the topics' shares of all their reviews."""
    whole = reviews.group_by(start=of).agg(reviews=pl.col("counts").sum())
    together = (
        topics.join(reviews, on="review_id")
        .group_by(start=of, end="key")
        .agg(
            support=pl.len(),
            told=(pl.col("counts") * pl.col("share")).sum(),
            felt=(pl.col("share") * pl.col("sentiment")).sum(),
            known=pl.col("share").filter(pl.col("sentiment").is_not_null()).sum(),
            firstAt=pl.col("at").min(),
            lastAt=pl.col("at").max(),
        )
    )
    return together.join(whole, on="start").with_columns(
        weight=(pl.col("told") / pl.col("reviews")).fill_nan(0.0),  # 0 / 0: all of it has faded
        sentiment=pl.when(pl.col("known") > 0).then(pl.col("felt") / pl.col("known")),
    )


def _traded(evidence: Evidence, fading: _Fading, rarity: pl.DataFrame) -> pl.DataFrame:
    """Attributes of the items that users did something with; sentiment: liked less disliked."""
    liking = pl.when(_LIKED).then(1.0).otherwise(-1.0)
    parts = -(-evidence.deeds.height // _DEEDS) or 1
    some = pl.col("user_id").hash() % parts
    together = [
        evidence.deeds.filter(some == part)
        .group_by("user_id", "item_id")
        .agg(liking=liking.mean(), began=pl.col("at").min(), at=pl.col("at").max())
        .with_columns(counts=fading.counts())
        .join(evidence.owned, on="item_id")
        .group_by(start="user_id", end="key")
        .agg(
            support=pl.len(),
            sentiment=pl.col("liking").mean(),
            s=pl.col("counts").sum(),
            firstAt=pl.col("began").min(),
            lastAt=pl.col("at").max(),
        )
        for part in range(parts)
    ]
    return _weighed(pl.concat(together), rarity)


def _weighed(frame: pl.DataFrame, rarity: pl.DataFrame) -> pl.DataFrame:
    saturated = pl.col("s") / (pl.col("s") + _HALF)
    known = frame.join(rarity, left_on="end", right_on="key")
    return known.with_columns(weight=saturated * pl.col("rarity"))


def _step(type_: str, start: str, end: str, frame: pl.DataFrame) -> Step:
    numbers = [pl.col(name).round_sig_figs(_DIGITS) for name in ("sentiment", "weight")]
    rows = frame.with_columns(pl.col("support").cast(pl.Int64), *numbers).select(
        "start", "end", properties=pl.struct(*PROPERTIES[type_])
    )
    return step_of_pairs(type_, start, end, rows)


def step_of_pairs(type_: str, start: str, end: str, rows: pl.DataFrame) -> Step:
    """The step for start, end and properties of what was derived of one type."""
    return Step(
        stage=f"{type_} {end} of {start}",
        query="derive/relationships",
        rows=rows.to_arrow(),
        key=("start", "end"),
        identifiers=between(type_, start, end),
        ends=between(type_, start, end),
        shape=_by_start_with_born,
    )


def as_written(changed: Iterable[Step], before: Iterable[Step]) -> list[Step]:
    """Return the steps that write relationships that are new or other.

    Args:
        changed: with the rows that are.
        before: what the graph has.
    """
    was = {step.stage: step for step in before}
    steps = []
    for step in changed:
        if step.ends:
            steps += [each for each in _split(step, was.get(step.stage)) if each.rows.num_rows]
        else:
            steps.append(step)
    return steps


def _split(step: Step, was: Step | None) -> Iterator[Step]:
    """What has other evidence, with a column `born`; and what has only another weight."""
    rows = to_polars(step.rows)
    known = rows.clear() if was is None else to_polars(was.rows)
    both = rows.join(
        known.select("start", "end", was="properties", there=pl.lit(True)),
        on=["start", "end"],
        how="left",
        maintain_order="left",
    )
    new, old = pl.col("properties").struct, pl.col("was").struct
    names = [name for name in PROPERTIES[step.ends["__TYPE__"]] if name != "weight"]
    same = [new.field(name).eq_missing(old.field(name)) for name in names]
    only_weight = pl.all_horizontal(pl.col("there").fill_null(False), *same)
    other = both.filter(~only_weight).sort("start", "end")
    born = other.select("start", "end", "properties", born=pl.col("there").is_null())
    yield replace(step, rows=born.to_arrow())
    weights = both.filter(only_weight).sort("end", "start")
    yield replace(
        step,
        stage=f"{step.stage}, weights",
        query="derive/weights",
        rows=weights.select("end", "start", weight=new.field("weight")).to_arrow(),
        key=("end", "start"),
        shape=by_start,
    )


def _by_start_with_born(rows: pa.Table) -> pa.Table:
    """One row per start, as `by_start` makes them, and `born`: which of its ends are new."""
    per_start = to_polars(rows.select(["start", "end", "born"])).group_by(
        "start", maintain_order=True
    )
    born = per_start.agg(pl.col("end").filter("born"))["end"]
    return by_start(rows).append_column("born", born.to_arrow())


def _step_of_counts(label: str, frame: pl.DataFrame) -> Step:
    names = [name for name in frame.columns if name != "key"]
    counts = pl.struct(pl.col(names).cast(pl.Int64)).alias("counts")
    return Step(
        stage=f"counts of {label}",
        query="derive/counts",
        rows=frame.select("key", counts).to_arrow(),
        key=("key",),
        identifiers=named(label),
    )
