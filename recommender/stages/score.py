"""score: the published model → everybody's list, reasons, similar items and attention, as files."""

from __future__ import annotations

from embeddings.make_publication import make_publication
from embeddings.publication import FOLDER
from embeddings.score import Calibration
from embeddings.train import load
from recommender.artefacts import PUBLISHED
from recommender.stage import StageContext, StageResult
from recommender.stages.train import CALIBRATION
from recommender.stages.view import Learning


def score(context: StageContext) -> StageResult:
    """Write what the refitted model says into the run's folder."""
    learning = Learning.of(context.folder, context.config)
    name = context.config.model.models[0]
    calibration = context.folder / CALIBRATION
    figures = make_publication(
        context.folder / FOLDER,
        model=load(name, context.folder / PUBLISHED / name),
        data=learning.everything(),
        snapshot=learning.whole,
        vectors=learning.vectors,
        calibration=Calibration.load(calibration) if calibration.is_file() else None,
        settings=context.config.publish,
        progress=context.progress,
    ).figures
    return StageResult(
        f"lists of {figures.users_with_list:,} users with {figures.items_listed:,} items",
        figures.model_dump(exclude_none=True),
    )
