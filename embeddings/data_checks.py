"""Named expectations of a snapshot before training: against bounds, and against the run before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import polars as pl
from pydantic import BaseModel, ConfigDict

from embeddings.check_settings import CheckSettings
from embeddings.expectation import Expectation

COUNTED: Final = ("users", "items", "interactions", "reviews")
_KINDS: Final = {
    "interactions": "behaviour",
    "attributes": "kind",
    "traits": "name",
    "relations": "type",
    "triples": None,
    "links": None,
}
"""Tables, and the column that tells kinds of their rows apart."""
_COLUMNS: Final = {
    "items": ("title", "description", "released_at"),
    "interactions": ("rating", "positive", "at"),
    "reviews": ("rating", "positive", "at"),
}
_FEW: Final = 100
"""Fewer rows than these say little by their number."""


class Figures(BaseModel):
    """What is looked at.

    Attributes:
        counts: table → rows.
        kinds: what there is, such as `interactions RATED` or `items.title`.
        likes: share of interactions that are liked, of those that say so; None where none does.
        judged: interactions that say so.
        unknown_language: reviews whose language is unknown.
        topics: how many topics of the run before became what (`kept`, `died` …).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    counts: dict[str, int]
    kinds: list[str]
    likes: float | None
    judged: int
    unknown_language: int
    topics: dict[str, int]

    @classmethod
    def of(cls, snapshot: Path, topic_drift: Path) -> Figures:
        """Look at a saved snapshot, and at what became of the topics of the run before."""
        tables = {name: pl.scan_parquet(snapshot / f"{name}.parquet") for name in _TABLES}
        counts = {name: int(_one(tables[name].select(pl.len()))) for name in COUNTED}
        signs = tables["interactions"].select(pl.col("positive").drop_nulls())
        liked = signs.select(pl.col("positive").mean(), pl.len().alias("judged")).collect().row(0)
        unknown = tables["reviews"].filter(pl.col("language").fill_null("und") == "und")
        drift = pl.read_parquet(topic_drift)["change"] if topic_drift.is_file() else pl.Series([])
        return cls(
            counts=counts,
            kinds=sorted(_kinds(tables)),
            likes=liked[0],
            judged=liked[1],
            unknown_language=int(_one(unknown.select(pl.len()))),
            topics={str(key): int(n) for key, n in drift.value_counts().iter_rows()},
        )


_TABLES: Final = tuple(dict.fromkeys([*COUNTED, *_KINDS, *_COLUMNS]))


def expectations(
    now: Figures, before: Figures | None, settings: CheckSettings
) -> list[Expectation]:
    """Judge figures.

    Args:
        before: those of the run before; None for the first one.
    """
    return [
        *(_count(name, now, before, settings) for name in COUNTED),
        _vanished(now, before, settings),
        _likes(now, before, settings.likes),
        _language(now, settings.unknown_language),
        _topics(now, settings.topics_kept),
    ]


def _count(name: str, now: Figures, before: Figures | None, settings: CheckSettings) -> Expectation:
    found, fewest, most = now.counts[name], settings.fewest, settings.most
    bounds = [
        *([] if fewest is None else [f"at least {fewest:g}"]),
        *([] if most is None else [f"at most {most:g}"]),
    ]
    if before is None or not bounds or before.counts[name] < _FEW:
        return _unjudged(name, f"{found:,}; {_why(before, bounds, 'there were fewer than 100')}")
    share = found / before.counts[name]
    met = (fewest is None or share >= fewest) and (most is None or share <= most)
    wanted = f"{' and '.join(bounds)} of the {before.counts[name]:,} before"
    return Expectation(name, wanted, f"{found:,} ({share:.3g})", met)


def _vanished(now: Figures, before: Figures | None, settings: CheckSettings) -> Expectation:
    name = "kinds of data"
    if before is None or settings.vanished:
        return _unjudged(name, f"{len(now.kinds)}; {_why(before, not settings.vanished, '')}")
    gone = sorted(set(before.kinds) - set(now.kinds))
    found = f"gone: {', '.join(gone)}" if gone else f"all of them, {len(now.kinds)} in all"
    return Expectation(name, f"the {len(before.kinds)} that there were", found, not gone)


def _likes(now: Figures, before: Figures | None, bound: float | None) -> Expectation:
    name = "share of likes"
    if now.likes is None:
        return _unjudged(name, "no interaction says so")
    if bound is None or before is None or before.likes is None or before.judged < _FEW:
        bounds = [] if bound is None else [bound]
        return _unjudged(name, f"{now.likes:.3f}; {_why(before, bounds, 'too few said so')}")
    met = abs(now.likes - before.likes) <= bound
    return Expectation(name, f"{before.likes:.3f} ± {bound:g}", f"{now.likes:.3f}", met)


def _language(now: Figures, bound: float | None) -> Expectation:
    name, reviews = "reviews of unknown language", now.counts["reviews"]
    if not reviews:
        return _unjudged(name, "there are no reviews")
    share = now.unknown_language / reviews
    found = f"{share:.3g} ({now.unknown_language:,} of {reviews:,})"
    if bound is None:
        return _unjudged(name, f"{found}; {_why(None, [], '')}")
    return Expectation(name, f"at most {bound:g} of them", found, share <= bound)


def _topics(now: Figures, bound: float | None) -> Expectation:
    name, kept = "topics that lasted", now.topics.get("kept", 0)
    earlier = kept + now.topics.get("died", 0) + now.topics.get("merged", 0)
    if not earlier:
        return _unjudged(name, "no run before has topics")
    found = f"{kept / earlier:.3g} ({kept} of {earlier})"
    if bound is None:
        return _unjudged(name, f"{found}; {_why(None, [], '')}")
    return Expectation(name, f"at least {bound:g} of them", found, kept / earlier >= bound)


def _unjudged(name: str, found: str) -> Expectation:
    return Expectation(name, "a comparison", found, None)


def _why(before: Figures | None, bounds: object, few: str) -> str:
    if not bounds:
        return "the config does not ask"
    return few if before else "there is no run before"


def _kinds(tables: dict[str, pl.LazyFrame]) -> Iterator[str]:
    for name, column in _KINDS.items():
        if column is None:
            if _one(tables[name].select(pl.len())):
                yield name
        else:
            for kind in tables[name].select(pl.col(column).unique()).collect()[column]:
                yield f"{name} {kind}"
    for name, columns in _COLUMNS.items():
        filled = tables[name].select(pl.col(column).is_not_null().any() for column in columns)
        yield from (
            f"{name}.{column}"
            for column, any_ in filled.collect().row(0, named=True).items()
            if any_
        )


def _one(frame: pl.LazyFrame) -> int:
    return int(frame.collect().item())
