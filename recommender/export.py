"""The split of a run as files that other tools read, by the keys of users and items."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import polars as pl
import pyarrow.parquet as pq

from embeddings.pairs import PAIR, pairs_of
from kg.errors import ConfigError
from recommender.run_folder import RunFolder

SplitFormat = Literal["parquet", "csv", "recbole"]
PARTS: Final = ("train", "valid", "test")
_BREAKS_ATOMS: Final = r'[\t\r\n"]'


def split_table(run: RunFolder) -> pl.DataFrame:
    """Return user_id, item_id, part, positive, rating, at of each pair of a run's split.

    `positive` tells liked pairs from others: the liked ones of a held-out part are its targets.

    Raises:
        ConfigError: the run has made no split.
    """
    split, staged = run.path / "split.parquet", run.path / "staging" / "interactions.parquet"
    if not (split.is_file() and staged.is_file()):
        raise ConfigError(
            f"The run {run.id} has no split yet: {split} or {staged} is missing.",
            remedy="Finish it with `kgrec run` and the same config, or name another run.",
        )
    known = pairs_of(pq.read_table(staged)).drop("weight")
    return pl.read_parquet(split).join(known, on=PAIR, how="left", maintain_order="left")


def export_split(run: RunFolder, format_: SplitFormat, output: Path | None) -> list[Path]:
    """Write a run's split, and return the files.

    Args:
        run: whose split.
        format_: parquet and csv: one file with all columns of `split_table`. recbole: a folder
            of atomic files NAME.train.inter, NAME.valid.inter and NAME.test.inter, NAME being the
            folder's name, with the liked pairs.
        output: the file, or for recbole the folder; by default named after the data set, in the
            current folder.

    Raises:
        ConfigError: no split yet, or keys that atomic files cannot hold.
    """
    table, dataset = split_table(run), run.record().dataset
    if format_ == "recbole":
        return _write_atoms(table, output or Path(dataset))
    place = output or Path(f"{dataset}-split.{format_}")
    place.parent.mkdir(parents=True, exist_ok=True)
    if format_ == "csv":
        table.write_csv(place)
    else:
        table.write_parquet(place)
    return [place]


def _write_atoms(table: pl.DataFrame, folder: Path) -> list[Path]:
    for key in PAIR:
        broken = table.filter(pl.col(key).str.contains(_BREAKS_ATOMS))
        if broken.height:
            raise ConfigError(
                f"The {key} {broken[key][0]!r} holds a tab, a line break or a quote, which"
                " RecBole's files cannot hold.",
                remedy="Export as csv or parquet.",
            )
    seconds = pl.col("at").dt.epoch("ms") / 1000
    typed = [
        pl.col("user_id").alias("user_id:token"),
        pl.col("item_id").alias("item_id:token"),
        *([pl.col("rating").alias("rating:float")] if table["rating"].count() else []),
        *([seconds.alias("timestamp:float")] if table["at"].count() else []),
    ]
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for part in PARTS:
        place = folder / f"{folder.resolve().name}.{part}.inter"
        rows = table.filter(pl.col("positive") & (pl.col("part") == part)).select(typed)
        rows.write_csv(place, separator="\t", quote_style="never")
        written.append(place)
    return written
