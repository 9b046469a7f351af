"""`kgrec tune`: settings of a model, searched on the validation part of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import typer

from recommender.cli.options import DEFAULT_RUNS, RunsDir

if TYPE_CHECKING:
    from embeddings.models.settings import ModelName


def tune(
    run: Annotated[str, typer.Argument(help="A run's id, its beginning, or `latest`.")] = "latest",
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
    from rich.console import Console
    from rich.progress import Progress as Bar

    from embeddings.search_space import SPACES
    from kg.errors import ConfigError, UnknownKeyError
    from recommender.config import read_config
    from recommender.run_folder import Runs
    from recommender.stage import FILES

    if model not in SPACES:
        raise UnknownKeyError("model with settings to search", model, list(SPACES))
    folder = Runs(runs_dir).get(run)
    if not folder.holds([*FILES["split"], *FILES["snapshot"], *FILES["vectors"]]):
        raise ConfigError(
            f"Run {folder.id} has not come as far as training.",
            remedy=f"Go on with it first:  kgrec train CONFIG --runs-dir {runs_dir}",
        )
    config = read_config(folder.path / "config.yaml", (), {})

    from embeddings.tune import tune as search
    from recommender.stages.view import Learning

    data = Learning.of(folder.path, config).training()
    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"{model}: trials", total=trials)

        def progress(done: int, total: int | None = None, unit: str = "trials") -> None:
            bar.update(task, completed=done, total=total)

        found = search(
            cast("ModelName", model),
            config.model,
            data,
            folder=folder.path / "tune",
            trials=trials,
            seeds=seeds,
            seconds=None if minutes is None else 60 * minutes,
            progress=progress,
        )
    gain = found.valid_ndcg / found.first_ndcg - 1 if found.first_ndcg else 0.0
    print(f"# {config.name}, {found.trials} trials on the validation part, seed {config.seed}:")
    print(f"# NDCG@10 {found.valid_ndcg:.4f}, {gain:+.1%} over the settings before")
    print("# The best of many trials is partly luck: judge it on the test part, once.")
    chosen = {name: _short(value) for name, value in found.settings.items()}
    section = {"model": {model.replace("-", "_"): chosen}}
    print(yaml.safe_dump(section, sort_keys=False), end="")


def _short(value: float) -> float:
    """Four digits are enough for a setting, and read better."""
    return float(f"{value:.4g}") if isinstance(value, float) else value
