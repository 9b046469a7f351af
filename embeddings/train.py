"""Training of every configured model on one view of the data, and the refit on all of it."""

from __future__ import annotations

import json
import logging
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa

from embeddings.baselines.als import Als
from embeddings.baselines.attribute_knn import AttributeKnn
from embeddings.baselines.biased_mf import BiasedMf
from embeddings.baselines.bpr_mf import BprMf
from embeddings.baselines.content_knn import ContentKnn
from embeddings.baselines.ease import Ease, TimeEase
from embeddings.baselines.item_knn import ItemKnn
from embeddings.baselines.lightgcn import LightGcn
from embeddings.baselines.neumf import NeuMf
from embeddings.baselines.popularity import Popularity
from embeddings.baselines.pure_svd import PureSvd
from embeddings.baselines.rating_mean import RatingMean
from embeddings.baselines.recent_popularity import RecentPopularity
from embeddings.baselines.rp3beta import Rp3Beta
from embeddings.baselines.sasrec import SasRec
from embeddings.baselines.stepwise import Stepwise
from embeddings.baselines.time_popularity import TimePopularity
from embeddings.baselines.user_knn import UserKnn
from embeddings.checkpoints import Kept
from embeddings.models.contract import FoldsIn, Recommender
from embeddings.models.hetero_gat import HeteroGat
from embeddings.models.settings import ModelName, ModelSettings
from embeddings.models.start import Start
from embeddings.training_data import TrainingData
from kg.errors import ModelError
from kg.progress import Progress, no_progress

logger = logging.getLogger(__name__)

CURVES: Final = pa.schema(
    [
        pa.field("model", pa.string(), nullable=False),
        pa.field("seed", pa.int64(), nullable=False),
        pa.field("step", pa.int64(), nullable=False),
        pa.field("loss", pa.float64()),  # mean since the check before
        pa.field("valid_ndcg", pa.float64()),  # NDCG@10; null in a refit
        pa.field("valid_rmse", pa.float64()),  # of ratings; null where they are not predicted
    ]
)


MODELS: Final[dict[str, type[Recommender]]] = {
    model.name: model
    for model in (
        HeteroGat,
        Popularity,
        RecentPopularity,
        TimePopularity,
        ItemKnn,
        UserKnn,
        Ease,
        TimeEase,
        Rp3Beta,
        PureSvd,
        Als,
        BprMf,
        LightGcn,
        NeuMf,
        SasRec,
        ContentKnn,
        AttributeKnn,
        RatingMean,
        BiasedMf,
    )
}


@dataclass(frozen=True)
class Fitted:
    """A trained model and what its training took.

    Attributes:
        model: `model.settings` holds what validation chose.
        seconds: wall time of the fit.
        curve: its checks, `CURVES`; empty for models without steps.
    """

    model: Recommender
    seconds: float
    curve: pa.Table


def make_model(name: ModelName, settings: ModelSettings) -> Recommender:
    """Return a model with its section of the settings, not yet fitted."""
    return MODELS[name](settings.of(name))


def folding_models() -> list[str]:
    """Return the names of the models that score people whom training never saw."""
    return [name for name, model in MODELS.items() if issubclass(model, FoldsIn)]


def fit_all(
    data: TrainingData,
    settings: ModelSettings,
    *,
    progress: Progress = no_progress,
    kept: Kept | None = None,
    start: Start | None = None,
) -> dict[str, Fitted]:
    """Train every configured model on `data`; by name, in the order of `settings.models`.

    Args:
        kept: what an earlier try has left, and where this one leaves what it has learnt.
        start: what `hetero-gat` begins from.
    """
    fitted: dict[str, Fitted] = {}
    for name in settings.models:
        found = None if kept is None else _finished(kept, name)
        if found is None:
            model = make_model(name, settings)
            found = fit(model, data, progress=progress, kept=kept, start=start)
            if kept is not None:
                _keep(kept, found)
        fitted[name] = found
    return fitted


def refit(
    chosen: Recommender,
    data: TrainingData,
    *,
    progress: Progress = no_progress,
    kept: Kept | None = None,
    start: Start | None = None,
) -> Fitted:
    """Train a fresh model of the same kind on `data` with the settings that validation chose."""
    return fit(type(chosen)(chosen.settings), data, progress=progress, kept=kept, start=start)


def fit(
    model: Recommender,
    data: TrainingData,
    *,
    progress: Progress = no_progress,
    kept: Kept | None = None,
    start: Start | None = None,
) -> Fitted:
    """Train one model and time it."""
    began, checkpoint = time.perf_counter(), None if kept is None else kept.of(model.name)
    if isinstance(model, HeteroGat):
        model.fit(data, progress=progress, checkpoint=checkpoint, start=start)
    elif checkpoint and isinstance(model, Stepwise):
        model.fit(data, progress=progress, checkpoint=checkpoint)
    else:
        model.fit(data, progress=progress)
    seconds = checkpoint.seconds if checkpoint else time.perf_counter() - began
    logger.info("%s: trained in %.1f s with %s", model.name, seconds, model.settings)
    return Fitted(model, seconds, _curve(model))


def load(name: str, folder: Path) -> Recommender:
    """Read a saved model.

    Raises:
        ModelError: no model is called `name`, or the folder does not hold it.
    """
    if name not in MODELS:
        raise ModelError(f"There is no model {name!r}.", remedy=f"Known: {', '.join(MODELS)}.")
    return MODELS[name].load(folder)


def _curve(model: Recommender) -> pa.Table:
    points = model.curve if isinstance(model, HeteroGat | Stepwise) else []
    rows = [{"model": model.name, **vars(point)} for point in points]
    return pa.Table.from_pylist(rows, schema=CURVES)


def _keep(kept: Kept, fitted: Fitted) -> None:
    """Save a finished model; the note beside it, which comes last, says that it is whole."""
    name = fitted.model.name
    fitted.model.save(kept.folder / name)
    told = {"key": kept.key, "seconds": fitted.seconds, "curve": fitted.curve.to_pylist()}
    note = _note(kept, name)
    unfinished = note.with_name(f".{note.name}.{os.getpid()}")
    unfinished.write_text(json.dumps(told), encoding="utf-8")
    unfinished.replace(note)
    kept.of(name).clear()


def _finished(kept: Kept, name: str) -> Fitted | None:
    """Return the model that an earlier try on the same data has finished, and not taken away."""
    try:
        told = json.loads(_note(kept, name).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    if told["key"] != kept.key or not (kept.folder / name).is_dir():
        return None
    logger.info("%s: was trained before", name)
    curve = pa.Table.from_pylist(told["curve"], schema=CURVES)
    return Fitted(load(name, kept.folder / name), told["seconds"], curve)


def _note(kept: Kept, name: str) -> Path:
    return kept.folder / f"{name}.json"
