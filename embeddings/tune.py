"""Settings chosen on validation by Optuna (Akiba et al., KDD 2019): TPE, with median pruning.

Every model gets the same number of trials, and the settings that it has now are the first of
them. What is judged is the mean over some seeds of NDCG@10 on the validation targets, for models of
ratings alone of the RMSE on the validation ratings; the test part is never looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np
import torch

from embeddings.comparison import MAIN, RMSE
from embeddings.models.checks import CurvePoint
from embeddings.models.contract import RatingPredictor, Recommender
from embeddings.models.hetero_gat import HeteroGat
from embeddings.models.settings import HeteroGatSettings, ModelName, ModelSettings
from embeddings.models.validation import Validation, rating_rmse
from embeddings.search_space import RATING_SPACE, SPACES, Space, Span, Value
from embeddings.train import make_model
from embeddings.training_data import TrainingData
from kg.errors import ConfigError, ModelError
from kg.progress import Progress, no_progress
from kg.settings import Settings

if TYPE_CHECKING:
    import optuna

S = TypeVar("S", bound=Settings)
_PRUNE_AFTER = 5
"""Trials, and checks of a trial, before a trial may be stopped early."""


@dataclass(frozen=True)
class Tuned:
    """What a study found.

    Attributes:
        settings: only those that were searched, of the best trial.
        metric: by which trials are judged, MAIN or RMSE.
        valid: of the best trial.
        first: of the settings that the model had before.
        trials: how many the study holds now, stopped ones included.
        steps: steps that early stopping chose in the best trial, mean over seeds; None for models
            without steps.
    """

    settings: dict[str, Value]
    metric: str
    valid: float
    first: float
    trials: int
    steps: int | None


def tune(
    name: ModelName,
    base: ModelSettings,
    data: TrainingData,
    *,
    folder: Path,
    trials: int,
    seeds: int = 1,
    seconds: float | None = None,
    progress: Progress = no_progress,
) -> Tuned:
    """Search, going on with the study that `folder` holds, until it has `trials` trials.

    Args:
        name: the model.
        base: settings of all that is not searched, and of the first trial.
        data: the training part, with validation targets.
        folder: keeps the study, `<name>.jsonl` (`<name>-rmse.jsonl` of ratings).
        trials: how many in all; a study that has as many is only read.
        seeds: fits per trial, from `data.seed` on; their mean counts.
        seconds: begin no trial after so long.
        progress: told of trials done.

    Raises:
        ConfigError: the model has nothing to tune.
        ModelError: Optuna is not installed, there are no validation targets, or the time was too
            short for a single trial.
    """
    section = base.of(name)
    if section is None or name not in SPACES:
        raise ConfigError(
            f"{name} has nothing to tune.", remedy=f"These have: {', '.join(SPACES)}."
        )
    metric, space = RMSE if base.rates_only(name) else MAIN, _space(name, section)
    study = _open(folder, name, metric, data.seed)
    if not study.trials:
        study.enqueue_trial(_values(section, space))
    judge = _judge(metric, data)

    def objective(trial: optuna.Trial) -> float:
        settings = _suggested(trial, section, space)
        judged = [
            _fit_and_judge(
                name, base, settings, replace(data, seed=data.seed + n), judge, trial, n == 0
            )
            for n in range(seeds)
        ]
        trial.set_user_attr("steps", [steps for _, steps in judged])
        return float(np.mean([reached for reached, _ in judged]))

    def told(study: optuna.Study, _trial: object) -> None:
        progress(len(study.trials), trials, "trials")

    left = max(0, trials - sum(trial.state.is_finished() for trial in study.trials))
    study.optimize(objective, n_trials=left, timeout=seconds, callbacks=[told])
    if not any(trial.value is not None for trial in study.trials):
        raise ModelError(
            f"No trial of {name} came to its end.", remedy="Give it more time, or more trials."
        )
    best = study.best_trial
    steps = [each for each in best.user_attrs["steps"] if each is not None]
    return Tuned(
        settings=dict(best.params),
        metric=metric,
        valid=float(study.best_value),
        first=float(study.trials[0].value or 0.0),
        trials=len(study.trials),
        steps=round(float(np.mean(steps))) if steps else None,
    )


def _space(name: ModelName, section: Settings) -> Space:
    """What is searched."""
    if isinstance(section, HeteroGatSettings) and not section.ranks:
        return RATING_SPACE
    return SPACES[name]


def _judge(metric: str, data: TrainingData) -> Callable[[Recommender], float]:
    """Return what a fitted model reaches on the validation part."""
    if metric == MAIN:
        validation = Validation(data)
        return lambda model: validation.ndcg(lambda users: torch.from_numpy(model.score(users)))
    wanted = data.valid_ratings
    if wanted is None:
        raise ModelError(
            "Ratings are to be predicted, but no pair of the validation part has one.",
            remedy="Map a rating column in the source, or raise split.valid.",
        )

    def rmse(model: Recommender) -> float:
        predictor = cast("RatingPredictor", model)
        return rating_rmse(predictor.predict_ratings(wanted.user, wanted.item), wanted)

    return rmse


def _open(folder: Path, name: str, metric: str, seed: int) -> optuna.Study:
    try:
        import optuna
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend
    except ImportError as error:
        raise ModelError(
            "Tuning needs Optuna, which is not installed.",
            remedy="Install it with:  pip install 'kgrec[tune]'",
        ) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    folder.mkdir(parents=True, exist_ok=True)
    stem = name if metric == MAIN else f"{name}-{metric}"
    return optuna.create_study(
        study_name=stem,
        storage=JournalStorage(JournalFileBackend(str(folder / f"{stem}.jsonl"))),
        direction="maximize" if metric == MAIN else "minimize",
        sampler=optuna.samplers.TPESampler(seed=seed, multivariate=True),
        pruner=optuna.pruners.MedianPruner(
            n_startup_trials=_PRUNE_AFTER, n_warmup_steps=_PRUNE_AFTER
        ),
        load_if_exists=True,
    )


def _fit_and_judge(
    name: ModelName,
    base: ModelSettings,
    settings: Settings,
    data: TrainingData,
    judge: Callable[[Recommender], float],
    trial: optuna.Trial,
    may_stop: bool,
) -> tuple[float, int | None]:
    """Return what is reached on validation, and the steps that early stopping chose."""
    model: Recommender = make_model(name, base.with_section(name, settings))
    if isinstance(model, HeteroGat):
        model.fit(data, on_check=_prune(trial) if may_stop else None)
    else:
        model.fit(data)
    return judge(model), getattr(model.settings, "steps", None)


def _prune(trial: optuna.Trial) -> Callable[[CurvePoint], None]:
    """Report each check of a training; stop the trial where it lags behind the others' median."""
    import optuna

    checks = count(1)

    def check(point: CurvePoint) -> None:
        reached = point.valid_rmse if point.valid_ndcg is None else point.valid_ndcg
        trial.report(reached or 0.0, next(checks))
        if trial.should_prune():
            raise optuna.TrialPruned

    return check


def _suggested(trial: optuna.Trial, section: S, searched: Space) -> S:
    values: dict[str, object] = {}
    for field, space in searched.items():
        several = isinstance(getattr(section, field), tuple)
        if isinstance(space, Span):
            value: object = trial.suggest_float(field, space.low, space.high, log=space.log)
        else:
            value = trial.suggest_categorical(field, space)
        values[field] = (value,) if several else value
    return type(section).model_validate(section.model_dump() | values)


def _values(section: Settings, searched: Space) -> dict[str, Value]:
    """The settings of a section that are searched; of several values, the first."""
    values = {field: getattr(section, field) for field in searched}
    return {field: v[0] if isinstance(v, tuple) else v for field, v in values.items()}
