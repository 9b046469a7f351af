"""Experiments on a run that is there: its data as `train` gives them to models."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kg.errors import ConfigError
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
