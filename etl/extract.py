"""The extract stage: staged reviews to fact tables, by what training reviews taught."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from sklearn.metrics import roc_auc_score

from etl.staging import Staging, parquet_writer
from etl.tables import ENTITIES, MENTIONS, REVIEW_FACTS, REVIEW_TOPICS, REVIEWS, TOPIC_DRIFT
from etl.text.facts import Facts
from etl.text.fit import chosen_ids, fit
from etl.text.learnt_sentiment import Quality
from etl.text.pool import extract_parallel
from etl.text.settings import TextSettings
from etl.text.topic_drift import lasting_ids, topic_changes
from etl.text.topic_files import earlier_topics
from etl.text.topics import TopicModel
from kg.progress import Progress, no_progress

__all__ = ["ExtractReport", "TextSettings", "extract_reviews"]

log = logging.getLogger(__name__)

MODEL_FOLDER: Final = "text_model"
_BATCH_ROWS: Final = 10_000
_COLUMNS: Final = ["review_id", "item_id", "text", "title"]
_LEARNT_FROM: Final = [*_COLUMNS, "positive"]
_TOP_ASPECTS: Final = 50
_WORTH_A_POOL: Final = 20_000_000  # characters; below, starting workers takes longer than it saves


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
        return self.reviews / self.extract_seconds if self.extract_seconds else 0.0


def extract_reviews(
    staging: Staging,
    held_out: Collection[str],
    settings: TextSettings,
    seed: int,
    progress: Progress = no_progress,
    earlier: Path | None = None,
) -> ExtractReport:
    """Fit the text model on the training reviews, apply it to all, and write the fact tables.

    The fitted model stays in the staging folder as `text_model/`.

    Args:
        staging: holds `reviews`, `items` and `attributes`; gets the tables of `FACT_TABLES`.
        held_out: ids of the reviews that must not teach anything.
        settings: what to learn.
        seed: of everything random.
        progress: told about reviews read.
        earlier: staging folder of an earlier run; topics that are the same keep their keys.

    Raises:
        ExtractionError: a worker failed or died.
    """
    started = perf_counter()
    training = _training_reviews(staging, held_out, settings.fit_reviews)
    log.info("Learning aspects and topics from %d training reviews", training.num_rows)
    items = staging.read("items", ["item_id", "title"])
    attributes = staging.read("attributes", ["item_id", "kind", "value"])
    settings = _with_merged_names(settings, staging.read("resolved"))
    model = fit(training, items, attributes, settings, seed, progress)
    report = ExtractReport(training_reviews=training.num_rows)
    before = None if earlier is None else earlier_topics(earlier / MODEL_FOLDER)
    if before is not None:
        model.topics = model.topics.with_ids(lasting_ids(model.topics, before))
    folder = staging.folder / MODEL_FOLDER
    model.save(folder)
    fitted = perf_counter()
    report.fit_seconds = fitted - started
    report.workers = _worker_count(staging, settings)
    batches = staging.batches("reviews", _BATCH_ROWS, _COLUMNS)
    facts = (
        extract_parallel(batches, folder, report.workers)
        if report.workers > 1
        else map(model.extract, batches)
    )
    _write_facts(staging, facts, report, progress)
    report.rows["aspects"] = staging.write("aspects", [model.aspect_table()])
    report.rows["topics"] = staging.write("topics", [model.topic_table()])
    report.extract_seconds = perf_counter() - fitted
    report.aspects = [aspect.name for aspect in model.aspects[:_TOP_ASPECTS]]
    report.topics = [
        TopicSummary(t.label, t.words, t.coherence, t.distinctness, model.topics.weak)
        for t in model.topics.topics
    ]
    report.topic_curve = model.topics.curve
    report.topic_changes = _write_drift(staging, model.topics, before)
    report.sentiment_quality = model.sentiment_quality
    report.learnt_sentiment = sorted(model.sentiment)
    report.sentiment_auc = _sentiment_auc(staging, held_out)
    return report


def _training_reviews(staging: Staging, held_out: Collection[str], limit: int) -> pa.Table:
    """Return the training reviews that `fit` will choose, without reading all texts at once."""
    ids = staging.read("reviews", ["review_id"]).column("review_id")
    held_out = frozenset(held_out)
    training = (review_id for review_id in ids.to_pylist() if review_id not in held_out)
    chosen = pa.array(chosen_ids(training, limit), pa.string())
    parts = [
        pa.Table.from_batches([batch]).filter(pc.is_in(batch.column("review_id"), chosen))
        for batch in staging.batches("reviews", columns=_LEARNT_FROM)
    ]
    return pa.concat_tables(parts) if parts else REVIEWS.empty_table().select(_LEARNT_FROM)


def _with_merged_names(settings: TextSettings, resolved: pa.Table) -> TextSettings:
    """Return the settings with spellings that were merged as aliases of the one that stays."""
    aliases = dict(settings.entities.aliases)
    for row in resolved.to_pylist():
        name = row["merged_into"]
        aliases[name] = (*aliases.get(name, ()), row["value"])
    entities = settings.entities.model_copy(update={"aliases": aliases})
    return settings.model_copy(update={"entities": entities})


def _worker_count(staging: Staging, settings: TextSettings) -> int:
    if settings.workers:
        return settings.workers
    lengths = staging.scan("reviews").select(pl.col("text").str.len_chars().sum())
    characters = lengths.collect().item() or 0
    return _processors() if characters >= _WORTH_A_POOL else 1


def _processors() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _write_facts(
    staging: Staging, facts: Iterator[Facts], report: ExtractReport, progress: Progress
) -> None:
    total = staging.count("reviews")
    entities = ENTITIES.empty_table()
    with (
        parquet_writer(staging.path("review_facts"), REVIEW_FACTS) as reviews,
        parquet_writer(staging.path("mentions"), MENTIONS) as mentions,
        parquet_writer(staging.path("review_topics"), REVIEW_TOPICS) as topics,
    ):
        for found in facts:
            reviews.write_table(found.review_facts)
            mentions.write_table(found.mentions)
            topics.write_table(found.review_topics)
            entities = _distinct(pa.concat_tables([entities, found.entities]))
            report.reviews += found.review_facts.num_rows
            report.languages.update(found.review_facts.column("language").to_pylist())
            progress(report.reviews, total, "reviews")
    staging.write("entities", [entities])
    for name in ("review_facts", "mentions", "review_topics", "entities"):
        report.rows[name] = staging.count(name)


def _write_drift(staging: Staging, topics: TopicModel, before: TopicModel | None) -> Counter[str]:
    """Write what became of the earlier topics; return how many were kept, born and so on."""
    changes = [] if before is None else topic_changes(topics, before)
    rows = [asdict(change) for change in changes]
    staging.write("topic_drift", [pa.Table.from_pylist(rows, schema=TOPIC_DRIFT)])
    return Counter(change.change for change in changes)


def _distinct(entities: pa.Table) -> pa.Table:
    """Return each entity once, by id; of several spellings the first of the alphabet."""
    frame = pl.DataFrame(entities).sort("entity_id", "name", "refers_to")
    return frame.unique("entity_id", keep="first", maintain_order=True).to_arrow().cast(ENTITIES)


def _sentiment_auc(staging: Staging, held_out: Collection[str]) -> float | None:
    hidden = pl.LazyFrame({"review_id": list(held_out)}, schema={"review_id": pl.String})
    labelled = (
        staging.scan("reviews")
        .select("review_id", "positive")
        .join(hidden, on="review_id", how="anti")
        .join(staging.scan("review_facts").select("review_id", "sentiment"), on="review_id")
        .drop_nulls()
        .collect()
    )
    if labelled["positive"].n_unique() < 2:
        return None
    return float(roc_auc_score(labelled["positive"].to_numpy(), labelled["sentiment"].to_numpy()))
