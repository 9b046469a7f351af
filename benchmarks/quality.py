"""Recommendation quality, each figure from a config: `python -m benchmarks.quality --help`.

A row is a config; all baselines run (extra `baselines`). For each of some splits, drawn by the
run's seed, the row is run as far as `kgrec evaluate`; then `hetero-gat` is trained with further
seeds on the same split. Per user its figures are averaged over seeds and compared, paired, with the
baseline that is best on that test part. Runs stay in the runs' folder; called again, only what is
missing or was made by other code is done. Figures go into the page and the JSON beside it at once;
those of rows that are not asked for stay as they are.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from benchmarks.protocols import PROTOCOLS, slug
from embeddings.ablate import mean_per_user
from embeddings.comparison import MAIN, compare
from embeddings.evaluate import evaluate
from embeddings.models.hetero_gat import HeteroGat
from embeddings.pairs import frame
from embeddings.split import TRAIN, VALID
from recommender.experiments import Experiment
from recommender.run_folder import write_whole
from recommender.stages.view import Learning

ROOT: Final = Path(__file__).parents[1]
OURS: Final = "hetero-gat"
FIRST_SEED: Final = 20
KEPT: Final = "quality.json"
FIELD: Final = (
    *(OURS, "popularity", "recent-popularity", "time-popularity", "item-knn", "user-knn"),
    *("ease", "time-ease", "rp3beta", "pure-svd", "als", "bpr-mf", "lightgcn", "neumf"),
)
HOW: Final = """# Recommendation quality

Made by `make benchmark-quality`. Settings are those of `examples/`, chosen on validation parts; the
test part is looked at here.

## NDCG@10, full ranking

Two splits (seeds 20 and 21; one where times decide the split), three trainings of `hetero-gat` on
each, unless said otherwise. The best baseline is the one that is best on that test part, whichever
it is. `time-ease` is a part of `hetero-gat` and counts as a baseline. Intervals are paired, over
users.
"""


@dataclass(frozen=True)
class Row:
    """One row of the table.

    Attributes:
        name: set and protocol.
        config: of `examples/`.
        timed: whether times decide the split, so that there is only one; SASRec joins the field.
    """

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
        return slug(self.name)


ROWS: Final = (
    Row("Rotten Tomatoes, global time point", "rotten_tomatoes_global_time", timed=True),
    Row("ML-100K, global time point", "ml_100k_global_time", timed=True),
    Row("ML-100K, random", "ml_100k"),
    Row("Rotten Tomatoes, random", "rotten_tomatoes"),
    Row("Rotten Tomatoes, by user time", "rotten_tomatoes_by_user_time", timed=True),
    Row("Musical Instruments, random", "musical_instruments"),
    Row("Musical Instruments, by user time", "musical_instruments_by_user_time", timed=True),
    Row("Steam, random", "steam"),
)


@dataclass(frozen=True)
class Figures:
    """What a row reached on one split.

    Attributes:
        run: its id; `runs/<id>/config.yaml` has every setting.
        commit: of the code.
        users: with a test target.
        ours: mean NDCG@10 of each training of ours.
        baselines: NDCG@10 of each baseline.
        best: the baseline that is best on this test part.
        difference, low, high: ours, mean over trainings, less the best baseline; 95 % interval.
        seconds: of each model's training.
    """

    run: str
    commit: str
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
    sets = [row.models, f"seed={split_seed}"]
    experiment = _evaluated(folder / f"{row.slug}-{split_seed}", row.config, sets)
    kept = experiment.run.path / KEPT
    if kept.is_file():
        found = Figures(**json.loads(kept.read_text(encoding="utf-8")))
        if len(found.ours) == seeds:
            return found
    figures = _figures(experiment, seeds)
    write_whole(kept, json.dumps(asdict(figures), indent=1))
    return figures


def _evaluated(runs_dir: Path, config: str, sets: Sequence[str] = ()) -> Experiment:
    """Run a config of `examples/` as far as `kgrec evaluate`, as far as it is not done yet."""
    command = [sys.executable, "-m", "recommender", "evaluate", f"examples/{config}.yaml"]
    options = [part for each in sets for part in ("--set", each)]
    subprocess.run([*command, *options, "--runs-dir", str(runs_dir)], cwd=ROOT, check=True)
    return Experiment.of(runs_dir, "latest")


def _figures(experiment: Experiment, seeds: int) -> Figures:
    run = experiment.run
    metrics = json.loads((run.path / "metrics.json").read_text(encoding="utf-8"))
    learning = Learning.of(run.path, experiment.config)
    data = learning.training()
    refits = experiment.config.evaluate.refit
    judged = learning.training(frozenset({TRAIN, VALID})) if refits else data
    targets = learning.targets("test", judged)
    per_user = pl.read_parquet(run.path / "per_user.parquet")
    tables = [per_user.filter(pl.col("model") == OURS).to_arrow()]
    for seed in range(data.seed + 1, data.seed + seeds):
        model = HeteroGat(experiment.config.model.hetero_gat).fit(replace(data, seed=seed))
        own = replace(judged, seed=seed)
        if refits:
            model = HeteroGat(model.settings).fit(own)
        tables.append(evaluate(model, own, targets, known=judged.valid, seed=seed).per_user)
    baselines = {
        name: float(each["test"][MAIN]) for name, each in metrics["models"].items() if name != OURS
    }
    best = max(baselines, key=baselines.__getitem__)
    theirs = per_user.filter(pl.col("model") == best).to_arrow()
    found, *_ = compare(mean_per_user(tables), theirs, names=(OURS, best), seed=data.seed)
    return Figures(
        run=run.id,
        commit=_commit(),
        users=found.users,
        ours=[float(frame(table)[MAIN].mean() or 0.0) for table in tables],  # type: ignore[arg-type]
        baselines=baselines,
        best=best,
        difference=found.difference,
        low=found.low,
        high=found.high,
        seconds={name: float(each["seconds"]) for name, each in metrics["models"].items()},
    )


def verdicts(found: dict[str, list[Figures]]) -> str:
    """Ours against the best baseline in Markdown: means over splits, and what each split says."""
    lines = [
        "| set, protocol | hetero-gat | best baseline | ratio | difference (95 %) | time | code |",
        "|---|---|---|---|---|---|---|",
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
            f" | {np.mean([each.ratio for each in splits]):.3f} | {gaps} | {seconds:.0f} s"
            f" | {', '.join(dict.fromkeys(each.commit for each in splits))} |"
        )
    return "\n".join(lines)


def field(found: dict[str, list[Figures]]) -> str:
    """NDCG@10 and seconds of training of every model in Markdown, means over splits."""
    models = dict.fromkeys(name for splits in found.values() for name in splits[0].baselines)
    heads = "".join(f" {name} |" for name in found)
    lines = [f"| model |{heads}", "|---|" + "---|" * len(found)]
    for model in (OURS, *models):
        cells = (
            f" {np.mean([_ndcg(each, model) for each in splits]):.4f},"
            f" {np.mean([each.seconds[model] for each in splits]):.0f} s |"
            if model in splits[0].seconds
            else " – |"
            for splits in found.values()
        )
        lines.append(f"| {model} |" + "".join(cells))
    return "\n".join(lines)


def _ndcg(figures: Figures, model: str) -> float:
    return float(np.mean(figures.ours)) if model == OURS else figures.baselines[model]


@dataclass(frozen=True)
class Results:
    """What was measured so far, by whichever commit: a page in Markdown, and its figures in JSON.

    Attributes:
        page: where the page is; the figures are beside it.
        rows: name of a row → seed of a split → figures.
        protocols: name of a protocol → table.
    """

    page: Path
    rows: dict[str, dict[str, Figures]]
    protocols: dict[str, str]

    @classmethod
    def of(cls, page: Path) -> Results:
        """Read what is there."""
        place = page.with_suffix(".json")
        told = json.loads(place.read_text(encoding="utf-8")) if place.is_file() else {}
        rows = {
            name: {seed: Figures(**figures) for seed, figures in splits.items()}
            for name, splits in told.get("rows", {}).items()
        }
        return cls(page, rows, told.get("protocols", {}))

    def write(self) -> None:
        """Write both, rows and protocols in their order."""
        splits = {r.name: self.rows[r.name] for r in ROWS if r.name in self.rows}
        tables = {p.name: self.protocols[p.name] for p in PROTOCOLS if p.name in self.protocols}
        told = {
            "rows": {
                name: {seed: asdict(figures) for seed, figures in sorted(each.items())}
                for name, each in splits.items()
            },
            "protocols": tables,
        }
        found = {name: [each[seed] for seed in sorted(each)] for name, each in splits.items()}
        parts = [
            HOW,
            verdicts(found),
            f"\n## Every model\n\nNDCG@10 and seconds of training.\n\n{field(found)}",
            *(f"\n## {name}\n\n{table}" for name, table in tables.items()),
        ]
        write_whole(self.page.with_suffix(".json"), json.dumps(told, indent=1) + "\n")
        write_whole(self.page, "\n".join(parts) + "\n")


def _commit() -> str:
    """The commit, and whether anything but the results has changed since."""
    head = _git("rev-parse", "--short", "HEAD")
    changed = _git("status", "--porcelain", "-uno", "--", ".", ":!benchmarks/results.*")
    return f"{head}-dirty" if changed else head


def _git(*arguments: str) -> str:
    git = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the rows, and write the page of all that were measured so far."""
    parser = argparse.ArgumentParser("python -m benchmarks.quality", description=__doc__)
    slugs = [each.slug for each in (*ROWS, *PROTOCOLS)]
    parser.add_argument(
        "--only", nargs="*", choices=slugs, metavar="ROW", default=slugs, help="all, if absent"
    )
    parser.add_argument("--splits", type=int, default=2, help="splits of each row")
    parser.add_argument("--seeds", type=int, default=3, help="trainings of ours on each")
    parser.add_argument("--runs-dir", type=Path, default=Path("runs/quality"))
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results.md"))
    options = parser.parse_args(arguments)
    results = Results.of(options.output)
    for row in (row for row in ROWS if row.slug in options.only):
        for split in range(FIRST_SEED, FIRST_SEED + (1 if row.timed else options.splits)):
            figures = measure(row, split, seeds=options.seeds, folder=options.runs_dir)
            results.rows.setdefault(row.name, {})[str(split)] = figures
            results.write()
    for protocol in (protocol for protocol in PROTOCOLS if protocol.slug in options.only):
        run = _evaluated(options.runs_dir / protocol.slug, protocol.config).run
        results.protocols[protocol.name] = f"{protocol.table(run.path)}\n\nCode: {_commit()}."
        results.write()


if __name__ == "__main__":
    main()
