"""Two runs against each other: their models of one name on the same held-out pairs."""

from __future__ import annotations

import polars as pl

from embeddings.comparison import Comparison, compare
from kg.errors import ConfigError
from recommender.run_folder import RunFolder

SEED = 20


def compare_runs(first: RunFolder, second: RunFolder) -> list[Comparison]:
    """Compare each model that both runs evaluated, the first run's with the second's.

    Raises:
        ConfigError: a run was not evaluated, they held out different pairs, or share no model.
    """
    splits = [_table(run, "split.parquet").sort("user_id", "item_id") for run in (first, second)]
    if not splits[0].equals(splits[1]):
        raise ConfigError(
            f"The runs {first.id} and {second.id} hold out different pairs ({_told(splits[0])};"
            f" {_told(splits[1])}), so their figures cannot be compared.",
            remedy="Run one of them again with the other's data, `split` and `seed`.",
        )
    ours, theirs = (_table(run, "per_user.parquet") for run in (first, second))
    evaluated = theirs["model"].unique().to_list()
    names = [name for name in ours["model"].unique(maintain_order=True) if name in evaluated]
    if not names:
        raise ConfigError(
            f"The runs {first.id} and {second.id} have no model in common:"
            f" {', '.join(ours['model'].unique(maintain_order=True))};"
            f" {', '.join(theirs['model'].unique(maintain_order=True))}.",
            remedy="docs/evaluation.md shows how to compare models of different names.",
        )
    return [
        found
        for name in names
        for found in compare(
            ours.filter(pl.col("model") == name).to_arrow(),
            theirs.filter(pl.col("model") == name).to_arrow(),
            names=(name, name),
            seed=SEED,
        )
    ]


def _table(run: RunFolder, name: str) -> pl.DataFrame:
    place = run.path / name
    if not place.is_file():
        raise ConfigError(
            f"The run {run.id} was not evaluated yet: {place} is missing.",
            remedy="Finish it with `kgrec run` and the same config, or name another run.",
        )
    return pl.read_parquet(place)


def _told(split: pl.DataFrame) -> str:
    counts = dict(split["part"].value_counts().iter_rows())
    return " / ".join(f"{counts.get(part, 0):,}" for part in ("train", "valid", "test"))
