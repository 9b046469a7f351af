"""publish: lists, reasons, similar items and attention → graph, under a :ModelRun."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from embeddings.publish import publish as publish_results
from embeddings.score import Calibration
from embeddings.settings import PublishSettings
from embeddings.text_vectors import TextVectors
from embeddings.train import load
from kg.runs import begin_run, finish_run
from recommender.artefacts import LEARNT, hashes_of
from recommender.fingerprints import code_versions
from recommender.stage import StageContext, StageResult
from recommender.stages.train import CALIBRATION, PUBLISHED
from recommender.stages.view import Learning

SCORE = (
    "The model's own scale: higher is better for the same user; scores of two runs or two models"
    " are not comparable."
)
PROBABILITY = (
    "The chance that an item of this score in a user's list is among the user's held-out likes,"
    " for users who have some: learned on the validation part (isotonic regression with many hits,"
    " else logistic), by the model that was evaluated."
)
UNCALIBRATED = "Absent: the validation part had no hits to learn it from."


def publish(context: StageContext) -> StageResult:
    """Write what the refitted model says; the :ModelRun tells how the evaluated one did."""
    store, config, now = context.graph.store, context.config, datetime.now(UTC)
    learning = Learning.of(context.folder, config)
    name = config.model.models[0]
    calibration = context.folder / CALIBRATION
    begin_run(
        store,
        "ModelRun",
        context.run_id,
        now=now,
        config=config.model_dump(mode="json"),
        code_version=code_versions(),
    )
    report = publish_results(
        store,
        model=load(name, context.folder / PUBLISHED / name),
        data=learning.everything(),
        snapshot=learning.whole,
        vectors=learning.vectors,
        calibration=Calibration.load(calibration) if calibration.is_file() else None,
        settings=config.publish,
        run_id=context.run_id,
        now=now,
        progress=context.progress,
    )
    metrics = json.loads((context.folder / "metrics.json").read_text(encoding="utf-8"))
    finish_run(
        store,
        "ModelRun",
        context.run_id,
        now=datetime.now(UTC),
        counts=report.counts,
        timings=report.seconds,
        metrics={
            "published": f"{name}, refitted on all data",
            "score": SCORE,
            "rank": _order(config.publish),
            "textVector": _encoder(learning.vectors),
            "probability": PROBABILITY if calibration.is_file() else UNCALIBRATED,
            "evaluated": metrics["models"],
            "comparisons": metrics["comparisons"],
        },
        data_hash=learning.whole.hash,
        artefacts=hashes_of(context.folder, LEARNT),
        etl_run_id=context.etl_run_id or None,
    )
    told = f"{report.counts['RECOMMENDED']:,} recommendations for {report.counts['users']:,} users"
    seconds = {f"seconds {step}": round(took, 3) for step, took in report.seconds.items()}
    return StageResult(told, {**report.counts, **seconds}, graph_run=context.run_id)


def _encoder(vectors: TextVectors | None) -> str:
    """What made the vectors that items are searched by."""
    return "None: no texts were encoded." if vectors is None else f"By {vectors.model}."


def _order(publish: PublishSettings) -> str:
    """What the ranks of the published lists follow."""
    new, rerank = publish.new_items, publish.rerank
    if new.every:
        return (
            f"By score, best first; place {new.first} and each {new.every} further is kept for"
            " items that nobody has had yet."
        )
    if rerank.method == "none":
        return "By score, best first."
    kind = f" of {rerank.kind}" if rerank.kind else ""
    return (
        f"Re-ranked ({rerank.method}{kind}, weight {rerank.weight:g}, from the {rerank.candidates}"
        " best by score): score need not fall with rank."
    )
