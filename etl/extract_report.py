"""What extraction found, for the report and the record."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from etl.text.learnt_sentiment import Quality


@dataclass(frozen=True)
class TopicSummary:
    """A topic for the report."""

    label: str
    words: tuple[str, ...]
    coherence: float | None
    distinctness: float
    weak: bool


@dataclass
class ExtractReport:
    """What extraction found.

    Attributes:
        reviews: reviews read.
        training_reviews: those that taught the vocabularies.
        kept_model: whether an earlier run's vocabularies were kept.
        carried: reviews whose facts an earlier run had extracted.
        languages: language → reviews.
        rows: fact table → rows.
        sentiment_auc: area under the ROC curve of the reviews' sentiment against `positive`, over
            all labelled reviews that are not held out; None where one class is missing.
        sentiment_quality: language → what learning sentiment came to, beside the lexicon.
        learnt_sentiment: languages whose reviews have learnt sentiment.
        aspects: names of the top aspects, best first.
        topics: the topics.
        topic_curve: number of topics → their mean coherence, where several numbers were tried.
        topic_changes: what became of an earlier run's topics → how many; empty without one.
        fit_seconds: time it took to learn the vocabularies.
        extract_seconds: time it took to apply them.
        workers: processes that applied them.
    """

    reviews: int = 0
    training_reviews: int = 0
    kept_model: bool = False
    carried: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    rows: dict[str, int] = field(default_factory=dict)
    sentiment_auc: float | None = None
    sentiment_quality: dict[str, Quality] = field(default_factory=dict)
    learnt_sentiment: list[str] = field(default_factory=list)
    aspects: list[str] = field(default_factory=list)
    topics: list[TopicSummary] = field(default_factory=list)
    topic_curve: dict[int, float] = field(default_factory=dict)
    topic_changes: Counter[str] = field(default_factory=Counter)
    fit_seconds: float = 0.0
    extract_seconds: float = 0.0
    workers: int = 1

    @property
    def texts_per_second(self) -> float:
        """Return the speed of applying the vocabularies."""
        read = self.reviews - self.carried
        return read / self.extract_seconds if self.extract_seconds else 0.0
