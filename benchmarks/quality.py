"""Recommendation quality, each figure from a config: `python -m benchmarks.quality --help`.

A row is a config; all baselines run (extra `baselines`). For each of
some splits, drawn by the run's seed, the row is run as far as `kgrec evaluate`; then `hetero-gat`
is trained with further seeds on the same split. Per user its figures are averaged over seeds and
compared, paired, with the baseline that is best on that test part. Runs and figures stay in the
runs' folder; called again, only what is missing or was made by other code is done.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from embeddings.ablate import mean_per_user
from embeddings.comparison import MAIN, compare
from embeddings.evaluate import evaluate
from embeddings.models.hetero_gat import HeteroGat
from embeddings.pairs import frame
from recommender.experiments import Experiment
from recommender.run_folder import write_whole
from recommender.stages.view import Learning

ROOT: Final = Path(__file__).parents[1]
OURS: Final = "hetero-gat"
FIRST_SEED: Final = 20
FIELD: Final = (
    *(OURS, "popularity", "recent-popularity", "time-popularity", "item-knn", "user-knn"),
    *("ease", "time-ease", "rp3beta", "pure-svd", "als", "bpr-mf", "lightgcn"),
)


@dataclass(frozen=True)
class Row:
    """One row of the table."""

    name: str
    config: str
    timed: bool = False

    @property
    def models(self) -> str:
        """All models, as a setting."""
        return f"model.models=[{', '.join((*FIELD, 'sasrec') if self.timed else FIELD)}]"

    @property
    def slug(self) -> str:
        """Its name as a folder's."""
        return re.sub("[^a-z0-9]+", "-", self.name.lower())


ROWS: Final = (
    Row("ML-100K, random", "ml_100k"),
    Row("Rotten Tomatoes, random", "rotten_tomatoes"),
    Row("Rotten Tomatoes, by user time", "rotten_tomatoes_by_user_time", timed=True),
    Row("Rotten Tomatoes, global time point", "rotten_tomatoes_global_time", timed=True),
    Row("ML-100K, global time point", "ml_100k_global_time", timed=True),
    Row("Musical Instruments, random", "musical_instruments"),
    Row("Musical Instruments, by user time", "musical_instruments_by_user_time", timed=True),
    Row("Steam, random", "steam"),
)


@dataclass(frozen=True)
class Figures:
    """What a row reached on one split.

    Attributes:
        run: its id; `runs/<id>/config.yaml` has every setting.
        users: with a test target.
        ours: mean NDCG@10 of each training of ours.
        baselines: NDCG@10 of each baseline.
        best: the baseline that is best on this test part.
        difference, low, high: ours, mean over trainings, less the best baseline; 95 % interval.
        seconds: of each model's training.
    """

    run: str
    users: int
    ours: list[float]
    baselines: dict[str, float]
    best: str
    difference: float
    low: float
    high: float
    seconds: dict[str, float]

    @property
    def ratio(self) -> float:
        """Ours over the best baseline."""
        return float(np.mean(self.ours)) / self.baselines[self.best]


def measure(row: Row, split_seed: int, *, seeds: int, folder: Path) -> Figures:
    """Run a row on one split as far as it is not done yet, and compare; see the module."""
    runs_dir = folder / f"{row.slug}-{split_seed}"
    sets = [part for each in (row.models, f"seed={split_seed}") for part in ("--set", each)]
    config = f"examples/{row.config}.yaml"
    command = [sys.executable, "-m", "recommender", "evaluate", config]
    subprocess.run([*command, *sets, "--runs-dir", str(runs_dir)], cwd=ROOT, check=True)
    experiment = Experiment.of(runs_dir, "latest")
    kept = experiment.run.path / "quality.json"
    if kept.is_file():
        found = Figures(**json.loads(kept.read_text(encoding="utf-8")))
        if len(found.ours) == seeds:
            return found
    figures = _figures(experiment, seeds)
    write_whole(kept, json.dumps(asdict(figures), indent=1))
    return figures


def _figures(experiment: Experiment, seeds: int) -> Figures:
    run = experiment.run
    metrics = json.loads((run.path / "metrics.json").read_text(encoding="utf-8"))
    learning = Learning.of(run.path, experiment.config)
    data = learning.training()
    targets = learning.targets("test", data)
    tables = []
    for seed in range(data.seed, data.seed + seeds):
        own = replace(data, seed=seed)
        model = HeteroGat(experiment.config.model.hetero_gat).fit(own)
        tables.append(evaluate(model, own, targets, known=data.valid, seed=seed).per_user)
    baselines = {
        name: float(each["test"][MAIN]) for name, each in metrics["models"].items() if name != OURS
    }
    best = max(baselines, key=baselines.__getitem__)
    per_user = pl.read_parquet(run.path / "per_user.parquet").filter(pl.col("model") == best)
    found = compare(mean_per_user(tables), per_user.to_arrow(), names=(OURS, best), seed=data.seed)[
        0
    ]
    return Figures(
        run=run.id,
        users=found.users,
        ours=[float(frame(table)[MAIN].mean() or 0.0) for table in tables],  # type: ignore[arg-type]
        baselines=baselines,
        best=best,
        difference=found.difference,
        low=found.low,
        high=found.high,
        seconds={name: float(each["seconds"]) for name, each in metrics["models"].items()},
    )


def table(found: dict[str, list[Figures]]) -> str:
    """The rows as a table in Markdown: means over splits, and each split's comparison."""
    lines = [
        "| set, protocol | hetero-gat | best baseline | ratio | difference, 95 % | training |",
        "|---|---|---|---|---|---|",
    ]
    for name, splits in found.items():
        ours = [value for each in splits for value in each.ours]
        best = float(np.mean([each.baselines[each.best] for each in splits]))
        names = ", ".join(dict.fromkeys(each.best for each in splits))
        gaps = "; ".join(
            f"{each.difference:+.4f} [{each.low:+.4f}, {each.high:+.4f}]" for each in splits
        )
        seconds = float(np.mean([each.seconds[OURS] for each in splits]))
        lines.append(
            f"| {name} | {np.mean(ours):.4f} (sd {np.std(ours):.4f}) | {best:.4f} ({names})"
            f" | {np.mean([each.ratio for each in splits]):.3f} | {gaps} | {seconds:.0f} s |"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the rows, and print and write the table."""
    parser = argparse.ArgumentParser("python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=[row.slug for row in ROWS], metavar="ROW")
    parser.add_argument("--splits", type=int, default=2, help="splits of each row")
    parser.add_argument("--seeds", type=int, default=3, help="trainings of ours on each")
    parser.add_argument("--runs-dir", type=Path, default=Path("runs/quality"))
    options = parser.parse_args(arguments)
    found: dict[str, list[Figures]] = {}
    for row in ROWS:
        if options.only and row.slug not in options.only:
            continue
        found[row.name] = [
            measure(row, FIRST_SEED + split, seeds=options.seeds, folder=options.runs_dir)
            for split in range(options.splits)
        ]
        write_whole(options.runs_dir / "results.md", table(found) + "\n")
    print(table(found))


if __name__ == "__main__":
    main()
