"""Which earlier run's weights a training may begin from: see `embeddings/models/start.py`."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa

from embeddings.models.contract import Recommender
from embeddings.models.hetero_gat import HeteroGat
from embeddings.models.start import FOLDER as START
from embeddings.models.start import Start, read_told
from embeddings.split import TRAIN
from recommender.artefacts import EVALUATED
from recommender.config import Config, read_config
from recommender.run_folder import Runs
from recommender.stage import StageContext

logger = logging.getLogger(__name__)

OURS: Final = HeteroGat.name


def earlier_start(context: StageContext, split: pa.Table) -> tuple[Start | None, str]:
    """Return what the newest other run of the same settings has left, or why nothing can be used.

    One that learnt from what is held out now must not be begun from.
    """
    config = context.config
    if context.anew or not config.model.hetero_gat.warm_start or OURS not in config.model.models:
        return None, ""
    for run in Runs(context.folder.parent).others(context.folder, config.name, "train"):
        theirs = read_config(run.path / "config.yaml", (), {})
        start = Start.load(run.path / EVALUATED / OURS / START, run.id)
        if start is None or _learns_as(theirs) != _learns_as(config):
            continue
        held_out = pl.DataFrame(split).filter(pl.col("part") != TRAIN)
        known = held_out.join(start.pairs, on=["user_id", "item_id"], how="semi").height
        if known:
            why = f"{run.id} had learnt from {known:,} pairs that are held out now (split.keep)"
            return None, why
        return start, ""
    return None, "no run of the same settings has left weights"


def _learns_as(config: Config) -> list[object]:
    return [config.encoder, config.features, config.model.hetero_gat]


def start_again(context: StageContext, chosen: Recommender, kind: str) -> Start | None:
    """Return what a refit of the evaluated model begins from: what that one began from, of a kind.

    Where that is gone, the refit begins anew, and takes the steps of both.

    Args:
        context: of the refit.
        chosen: the evaluated model; its `settings` are changed where the start is gone.
        kind: `EVALUATED` or `PUBLISHED`.
    """
    evaluated = context.folder / EVALUATED / chosen.name
    run = began_from(evaluated)
    if not isinstance(chosen, HeteroGat) or run is None:
        return None
    earlier = context.folder.parent / run / kind / chosen.name
    start = Start.load(earlier / START, run)
    if start is None:
        steps = read_told(evaluated / START)["steps"]
        logger.warning("%s has no weights to begin from: %d steps anew", earlier, steps)
        chosen.settings = chosen.settings.model_copy(update={"steps": steps})
    return start


def began_from(model: Path) -> str | None:
    """Return the run whose weights a saved model began from."""
    run: str | None = read_told(model / START)["began_from"] if (model / START).is_dir() else None
    return run
