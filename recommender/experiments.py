"""Experiments on a run that is there: its data as `train` gives them to models, and a bar."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress as Bar

from kg.errors import ConfigError
from kg.progress import Progress
from recommender.config import Config, read_config
from recommender.run_folder import RunFolder, Runs
from recommender.stage import FILES


@dataclass(frozen=True)
class Experiment:
    """A run that came as far as training."""

    run: RunFolder
    config: Config

    @classmethod
    def of(cls, runs_dir: Path, run_id: str) -> Experiment:
        """Find the run.

        Raises:
            UnknownKeyError: there is no such run.
            ConfigError: it has not come as far as training.
        """
        run = Runs(runs_dir).get(run_id)
        if not run.holds([*FILES["split"], *FILES["snapshot"], *FILES["vectors"]]):
            raise ConfigError(
                f"Run {run.id} has not come as far as training.",
                remedy=f"Go on with it first:  kgrec train CONFIG --runs-dir {runs_dir}",
            )
        return cls(run, read_config(run.path / "config.yaml", (), {}))


@contextmanager
def trainings_bar(what: str) -> Iterator[Progress]:
    """Yield a progress that draws a bar on standard error while the block runs."""
    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)

        def progress(done: int, total: int | None = None, unit: str = what) -> None:
            bar.update(task, completed=done, total=total)

        yield progress
