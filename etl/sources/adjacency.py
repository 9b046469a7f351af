"""The `adjacency` source: lines `user item item …`, as LightGCN's sets have them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import polars as pl

from etl.sources.base import (
    MAX_KEY,
    Batch,
    Batches,
    Behaviour,
    Declared,
    FileSource,
    ReadSettings,
    Reason,
    short_name,
)
from etl.sources.files import Block, Reject, read_blocks
from etl.sources.rows import LINE, RAW, Seen, rejected_table
from etl.sources.typed import typed_table


class AdjacencySource(FileSource):
    """Each line names a user and all items of that user, separated by blanks."""

    type: Literal["adjacency"]
    """Which reader."""
    behaviour: Behaviour = "INTERACTED"
    """What the user did with the items."""

    def declares(self) -> Declared:
        """Return the labels and types that the rows bring into the graph."""
        return Declared(behaviours=frozenset({self.behaviour}))


def read_adjacency(source: AdjacencySource, folder: Path, limits: ReadSettings) -> Batches:
    """Yield users and interactions; a row is a line.

    Raises:
        SourceError: the file is missing or damaged.
    """
    seen = Seen()
    for block in map(Block.filled, read_blocks(source, source.find(folder), limits)):
        yield _batch(source, block, seen)


def _batch(source: AdjacencySource, block: Block, seen: Seen) -> Batch:
    file = short_name(source.path, source.member)
    lines = pl.DataFrame(
        [
            pl.Series(LINE, block.numbers, dtype=pl.Int64),
            pl.Series(RAW, block.lines, dtype=pl.String),
        ]
    ).with_columns(keys=pl.col(RAW).str.extract_all(r"\S+"))
    longest = pl.col("keys").list.eval(pl.element().str.len_chars()).list.max().fill_null(0)
    repeated = pl.Series(seen.repeats(lines[RAW].hash().to_numpy()), dtype=pl.Boolean)
    reason = (
        pl.when(longest == 0)
        .then(pl.lit(Reason.MISSING_KEY))
        .when(longest > MAX_KEY)
        .then(pl.lit(Reason.TEXT_TOO_LONG))
        .when(repeated)
        .then(pl.lit(Reason.DUPLICATE))
    )
    marked = lines.with_columns(reason=reason)
    bad = marked.filter(pl.col("reason").is_not_null())
    rejects = [
        Reject(line, Reason(why), "", raw)
        for line, why, raw in bad.select(LINE, "reason", RAW).rows()
    ]
    good = marked.filter(pl.col("reason").is_null()).select(
        user_id=pl.col("keys").list.first(), item_id=pl.col("keys").list.slice(1)
    )
    name = pl.lit(file).alias("source")
    acts = good.explode("item_id").filter(pl.col("item_id").is_not_null())
    return Batch(
        file=file,
        rows=lines.height + len(block.rejected),
        accepted=good.height,
        tables={
            "users": typed_table("users", good.select("user_id", traits=None, source=name)),
            "interactions": typed_table("interactions", _acts(acts, source, name)),
        },
        rejected=rejected_table(file, [*block.rejected, *rejects]),
        position=block.position,
    )


def _acts(acts: pl.DataFrame, source: AdjacencySource, name: pl.Expr) -> pl.DataFrame:
    return acts.select(
        "user_id",
        "item_id",
        behaviour=pl.lit(source.behaviour),
        rating=None,
        positive=None,
        count=None,
        dwell_seconds=None,
        at=None,
        split=pl.lit(source.part, dtype=pl.String),
        source=name,
    )
