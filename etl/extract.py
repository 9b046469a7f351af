"""The extract stage: staged reviews to fact tables, by what training reviews taught."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Final

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.carried import carried_facts
from etl.extract_report import ExtractReport, TopicSummary
from etl.staging import Staging, parquet_writer
from etl.tables import ENTITIES, MENTIONS, REVIEW_FACTS, REVIEW_TOPICS, REVIEWS, TOPIC_DRIFT
from etl.text.facts import Facts
from etl.text.kept_model import LEARNT_FROM, still_holds
from etl.text.model import READ, TextModel
from etl.text.pool import extract_parallel
from etl.text.settings import TextSettings
from etl.text.vectors import Encoder, with_vectors
from kg.progress import Progress, no_progress

if TYPE_CHECKING:
    from etl.text.topic_drift import TopicChange

__all__ = ["ExtractReport", "TextSettings", "extract_reviews"]

MODEL_FOLDER: Final = "text_model"
_BATCH_ROWS: Final = 10_000
_TOP_ASPECTS: Final = 50
_WORTH_A_POOL: Final = 20_000_000  # characters; below, starting workers takes longer than it saves


def extract_reviews(
    staging: Staging,
    held_out: Collection[str],
    settings: TextSettings,
    seed: int,
    progress: Progress = no_progress,
    earlier: Path | None = None,
    terms: str = "",
    encoder: Encoder | None = None,
) -> ExtractReport:
    """Fit the text model on the training reviews, apply it to all, and write the fact tables.

    The fitted model stays in the staging folder as `text_model/`. Where little is new
    (`settings.refit_share`), the earlier run's model is kept, with what it found in reviews that
    are the same.

    Args:
        staging: holds `reviews`, `items` and `attributes`; gets the tables of `FACT_TABLES`.
        held_out: ids of the reviews that must not teach anything.
        settings: what to learn.
        seed: of everything random.
        progress: told about reviews read.
        earlier: staging folder of an earlier run; topics that are the same keep their keys.
        terms: names what, beside the reviews, decides what is learnt: settings, seed and code.
        encoder: gives vectors of texts, for sentiment to listen to.

    Raises:
        ExtractionError: a worker failed or died.
    """
    started = perf_counter()
    report = ExtractReport()
    folder = staging.folder / MODEL_FOLDER
    if earlier is not None and _holds(earlier, staging, held_out, settings, terms):
        model, changes = TextModel.load(earlier / MODEL_FOLDER), []
        shutil.copytree(earlier / MODEL_FOLDER, folder, dirs_exist_ok=True)
        carried = carried_facts(Staging(earlier), staging, held_out)
        report.kept_model, report.carried = True, carried.review_facts.num_rows
    else:
        from etl.learning import learn  # only here, for what learns takes two seconds to load

        before = None if earlier is None else earlier / MODEL_FOLDER
        learnt = learn(
            staging,
            held_out,
            settings,
            seed,
            progress,
            folder=folder,
            earlier=before,
            terms=terms,
            encoder=encoder,
        )
        model, changes, carried = learnt.model, learnt.changes, None
    report.training_reviews = pq.read_metadata(folder / LEARNT_FROM).num_rows
    fitted = perf_counter()
    report.fit_seconds = fitted - started
    batches, characters = _to_read(staging, carried, held_out)
    report.workers = settings.workers or (_processors() if characters >= _WORTH_A_POOL else 1)
    if encoder is not None and model.wants_vectors:
        batches = (with_vectors(batch, encoder) for batch in batches)
    facts = (
        extract_parallel(batches, folder, report.workers)
        if report.workers > 1
        else map(model.extract, batches)
    )
    _write_facts(staging, chain([carried] if carried else [], facts), report, progress)
    report.rows["aspects"] = staging.write("aspects", [model.aspect_table()])
    report.rows["topics"] = staging.write("topics", [model.topic_table()])
    report.extract_seconds = perf_counter() - fitted
    report.aspects = [aspect.name for aspect in model.aspects[:_TOP_ASPECTS]]
    report.topics = [
        TopicSummary(t.label, t.words, t.coherence, t.distinctness, model.topics.weak)
        for t in model.topics.topics
    ]
    report.topic_curve = model.topics.curve
    report.topic_changes = _write_drift(staging, changes)
    report.sentiment_quality = model.sentiment_quality
    report.learnt_sentiment = sorted(model.sentiment)
    report.sentiment_auc = _sentiment_auc(staging, held_out)
    return report


def _holds(
    earlier: Path, staging: Staging, held_out: Collection[str], settings: TextSettings, terms: str
) -> bool:
    """Whether the earlier run's text model may be kept; never, where no share may be new."""
    return bool(settings.refit_share) and still_holds(
        earlier / MODEL_FOLDER,
        staging.read("reviews", ["review_id", "content_hash"]),
        held_out,
        settings.fit_reviews,
        terms=terms,
        refit_share=settings.refit_share,
    )


def _to_read(
    staging: Staging, carried: Facts | None, held_out: Collection[str]
) -> tuple[Iterator[pa.RecordBatch], int]:
    """The reviews whose facts are not there, in batches, and how many characters they have."""
    hidden = pa.array(list(held_out), pa.string())
    if carried is None:
        lengths = staging.scan("reviews").select(pl.col("text").str.len_chars().sum())
        batches = staging.batches("reviews", _BATCH_ROWS, READ)
        characters = lengths.collect().item() or 0
    else:
        known = carried.review_facts["review_id"].combine_chunks()
        parts = [
            pa.Table.from_batches([batch]).filter(
                pc.invert(pc.is_in(batch.column("review_id"), known))
            )
            for batch in staging.batches("reviews", columns=READ)
        ]
        rest = pa.concat_tables(parts) if parts else REVIEWS.empty_table().select(READ)
        batches = iter(rest.combine_chunks().to_batches(_BATCH_ROWS))
        characters = pc.sum(pc.utf8_length(rest["text"])).as_py() or 0
    return (_without_verdicts(batch, hidden) for batch in batches), characters


def _without_verdicts(batch: pa.RecordBatch, hidden: pa.Array) -> pa.RecordBatch:
    """Return reviews without the likes and dislikes of some of them."""
    place = batch.schema.get_field_index("positive")
    held = pc.is_in(batch.column("review_id"), hidden)
    verdicts = pc.if_else(held, pa.scalar(None, pa.bool_()), batch.column("positive"))
    return batch.set_column(place, batch.schema.field(place), verdicts)


def _processors() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _write_facts(
    staging: Staging, facts: Iterable[Facts], report: ExtractReport, progress: Progress
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


def _write_drift(staging: Staging, changes: Sequence[TopicChange]) -> Counter[str]:
    """Write what became of the earlier topics; return how many were kept, born and so on."""
    rows = [asdict(change) for change in changes]
    staging.write("topic_drift", [pa.Table.from_pylist(rows, schema=TOPIC_DRIFT)])
    return Counter(change.change for change in changes)


def _distinct(entities: pa.Table) -> pa.Table:
    """Return each entity once, by id; of several spellings the first of the alphabet."""
    frame = pl.DataFrame(entities).sort("entity_id", "name", "refers_to")
    return frame.unique("entity_id", keep="first", maintain_order=True).to_arrow().cast(ENTITIES)


def _sentiment_auc(staging: Staging, held_out: Collection[str]) -> float | None:
    """Return how often a liked thing's review has the better sentiment, by Mann and Whitney's U."""
    hidden = pl.LazyFrame({"review_id": list(held_out)}, schema={"review_id": pl.String})
    labelled = (
        staging.scan("reviews")
        .select("review_id", "positive")
        .join(hidden, on="review_id", how="anti")
        .join(staging.scan("review_facts").select("review_id", "sentiment"), on="review_id")
        .drop_nulls()
        .collect()
    )
    liked, ranks = labelled["positive"].to_numpy(), labelled["sentiment"].rank().to_numpy()
    praised = int(liked.sum())
    pairs = praised * (len(liked) - praised)
    return float(ranks[liked].sum() - praised * (praised + 1) / 2) / pairs if pairs else None
