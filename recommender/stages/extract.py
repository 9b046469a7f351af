"""extract: reviews → language, sentiment, entities, aspects, topics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pydantic import TypeAdapter

from embeddings.split import held_out_reviews
from etl.extract import ExtractReport, extract_reviews
from etl.staging import Staging
from etl.text.vectors import Encoder
from recommender.config import Config
from recommender.fingerprints import code_version
from recommender.run_folder import Count, Runs, write_whole
from recommender.stage import StageContext, StageResult


def extract(context: StageContext) -> StageResult:
    """Learn vocabularies from the training reviews alone, and apply them to all."""
    staging = Staging(context.folder / "staging")
    split = pq.read_table(context.folder / "split.parquet")
    keys = staging.read("reviews", ["review_id", "user_id", "item_id"])
    settings = context.config.text
    if context.anew:
        settings = settings.model_copy(update={"refit_share": 0.0})
    with _encoder(context) as encoder:
        report = extract_reviews(
            staging,
            held_out_reviews(split, keys).to_pylist(),
            settings,
            context.config.seed,
            context.progress,
            earlier=earlier_staging(context.folder, context.config.name),
            terms=_terms(context.config, encoder),
            encoder=encoder,
        )
    told_in_full = TypeAdapter(ExtractReport).dump_json(report, indent=1).decode()
    write_whole(context.folder / "extract.json", told_in_full)
    aspects = f"aspects such as {', '.join(report.aspects[:5])}" if report.aspects else "no aspects"
    told = f"{len(report.topics)} topics{_drift(report)}, {aspects}"
    if report.kept_model:
        told += f"; {report.reviews - report.carried:,} of {report.reviews:,} reviews read"
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
    others = Runs(folder.parent).others(folder, dataset, "extract")
    with_model = (run for run in others if run.holds(["staging/text_model/*"]))
    return next((run.path / "staging" for run in with_model), None)


@contextmanager
def _encoder(context: StageContext) -> Iterator[Encoder | None]:
    """The text encoder, for sentiment to listen to; None where it is not to, or there are no texts.

    Its vectors are those of the model as it is: fine-tuning comes later, and only from likes.
    """
    settings, reviews = context.config.sentiment_encoder, Staging(context.folder / "staging")
    if settings is None or not reviews.count("reviews"):
        yield None
        return
    # Only here, for torch takes a second to load.
    from embeddings.encoder import TextEncoder, encode_texts
    from embeddings.vector_cache import CACHE, VectorCache

    with VectorCache(context.cache / CACHE) as cache:
        model = TextEncoder(settings, layers="upper half")

        def encode(texts: Sequence[str]) -> NDArray[np.float16]:
            vectors = encode_texts(texts, model, cache, context.progress).of(texts)
            return np.asarray(vectors.half().numpy())

        yield Encoder(model.name, encode)


def _terms(config: Config, encoder: Encoder | None) -> str:
    """What decides what is learnt from texts, beside the texts; when it is, is not part of it."""
    settings = config.text.model_dump_json(exclude={"refit_share", "workers"})
    heard = "" if encoder is None else f" encoder {encoder.name}"
    return f"{settings} seed {config.seed} code {code_version('etl.text')}{heard}"


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
