"""The faithfulness of a run's reasons: measured on its training part, kept in its folder."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from embeddings.explain import Explainer
from embeddings.faithfulness import KS, RANDOM, Faithfulness, measure
from embeddings.models.edited_graph import EditedGraph
from embeddings.models.hetero_gat import HeteroGat
from kg.errors import ConfigError
from kg.progress import Progress
from recommender.artefacts import EVALUATED
from recommender.experiments import Experiment
from recommender.report import write_report
from recommender.report.faithfulness import NAME
from recommender.run_folder import write_whole
from recommender.stages.view import Learning

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COMPARED_USERS = 50
_WIDTHS = {"message": 7.0, "gradient": 4.5, "integrated": 2.5, "occlusion": 1.0}
"""Of lines that may lie on one another."""


def faithfulness_of_run(
    experiment: Experiment, *, pairs: int, picture: Path | None, progress: Progress
) -> list[dict[str, object]]:
    """Write `faithfulness.json`, draw the report again, and return a row per way of weighing.

    Args:
        experiment: a run that has trained hetero-gat.
        pairs: how many pairs of a user and an item.
        picture: where to draw the curves; None for nowhere.
        progress: told of steps, then of pairs.

    Raises:
        ConfigError: a picture is wanted and matplotlib is not installed.
        ModelError: the run has no hetero-gat with attention that ranks.
    """
    if picture is not None:
        _require_matplotlib()
    folder = experiment.run.path
    model = HeteroGat.load(folder / EVALUATED / HeteroGat.name)
    data = Learning.of(folder, experiment.config).training()
    graph = EditedGraph.train(data, model.settings, progress=progress)
    some = np.arange(min(_COMPARED_USERS, len(data.users)))
    apart = float(np.abs(graph.score(some) - model.score(some)).max())
    found = measure(
        graph,
        Explainer(data, model),
        data,
        pairs=pairs,
        seed=experiment.config.seed,
        progress=progress,
    )
    document = {**asdict(found), "ks": KS, "apart_from_the_saved_model": apart}
    write_whole(folder / NAME, json.dumps(document, indent=1))
    write_report(folder)
    if picture is not None:
        draw(found, picture)
    return [
        {
            "weights": each.name,
            "drop": round(each.drop, 4),
            "random edges": round(each.control, 4),
            "difference": round(each.difference, 4),
            "low": round(each.low, 4),
            "high": round(each.high, 4),
            "rank": round(each.rank, 1),
            "rank, random": round(each.control_rank, 1),
            "left top 10": round(each.left, 3),
            "left, random": round(each.control_left, 3),
            "deletion": round(float(np.mean(each.deletion)), 4),
            "insertion": round(float(np.mean(each.insertion)), 4),
            "over evidence": round(each.more, 4),
            "over, low": round(each.more_low, 4),
            "over, high": round(each.more_high, 4),
            "ms": round(each.milliseconds, 2),
        }
        for each in found.orders
    ]


def draw(found: Faithfulness, path: Path) -> None:
    """Draw the curves of deletion and insertion; needs matplotlib."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    for each in found.orders:
        style = ":" if each.name == RANDOM else "-"
        width = _WIDTHS.get(each.name, 1.8)
        left.plot((0, *KS), (0.0, *each.deletion), style, label=each.name, linewidth=width)
        right.plot((0, *KS), (0.0, *each.insertion), style, linewidth=width)
    _finish(left, "reasons taken away", "the score falls by")
    _finish(right, "reasons put back, of all candidates", "the score rises by")
    figure.legend(loc="outside right center", frameon=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)


def _finish(axes: Axes, across: str, up: str) -> None:
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.grid(visible=True, alpha=0.3)


def _require_matplotlib() -> None:
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise ConfigError(
            "The picture needs matplotlib, which is not installed.",
            remedy="pip install matplotlib, or leave out --picture.",
        ) from error
