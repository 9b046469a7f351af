"""New users of a run: models trained anew without some users, then told what these like."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

from embeddings.models.contract import FoldsIn
from embeddings.new_users import NewUsers, draw_new_users, evaluate_new_users, without_users
from embeddings.train import fit, folding_models, load, make_model
from kg.errors import ConfigError
from kg.progress import Progress
from recommender.artefacts import EVALUATED
from recommender.experiments import Experiment
from recommender.run_folder import write_whole
from recommender.stages.view import Learning

NAME = "new_users.json"


def new_users_of_run(
    experiment: Experiment, *, share: float, progress: Progress
) -> list[dict[str, object]]:
    """Write `new_users.json` and return a row per configured model that can score new users.

    Raises:
        ConfigError: no configured model can, or the text encoder has learnt from all users.
        ModelError: none of the drawn users has a like to tell and one to ask for, or the run has
            not trained its models.
    """
    config, folder = experiment.config, experiment.run.path
    rankers = [name for name in config.model.models if not config.model.rates_only(name)]
    names = [name for name in rankers if name in folding_models()]
    if not names:
        raise ConfigError(
            f"None of {', '.join(config.model.models)} can score people whom training never saw.",
            remedy=f"Put one that learns to rank into model.models: {', '.join(folding_models())}.",
        )
    if config.encoder.fine_tune is not None:
        raise ConfigError(
            "The text encoder of this run was fine-tuned on what all users like, so none is new.",
            remedy="Run the config with encoder.fine_tune: null, and ask for that run.",
        )
    learning = Learning.of(folder, config)
    data = learning.training()
    keys = draw_new_users(learning.split, share=share, seed=config.seed)
    new = NewUsers.of(keys, data, learning.targets("test", data), learning.targets("valid", data))
    left = replace(learning, split=without_users(learning.split, keys)).training()
    rows: list[dict[str, object]] = []
    for name in names:
        with_them = load(name, folder / EVALUATED / name)
        model = fit(make_model(name, config.model), left, progress=progress).model
        if isinstance(model, FoldsIn):
            figures = evaluate_new_users(new, without=model, with_them=with_them, seed=config.seed)
            rows.append({"model": name, **asdict(figures)})
    write_whole(folder / NAME, json.dumps({"share": share, "models": rows}, indent=1))
    return rows
