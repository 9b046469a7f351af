"""The ablation of a run: computed on its data, kept in its folder, shown in its report."""

from __future__ import annotations

import json
from dataclasses import asdict

from embeddings.ablate import WHOLE, ablate
from embeddings.comparison import MAIN
from kg.progress import Progress
from recommender.experiments import Experiment
from recommender.report import write_report
from recommender.report.ablation import NAME
from recommender.run_folder import write_whole
from recommender.stages.view import Learning


def ablate_run(
    experiment: Experiment, *, seeds: int, progress: Progress
) -> list[dict[str, object]]:
    """Write `ablation.json`, draw the report again, and return a row per variant."""
    learning = Learning.of(experiment.run.path, experiment.config)
    data = learning.training()
    found = ablate(
        data,
        experiment.config.model.hetero_gat,
        learning.targets("test", data),
        seeds=seeds,
        progress=progress,
    )
    write_whole(
        experiment.run.path / NAME,
        json.dumps(
            {
                "seeds": seeds,
                "ndcg@10": found.ndcg,
                "comparisons": [asdict(each) for each in found.comparisons],
            },
            indent=1,
        ),
    )
    write_report(experiment.run.path)
    return [
        {
            "variant": each.against,
            MAIN: round(found.ndcg[each.against], 4),
            "whole": round(found.ndcg[WHOLE], 4),
            "difference": round(each.difference, 4),
            "low": round(each.low, 4),
            "high": round(each.high, 4),
            "whole is": each.verdict,
        }
        for each in found.comparisons
        if each.metric == MAIN
    ]
