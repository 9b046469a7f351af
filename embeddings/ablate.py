"""What each part of the network adds: trained without it, judged on the same users."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import polars as pl
import pyarrow as pa
from scipy.sparse import csr_array

from embeddings.comparison import COMPARED, Comparison, compare
from embeddings.evaluate import evaluate
from embeddings.models.hetero_gat import HeteroGat
from embeddings.models.relations import EdgeType
from embeddings.models.settings import HeteroGatSettings
from embeddings.pairs import frame
from embeddings.training_data import TrainingData
from kg.progress import Progress, no_progress

WHOLE: Final = "whole"
_SAID: Final = ("DESCRIBED_BY", "MENTIONS")
_THINGS: Final = ("item", "entity", "attribute")

Given = tuple[TrainingData, HeteroGatSettings]


@dataclass(frozen=True)
class Ablation:
    """What came of it.

    Attributes:
        ndcg: mean NDCG@10 on the test part by variant, over seeds.
        comparisons: the whole network against each variant, on per-user means over seeds; a
            positive difference is what the part adds.
    """

    ndcg: dict[str, float]
    comparisons: list[Comparison]


def _with_alpha(alpha: float) -> Callable[[Given], Given]:
    return lambda given: (replace(given[0], alpha=alpha), given[1])


def _set(**settings: object) -> Callable[[Given], Given]:
    return lambda given: (given[0], given[1].model_copy(update=settings))


def _without_attention(given: Given) -> Given:
    """Messages count by degrees; the other encoders have no attention that could be left out."""
    if given[1].encoder not in ("attention", "gatv2"):
        return given
    return given[0], given[1].model_copy(update={"encoder": "lightgcn"})


def _without_edges(dropped: Callable[[EdgeType], bool]) -> Callable[[Given], Given]:
    def drop(given: Given) -> Given:
        graph = copy.copy(given[0].graph)
        for edge_type in given[0].graph.edge_types:
            if dropped(edge_type):
                del graph[edge_type]
        return replace(given[0], graph=graph), given[1]

    return drop


def _is_knowledge(edge_type: EdgeType) -> bool:
    start, relation, end = edge_type
    return start in _THINGS and end in _THINGS and relation not in _SAID


def _without_release_dates(given: Given) -> Given:
    return (replace(given[0], released=None), given[1]) if given[1].hide == "future" else given


VARIANTS: Final[Mapping[str, Callable[[Given], Given]]] = {
    "without text (alpha 0)": _with_alpha(0.0),
    "alpha 0.25": _with_alpha(0.25),
    "alpha 0.5": _with_alpha(0.5),
    "alpha 0.75": _with_alpha(0.75),
    "alpha 1": _with_alpha(1.0),
    "without knowledge": _without_edges(_is_knowledge),
    "without what reviews mention": _without_edges(lambda edge_type: edge_type[1] in _SAID),
    "without attention (mean)": _without_attention,
    "without dates of release": _without_release_dates,
    "without similar items": _set(similar_items=0),
    "without closed-form score": _set(residual=0.0),
}
"""Each takes the data and the settings of the whole network and returns those without a part."""


def ablate(
    data: TrainingData,
    settings: HeteroGatSettings,
    targets: csr_array,
    *,
    seeds: int = 3,
    progress: Progress = no_progress,
) -> Ablation:
    """Train the whole network and each variant, with early stopping on validation, and compare.

    A variant that changes nothing here (the same alpha, no such edges) is left out.

    Args:
        data: the training part, with validation targets.
        settings: of the whole network.
        targets: test pairs, (U, I).
        seeds: trainings of each, from `data.seed` on.
        progress: told of trainings done.
    """
    whole = data, settings
    variants = {WHOLE: whole} | {name: change(whole) for name, change in VARIANTS.items()}
    variants = {
        name: given for name, given in variants.items() if name == WHOLE or _differs(given, whole)
    }
    done, tables = 0, dict[str, pa.Table]()
    for name, given in variants.items():
        runs = []
        for seed in range(data.seed, data.seed + seeds):
            runs.append(_per_user(given, targets, seed))
            done += 1
            progress(done, len(variants) * seeds, "trainings")
        tables[name] = mean_per_user(runs)
    return Ablation(
        ndcg={name: float(frame(table)["ndcg@10"].mean() or 0.0) for name, table in tables.items()},  # type: ignore[arg-type]
        comparisons=[
            comparison
            for name, table in tables.items()
            if name != WHOLE
            for comparison in compare(tables[WHOLE], table, names=(WHOLE, name), seed=data.seed)
        ],
    )


def _differs(given: Given, whole: Given) -> bool:
    return (
        given[1] != whole[1]
        or given[0].alpha != whole[0].alpha
        or given[0].released is not whole[0].released
        or given[0].graph.edge_types != whole[0].graph.edge_types
    )


def _per_user(given: Given, targets: csr_array, seed: int) -> pa.Table:
    data = replace(given[0], seed=seed)
    model = HeteroGat(given[1]).fit(data)
    return evaluate(model, data, targets, known=data.valid, seed=seed).per_user


def mean_per_user(runs: list[pa.Table]) -> pa.Table:
    """Each user's mean over the runs: user_id, targets and the compared metrics."""
    rows = pl.concat([frame(table).select("user_id", "targets", *COMPARED) for table in runs])
    return rows.group_by("user_id", "targets", maintain_order=True).mean().to_arrow()
