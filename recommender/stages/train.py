"""train and refit: training view → models, ours and the baselines; all data → the published one."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq

from embeddings.score import calibrate
from embeddings.train import CURVES, fit_all, load
from embeddings.train import refit as fit_again
from recommender.run_folder import write_whole
from recommender.stage import StageContext, StageResult
from recommender.stages.view import Learning

EVALUATED, PUBLISHED = "models/evaluated", "models/published"
SECONDS = f"{EVALUATED}/seconds.json"
CALIBRATION = f"{EVALUATED}/calibration.json"


def train(context: StageContext) -> StageResult:
    """Fit every configured model on what the leak guard lets through."""
    data = Learning.of(context.folder, context.config).training()
    fitted = fit_all(data, context.config.model, progress=context.progress)
    for name, each in fitted.items():
        each.model.save(context.folder / EVALUATED / name)
    seconds = {name: round(each.seconds, 3) for name, each in fitted.items()}
    write_whole(context.folder / SECONDS, json.dumps(seconds, indent=1))
    first = fitted[context.config.model.models[0]]
    calibration = calibrate(first.model, data, top_k=context.config.publish.depth)
    if calibration is not None:
        calibration.save(context.folder / CALIBRATION)
    curves = pa.concat_tables([CURVES.empty_table(), *(each.curve for each in fitted.values())])
    pq.write_table(curves, context.folder / "curves.parquet")
    told = ", ".join(f"{name} {took:.1f} s" for name, took in seconds.items())
    return StageResult(told, {f"seconds {name}": took for name, took in seconds.items()})


def refit(context: StageContext) -> StageResult:
    """Fit the first configured model on everything, with the settings that validation chose."""
    name = context.config.model.models[0]
    chosen = load(name, context.folder / EVALUATED / name)
    data = Learning.of(context.folder, context.config).everything()
    again = fit_again(chosen, data, progress=context.progress)
    again.model.save(context.folder / PUBLISHED / name)
    pairs = len(data.pairs.user)
    return StageResult(
        f"{name} on all {pairs:,} pairs", {"pairs": pairs, "seconds": round(again.seconds, 3)}
    )
