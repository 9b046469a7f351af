"""What went in: counts, stars, activity over time, languages, and the rows that were set aside."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from recommender.report import words
from recommender.report.charts import Columns, columns
from recommender.report.folder import Folder

_EXAMPLES = 3
_SHOWN = 280
_SPELLINGS = 100
_TABLES = {
    "users": "people",
    "items": "items",
    "interactions": "interactions",
    "reviews": "reviews",
    "attributes": "item attributes",
    "relations": "declared relations",
    "triples": "outside facts",
    "links": "items linked to outside facts",
}


@dataclass(frozen=True)
class Bar:
    """A labelled amount with its share of the largest (0 … 1)."""

    label: str
    amount: str
    share: float


@dataclass(frozen=True)
class RejectedReason:
    """A reason why rows were set aside, with examples: source, line, detail, raw row."""

    reason: str
    count: int
    examples: list[dict[str, object]]


@dataclass(frozen=True)
class Spelling:
    """A spelling of an attribute value that became another one, by a rule; items that had it."""

    kind: str
    value: str
    merged_into: str
    rule: str
    items: int


@dataclass(frozen=True)
class Data:
    """The section on data; None where the run's folder does not say."""

    counts: list[Bar]
    behaviours: list[Bar]
    ratings: Columns | None
    months: Columns | None
    languages: list[Bar]
    rejected: list[RejectedReason] | None
    rejected_rows: int
    spellings: list[Spelling]
    spelling_count: int
    reviews: int | None
    people: int | None
    items: int | None


def data_of(folder: Folder) -> Data:
    """Return the section on data."""
    sizes: dict[str, int] = {}
    for name in _TABLES:
        table = folder.staged(name, "source")
        if table is not None and table.height:
            sizes[name] = table.height
    interactions = folder.staged("interactions", "behaviour", "rating", "at")
    facts = folder.staged("review_facts", "language")
    rejected = folder.table("rejected.parquet")
    resolved = folder.staged("resolved")
    return Data(
        counts=bars({_TABLES[name]: size for name, size in sizes.items()}),
        behaviours=[] if interactions is None else _tally(interactions, "behaviour"),
        ratings=None if interactions is None else _ratings(interactions),
        months=None if interactions is None else _months(interactions),
        languages=[] if facts is None else _languages(facts),
        rejected=None if rejected is None else _rejected(rejected),
        rejected_rows=0 if rejected is None else rejected.height,
        spellings=[] if resolved is None else _spellings(resolved),
        spelling_count=0 if resolved is None else resolved.height,
        reviews=sizes.get("reviews"),
        people=_distinct(folder, "users", "user_id") or sizes.get("users"),
        items=_distinct(folder, "items", "item_id") or sizes.get("items"),
    )


def bars(amounts: dict[str, int]) -> list[Bar]:
    """Return labelled amounts as bars, in the order given."""
    most = max(amounts.values(), default=0)
    return [Bar(label, words.count(n), n / most if most else 0.0) for label, n in amounts.items()]


def _distinct(folder: Folder, name: str, column: str) -> int | None:
    tables = [folder.staged(source, column) for source in (name, "interactions", "reviews")]
    keys = [table[column] for table in tables if table is not None]
    return pl.concat(keys).n_unique() if keys else None


def _tally(table: pl.DataFrame, column: str) -> list[Bar]:
    counted = table.group_by(column).len().sort("len", column, descending=[True, False])
    return bars({str(label): n for label, n in counted.iter_rows()})


def _ratings(interactions: pl.DataFrame) -> Columns | None:
    rated = interactions.filter(pl.col("rating").is_not_null())
    if rated.is_empty():
        return None
    counted = rated.group_by("rating").len().sort("rating")
    if counted.height > 12:
        width = (float(counted["rating"].max()) - float(counted["rating"].min())) / 10  # type: ignore[arg-type]
        rated = rated.with_columns((pl.col("rating") / width).floor() * width)
        counted = rated.group_by("rating").len().sort("rating")
    return columns([(f"{rating:g}", n) for rating, n in counted.iter_rows()], height=120)


def _months(interactions: pl.DataFrame) -> Columns | None:
    dated = interactions.filter(pl.col("at").is_not_null())
    if dated.is_empty():
        return None
    month = pl.col("at").dt.truncate("1mo").dt.date()
    counted = dated.group_by(month.alias("month")).len().sort("month")
    if counted.height > 72:
        year = pl.col("month").dt.truncate("1y")
        counted = counted.group_by(year).agg(pl.col("len").sum()).sort("month")
        return columns([(f"{when:%Y}", n) for when, n in counted.iter_rows()], height=120)
    whole = counted.upsample("month", every="1mo").with_columns(pl.col("len").fill_null(0))
    return columns([(f"{when:%b %Y}", n) for when, n in whole.iter_rows()], height=120)


def _languages(facts: pl.DataFrame) -> list[Bar]:
    counted = facts.group_by("language").len().sort("len", descending=True)
    return bars({words.language(code): n for code, n in counted.head(8).iter_rows()})


def _rejected(table: pl.DataFrame) -> list[RejectedReason]:
    counted = table.group_by("reason").len().sort("len", "reason", descending=[True, False])
    shortened = table.with_columns(pl.col("raw").str.slice(0, _SHOWN))
    return [
        RejectedReason(
            reason, n, shortened.filter(pl.col("reason") == reason).head(_EXAMPLES).to_dicts()
        )
        for reason, n in counted.iter_rows()
    ]


def _spellings(resolved: pl.DataFrame) -> list[Spelling]:
    most = resolved.sort("items", "kind", "value", descending=[True, False, False])
    return [Spelling(**row) for row in most.head(_SPELLINGS).iter_rows(named=True)]
