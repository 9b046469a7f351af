"""check: what is expected of the data before anything is learnt from it."""

from __future__ import annotations

import json
from dataclasses import asdict

import psutil

from embeddings.data_checks import Figures, expectations
from kg.errors import ConfigError, UnfitDataError
from recommender.artefacts import CHECKS
from recommender.config import Config, read_config
from recommender.paths import PATH_FIELDS
from recommender.report import write_report
from recommender.run_folder import RunFolder, Runs, write_whole
from recommender.stage import StageContext, StageResult


def check(context: StageContext) -> StageResult:
    """Look at the snapshot beside that of the run before.

    Raises:
        UnfitDataError: an expectation is not met, and nobody forces it.
    """
    folder = context.folder
    now = Figures.of(folder / "snapshot", folder / "staging" / "topic_drift.parquet")
    found = expectations(now, _before(context), context.config.check)
    failed = [each for each in found if each.met is False]
    forced_by = psutil.Process().username() if failed and context.force_data else None
    told = {
        "expectations": [asdict(each) for each in found],
        "figures": now.model_dump(),
        "forced_by": forced_by,
    }
    write_whole(folder / CHECKS, json.dumps(told, indent=1))
    if failed and forced_by is None:
        page = write_report(folder)
        told_each = "\n".join(f"  {each}" for each in failed)
        raise UnfitDataError(
            f"Nothing is learnt from these data, and no list was changed:\n{told_each}",
            remedy="If they are right nonetheless, run it again with --force-data (your name is"
            f" kept with it). What is asked for: check in the config. All of it: {page}",
        )
    judged = [each for each in found if each.met is not None]
    met = f"{sum(bool(each.met) for each in judged)} of {len(judged)} expectations met"
    return StageResult(f"{met}, forced by {forced_by}" if forced_by else met)


def _before(context: StageContext) -> Figures | None:
    """Return the figures of the newest other run that asked the same of its sources, and learnt."""
    asked = _asked(context.config)
    for run in Runs(context.folder.parent).others(context.folder, context.config.name, "check"):
        if (run.path / CHECKS).is_file() and _asked_by(run) == asked:
            told = json.loads((run.path / CHECKS).read_text(encoding="utf-8"))
            return Figures.model_validate(told["figures"])
    return None


def _asked_by(run: RunFolder) -> list[object] | None:
    """Return the same of an earlier run; None where another version wrote its config."""
    try:
        return _asked(read_config(run.path / "config.yaml", (), {}))
    except ConfigError:
        return None


def _asked(config: Config) -> list[object]:
    """Return what is read out of files, wherever they are."""
    places = {*PATH_FIELDS, "hint", "member"}
    return [config.read, *(source.model_dump(exclude=places) for source in config.sources)]
