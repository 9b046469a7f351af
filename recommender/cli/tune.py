"""`kgrec tune`: settings of a model, searched on the validation part of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import typer

from recommender.cli.options import DEFAULT_RUNS, RunId, RunsDir

if TYPE_CHECKING:
    from embeddings.models.settings import ModelName
    from embeddings.search_space import Value


def tune(
    run: RunId = "latest",
    model: Annotated[str, typer.Option("--model", "-m", help="Which model.")] = "hetero-gat",
    trials: Annotated[int, typer.Option(min=1, help="How many settings to try in all.")] = 40,
    seeds: Annotated[int, typer.Option(min=1, help="Fits per trial; their mean counts.")] = 1,
    minutes: Annotated[
        float | None, typer.Option(min=0.0, help="Begin no trial after so long.")
    ] = None,
    runs_dir: RunsDir = DEFAULT_RUNS,
) -> None:
    """Search settings on validation (Optuna; the test part is never looked at).

    The run must have come as far as `kgrec train`. The study stays in its folder, below `tune/`:
    stopped and called again, it goes on, and more trials go on from those that are there.

    [bold]Example[/]

    kgrec train my.yaml && kgrec tune latest --model ease --trials 30
    """
    import yaml

    from embeddings.search_space import SPACES
    from kg.errors import UnknownKeyError
    from recommender.cli.bar import progress_bar
    from recommender.experiments import Experiment

    if model not in SPACES:
        raise UnknownKeyError("model with settings to search", model, list(SPACES))
    experiment = Experiment.of(runs_dir, run)
    config = experiment.config

    from embeddings.tune import tune as search
    from recommender.stages.view import Learning

    data = Learning.of(experiment.run.path, config).training()
    with progress_bar(f"{model}: trials") as progress:
        found = search(
            cast("ModelName", model),
            config.model,
            data,
            folder=experiment.run.path / "tune",
            trials=trials,
            seeds=seeds,
            seconds=None if minutes is None else 60 * minutes,
            progress=progress,
        )
    change = found.valid / found.first - 1 if found.first else 0.0
    print(f"# {config.name}, {found.trials} trials on the validation part, seed {config.seed}:")
    said = f"{found.metric.upper()} {found.valid:.4f}"
    print(f"# {said}, {change:+.1%} against the settings before")
    if found.steps:
        print(f"# Early stopping chose about {found.steps} steps.")
    print("# The best of many trials is partly luck: judge it on the test part, once.")
    chosen = {name: _short(value) for name, value in found.settings.items()}
    section = {"model": {model.replace("-", "_"): chosen}}
    print(yaml.safe_dump(section, sort_keys=False), end="")


def _short(value: Value) -> Value:
    """Four digits are enough for a setting, and read better."""
    return float(f"{value:.4g}") if isinstance(value, float) else value
