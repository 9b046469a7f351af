"""extract: reviews → language, sentiment, entities, aspects, topics."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
from pydantic import TypeAdapter

from embeddings.split import held_out_reviews
from etl.extract import ExtractReport, extract_reviews
from etl.staging import Staging
from recommender.run_folder import Count, Runs, write_whole
from recommender.stage import StageContext, StageResult


def extract(context: StageContext) -> StageResult:
    """Learn vocabularies from the training reviews alone, and apply them to all."""
    staging = Staging(context.folder / "staging")
    split = pq.read_table(context.folder / "split.parquet")
    keys = staging.read("reviews", ["review_id", "user_id", "item_id"])
    report = extract_reviews(
        staging,
        held_out_reviews(split, keys).to_pylist(),
        context.config.text,
        context.config.seed,
        context.progress,
        earlier=earlier_staging(context.folder, context.config.name),
    )
    told_in_full = TypeAdapter(ExtractReport).dump_json(report, indent=1).decode()
    write_whole(context.folder / "extract.json", told_in_full)
    aspects = f"aspects such as {', '.join(report.aspects[:5])}" if report.aspects else "no aspects"
    told = f"{len(report.topics)} topics{_drift(report)}, {aspects}"
    auc = report.sentiment_auc
    return StageResult(
        f"{report.rows['mentions']:,} mentions, {told}" if report.reviews else "no reviews",
        {
            **report.rows,
            "reviews": report.reviews,
            "training reviews": report.training_reviews,
            **({} if auc is None else {"sentiment auc": round(auc, 4)}),
            **_sentiment_counts(report),
            **{f"topics {change}": count for change, count in report.topic_changes.items()},
            "texts per second": round(report.texts_per_second, 1),
            "workers": report.workers,
        },
    )


def earlier_staging(folder: Path, dataset: str) -> Path | None:
    """Return the staging folder of the newest other run that has topics of this dataset.

    Args:
        folder: the present run's.
        dataset: the config's name.
    """
    for run in Runs(folder.parent):
        record = run.record()
        done = record.stages.get("extract")
        other = run.path != folder and record.dataset == dataset
        if other and done and done.finished and run.holds(["staging/text_model/*"]):
            return run.path / "staging"
    return None


def _drift(report: ExtractReport) -> str:
    told = [f"{count} {change}" for change, count in report.topic_changes.items()]
    return f" ({', '.join(told)})" if told else ""


def _sentiment_counts(report: ExtractReport) -> dict[str, Count]:
    """Return, by language, how learnt sentiment and the lexicon do on the same training labels."""
    counts: dict[str, Count] = {}
    for language, quality in report.sentiment_quality.items():
        used = "" if language in report.learnt_sentiment else ", not used"
        counts[f"learnt sentiment auc ({language}{used})"] = round(quality.auc, 4)
        if quality.lexicon_auc is not None:
            counts[f"lexicon auc ({language})"] = round(quality.lexicon_auc, 4)
    return counts
