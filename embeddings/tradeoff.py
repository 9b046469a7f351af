"""What another order of the lists costs and brings, for each weight, on the validation part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from embeddings import beyond_accuracy, metrics
from embeddings.attribute_shares import item_shares, liked_shares
from embeddings.evaluate import item_profiles, joined
from embeddings.models.contract import Recommender
from embeddings.models.validation import K
from embeddings.ranking import rank
from embeddings.rerank import Reranker
from embeddings.settings import RerankSettings
from embeddings.training_data import TrainingData
from kg.errors import ModelError
from kg.progress import Progress, no_progress

WEIGHTS: Final = tuple(step / 10 for step in range(11))


@dataclass(frozen=True)
class Tradeoff:
    """The lists of one weight.

    Attributes:
        weight: of the other wish; 0 is the model's order.
        ndcg, diversity: means at 10 over the users with a validation target.
        coverage: share of all items that are in anybody's first 10.
        miscalibration: mean at 10 over those users whose likes have a value of the kind; None
            where the settings name no kind.
    """

    weight: float
    ndcg: float
    diversity: float
    coverage: float
    miscalibration: float | None


def tradeoff(
    model: Recommender,
    data: TrainingData,
    settings: RerankSettings,
    *,
    weights: Sequence[float] = WEIGHTS,
    progress: Progress = no_progress,
) -> list[Tradeoff]:
    """Rank once for every user with a validation target, and order the lists by each weight.

    Args:
        model: fitted on `data`.
        data: with validation targets.
        settings: method, kind and candidates; its weight is not looked at.
        weights: to try.
        progress: told of weights done.

    Raises:
        ConfigError: no item has an attribute of the kind.
        ModelError: there is no validation target.
    """
    if data.valid is None or data.valid.nnz == 0:
        raise ModelError(
            "A trade-off is measured on validation, but there is no validation target.",
            remedy="Hold more out (split.valid), or lower split.min_pairs.",
        )
    users = np.flatnonzero(metrics.target_counts(data.valid))
    ranking = joined(rank(model, users, data.seen, max(K, settings.candidates)))
    wanted, profiles = data.valid[users], item_profiles(data)
    shares = item_shares(data, settings.kind) if settings.kind else None
    liked = None if shares is None else liked_shares(data, shares)[users]
    found = []
    for weight in weights:
        reranker = Reranker(settings.model_copy(update={"weight": weight}), data)
        top = reranker.rerank(ranking, K).items
        apart = None
        if shares is not None and liked is not None:
            apart = float(np.nanmean(beyond_accuracy.miscalibration(top, shares, liked, K)))
        found.append(
            Tradeoff(
                weight=weight,
                ndcg=float(metrics.ndcg(top, wanted, K).mean()),
                diversity=float(np.nanmean(beyond_accuracy.intra_list_diversity(top, profiles, K))),
                coverage=beyond_accuracy.coverage(top, len(data.items), K),
                miscalibration=apart,
            )
        )
        progress(len(found), len(weights), "weights")
    return found
