"""The trade-off of a run: computed on its validation part, kept in its folder, and reported."""

from __future__ import annotations

import json
from dataclasses import asdict

from embeddings.settings import RerankSettings
from embeddings.tradeoff import tradeoff
from embeddings.train import load
from kg.progress import Progress
from recommender.artefacts import EVALUATED
from recommender.experiments import Experiment
from recommender.report import write_report
from recommender.report.tradeoff import NAME
from recommender.run_folder import write_whole
from recommender.stages.view import Learning


def tradeoff_of_run(
    experiment: Experiment, settings: RerankSettings, *, progress: Progress
) -> list[dict[str, object]]:
    """Write `tradeoff.json`, draw the report again, and return a row per weight."""
    folder, name = experiment.run.path, experiment.config.model.models[0]
    data = Learning.of(folder, experiment.config).training()
    model = load(name, folder / EVALUATED / name)
    points = [asdict(each) for each in tradeoff(model, data, settings, progress=progress)]
    document = {"model": name, "method": settings.method, "kind": settings.kind, "points": points}
    write_whole(folder / NAME, json.dumps(document, indent=1))
    write_report(folder)
    return [
        {key: round(value, 4) for key, value in point.items() if value is not None}
        for point in points
    ]
