"""train and refit: training view → models, ours and the baselines; all data → the published one."""

from __future__ import annotations

import json
import shutil
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from embeddings.checkpoints import Kept
from embeddings.models.start import Start
from embeddings.score import calibrate
from embeddings.train import CURVES, fit_all, load
from embeddings.train import refit as fit_again
from recommender.artefacts import EVALUATED, PUBLISHED, UNFINISHED_MODELS, hashes_of
from recommender.run_folder import Count, write_whole
from recommender.stage import StageContext, StageResult
from recommender.stages.start import OURS, began_from, earlier_start, start_again
from recommender.stages.view import Learning

SECONDS = f"{EVALUATED}/seconds.json"
CALIBRATION = f"{EVALUATED}/calibration.json"
_LEARNT_FROM = ("snapshot/snapshot.json", "split.parquet", "vectors*.safetensors")


def train(context: StageContext) -> StageResult:
    """Fit every configured model on what the leak guard lets through."""
    learning = Learning.of(context.folder, context.config)
    start, why_not = earlier_start(context, learning.split)
    data = learning.training()
    kept = _kept(context, "train", start)
    fitted = fit_all(data, context.config.model, progress=context.progress, kept=kept, start=start)
    seconds = {name: round(each.seconds, 3) for name, each in fitted.items()}
    first = fitted[context.config.model.models[0]]
    calibration = calibrate(first.model, data, top_k=context.config.publish.depth)
    curves = pa.concat_tables([CURVES.empty_table(), *(each.curve for each in fitted.values())])
    pq.write_table(curves, context.folder / "curves.parquet")
    for name in fitted:
        _move(kept.folder / name, context.folder / EVALUATED / name)
    write_whole(context.folder / SECONDS, json.dumps(seconds, indent=1))
    if calibration is not None:
        calibration.save(context.folder / CALIBRATION)
    shutil.rmtree(kept.folder)
    told = ", ".join(f"{name} {took:.1f} s" for name, took in seconds.items())
    counts: dict[str, Count] = {f"seconds {name}": took for name, took in seconds.items()}
    if run := began_from(context.folder / EVALUATED / OURS):
        told, counts = (
            f"{told}; {OURS} began from the weights of {run}",
            {**counts, "began from": run},
        )
    elif why_not:
        told = f"{told}; {OURS} began anew: {why_not}"
    return StageResult(told, counts)


def refit(context: StageContext) -> StageResult:
    """Fit the first configured model on everything, with the settings that validation chose."""
    name = context.config.model.models[0]
    chosen = load(name, context.folder / EVALUATED / name)
    start = start_again(context, chosen, PUBLISHED)
    data = Learning.of(context.folder, context.config).everything()
    kept = _kept(context, "refit", start)
    again = fit_again(chosen, data, progress=context.progress, kept=kept, start=start)
    again.model.save(context.folder / PUBLISHED / name)
    shutil.rmtree(kept.folder, ignore_errors=True)
    pairs = len(data.pairs.user)
    return StageResult(
        f"{name} on all {pairs:,} pairs", {"pairs": pairs, "seconds": round(again.seconds, 3)}
    )


def _kept(context: StageContext, stage: str, start: Start | None) -> Kept:
    """Where a stage's trainings leave what they have learnt, of these data and start alone."""
    hashes = hashes_of(context.folder, _LEARNT_FROM)
    learnt = [stage, hashes, *([start.run] if start else [])]
    key = sha256(json.dumps(learnt).encode()).hexdigest()
    return Kept(context.folder / UNFINISHED_MODELS, key)


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)
