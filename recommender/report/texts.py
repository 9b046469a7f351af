"""What the reviews talk about: aspects with sentiment and quotes, and topics with their words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from recommender.report import words
from recommender.report.folder import Folder, mapping, number

_ASPECTS = 24
_QUOTED = 150
_NEUTRAL = 0.05
_WORDS = 10
_SENTENCE_END = re.compile(r"[.!?](?=\s)|\n")


@dataclass(frozen=True)
class Quote:
    """A passage with the aspect between `before` and `after`."""

    before: str
    aspect: str
    after: str


@dataclass(frozen=True)
class AspectRow:
    """One aspect: mentions, shares of good, neutral and bad ones, mean sentiment, two quotes."""

    name: str
    mentions: str
    volume: float
    good: float
    neutral: float
    bad: float
    mean: float | None
    praise: Quote | None
    blame: Quote | None

    @property
    def words(self) -> str:
        """The row's shares in words."""
        shares = f"{words.percent(self.good)} positive, {words.percent(self.bad)} negative"
        return shares if self.mean is not None else "no sentiment known"


@dataclass(frozen=True)
class TopicCard:
    """One topic: its words with weights from 0 to 1, and how far it can be trusted."""

    label: str
    terms: list[tuple[str, float]]
    share: str
    coherence: str
    distinctness: str
    weak: bool


@dataclass(frozen=True)
class TopicMove:
    """What became of a topic since the run before: in a word, its label, and beside which one."""

    change: str
    label: str
    other: str
    distance: str


@dataclass(frozen=True)
class SentimentRow:
    """How learnt sentiment and the lexicon do in one language, on the same labels."""

    language: str
    labels: str
    learnt: float
    lexicon: float | None
    used: bool


@dataclass(frozen=True)
class Texts:
    """The section on texts."""

    aspects: list[AspectRow]
    aspect_count: int
    topics: list[TopicCard]
    weak_topics: bool
    topic_moves: list[TopicMove]
    topic_curve: list[tuple[str, str]]
    sentiment_auc: float | None
    sentiment: list[SentimentRow]
    taught_by: str


def texts_of(folder: Folder) -> Texts:
    """Return the section on texts."""
    aspects, mentions = folder.staged("aspects"), folder.staged("mentions")
    rows: list[AspectRow] = []
    if aspects is not None and mentions is not None:
        rows = _aspects(aspects, mentions, folder.staged("reviews", "review_id", "text"))
    topics, spread = folder.staged("topics"), folder.staged("review_topics")
    cards = [] if topics is None else _topics(topics, spread)
    told = folder.document("extract.json")
    taught = number(told.get("training_reviews"))
    return Texts(
        aspects=rows,
        aspect_count=0 if aspects is None else aspects.height,
        topics=cards,
        weak_topics=any(card.weak for card in cards),
        topic_moves=_moves(folder.staged("topic_drift")),
        topic_curve=[
            (count, words.decimal(number(coherence)))
            for count, coherence in mapping(told.get("topic_curve")).items()
        ],
        sentiment_auc=number(told.get("sentiment_auc")),
        sentiment=_sentiment(told),
        taught_by="" if taught is None else words.count(taught),
    )


def _sentiment(told: Mapping[str, Any]) -> list[SentimentRow]:
    used = told.get("learnt_sentiment") or []
    return [
        SentimentRow(
            language=language,
            labels=words.count(quality["labels"]),
            learnt=quality["auc"],
            lexicon=quality["lexicon_auc"],
            used=language in used,
        )
        for language, quality in (told.get("sentiment_quality") or {}).items()
    ]


def _aspects(
    aspects: pl.DataFrame, mentions: pl.DataFrame, reviews: pl.DataFrame | None
) -> list[AspectRow]:
    about = mentions.filter(pl.col("target_kind") == "Aspect")
    count, feeling = pl.col("count"), pl.col("sentiment")
    known = about.group_by("target_id").agg(
        count.sum().alias("mentions"),
        count.filter(feeling > _NEUTRAL).sum().alias("good"),
        count.filter(feeling < -_NEUTRAL).sum().alias("bad"),
        count.filter(feeling.is_not_null()).sum().alias("felt"),
        ((feeling * count).sum() / count.filter(feeling.is_not_null()).sum()).alias("mean"),
    )
    named = known.join(aspects, left_on="target_id", right_on="aspect_id").sort(
        "mentions", "name", descending=[True, False]
    )
    top = named.head(_ASPECTS)
    most = max(top["mentions"], default=1)
    return [_aspect(row, most, about, reviews) for row in top.iter_rows(named=True)]


def _aspect(
    row: dict[str, object], most: int, about: pl.DataFrame, reviews: pl.DataFrame | None
) -> AspectRow:
    mentions, good, bad, felt = (int(str(row[n])) for n in ("mentions", "good", "bad", "felt"))
    own = about.filter(pl.col("target_id") == row["target_id"])
    mean = row["mean"]
    return AspectRow(
        name=str(row["name"]),
        mentions=words.count(mentions),
        volume=mentions / most,
        good=good / mentions,
        bad=bad / mentions,
        neutral=(mentions - good - bad) / mentions,
        mean=mean if felt and isinstance(mean, float) else None,
        praise=_quote(own, reviews, best=True),
        blame=_quote(own, reviews, best=False),
    )


def _quote(own: pl.DataFrame, reviews: pl.DataFrame | None, *, best: bool) -> Quote | None:
    feeling = pl.col("sentiment")
    fitting = own.filter(feeling > _NEUTRAL if best else feeling < -_NEUTRAL)
    if reviews is None or fitting.is_empty():
        return None
    chosen = fitting.sort("sentiment", "review_id", descending=[best, False]).head(1)
    row = chosen.join(reviews, on="review_id").to_dicts()
    return _passage(row[0]["text"], row[0]["starts"][0], row[0]["ends"][0]) if row else None


def _passage(text: str, start: int, end: int) -> Quote:
    """Return the sentence around text[start:end], cut where it is long."""
    stops = [found.end() for found in _SENTENCE_END.finditer(text)]
    first = max((stop for stop in stops if stop <= start), default=0)
    last = min((stop for stop in stops if stop >= end), default=len(text))
    before, after = text[first:start].lstrip(), text[end:last].rstrip()
    if len(before) > _QUOTED // 2:
        before = "… " + before[-_QUOTED // 2 :].partition(" ")[2]
    if len(after) > _QUOTED // 2:
        after = after[: _QUOTED // 2].rpartition(" ")[0] + " …"
    return Quote(before, text[start:end], after)


_BESIDE = {
    "kept": "was: {}",
    "split": "from: {}",
    "merged": "into: {}",
    "born": "nearest: {}",
    "died": "nearest: {}",
}


def _moves(drift: pl.DataFrame | None) -> list[TopicMove]:
    return [
        TopicMove(
            change=row["change"],
            label=row["label"],
            other=_BESIDE[row["change"]].format(row["other_label"]) if row["other_label"] else "",
            distance=words.decimal(row["distance"]),
        )
        for row in ([] if drift is None else drift.iter_rows(named=True))
    ]


def _topics(topics: pl.DataFrame, spread: pl.DataFrame | None) -> list[TopicCard]:
    shares: dict[str, float] = {}
    if spread is not None and spread.height:
        total = spread["weight"].sum() or 1.0
        summed = spread.group_by("topic_id").agg(pl.col("weight").sum() / total)
        shares = dict(summed.iter_rows())
    cards = [
        (shares.get(row["topic_id"], 0.0), _topic(row, shares.get(row["topic_id"])))
        for row in topics.sort("topic_id").iter_rows(named=True)
    ]
    return [card for _, card in sorted(cards, key=lambda pair: -pair[0])]


def _topic(row: dict[str, object], share: float | None) -> TopicCard:
    terms, weights = row["words"], row["word_weights"]
    if not isinstance(terms, list) or not isinstance(weights, list):
        terms, weights = [], []
    heaviest = max(weights, default=1.0) or 1.0
    coherence, distinctness = row["coherence"], row["distinctness"]
    said = [(str(term).replace("_", " "), w) for term, w in zip(terms, weights, strict=True)]
    return TopicCard(
        label=str(row["label"]),
        terms=[(term, weight / heaviest) for term, weight in said[:_WORDS]],
        share="" if share is None else words.percent(share),
        coherence=words.decimal(coherence if isinstance(coherence, float) else None),
        distinctness=words.percent(distinctness) if isinstance(distinctness, float) else "–",
        weak=bool(row["weak"]),
    )
