"""Lines to rows: a frame of named columns with line numbers, whatever the format.

Every reader here yields `Rows`; `mapping.py` gives the columns their meaning.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from etl.sources.base import MAX_RAW
from etl.sources.files import Reject
from etl.tables import REJECTED

LINE: Final = "\0line"
RAW: Final = "\0raw"


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Some rows of one file, not yet understood.

    Attributes:
        frame: the columns as in the file (String, List(String), or the types of a Parquet file),
            and `LINE`, the 1-based number of the row's first line.
        rejected: rows set aside so far.
        raw: gives a row as it was.
        identity: gives a row's 64-bit hash; equal rows have equal ones.
        position: bytes of the file consumed so far.
    """

    frame: pl.DataFrame
    rejected: list[Reject] = field(default_factory=list)
    raw: pl.Expr = field(default_factory=lambda: pl.col(RAW))
    identity: pl.Expr = field(default_factory=lambda: pl.col(RAW).hash())
    position: int = 0

    @property
    def read(self) -> int:
        """Return the number of rows, good and bad."""
        return self.frame.height + len(self.rejected)


def rejected_table(file: str, rejects: list[Reject]) -> pa.Table:
    """Return rejected rows as a table of schema `REJECTED`."""
    lines, reasons, details, raws = zip(*rejects, strict=True) if rejects else ((), (), (), ())
    columns = [
        [file] * len(lines),
        list(lines),
        [str(reason) for reason in reasons],
        [_storable(detail) for detail in details],
        [_storable(raw[:MAX_RAW]) for raw in raws],
    ]
    return pa.table(columns, schema=REJECTED)


def _storable(text: str) -> str:
    """Escape lone surrogates, which no file can hold."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


class Seen:
    """Finds rows that came before, by 64-bit hashes: 8 bytes a row.

    Hashes are kept in sorted runs that are merged when they grow alike, so a look-up costs a
    binary search in a few runs. Two different rows of a file of 100 million share a hash with
    probability 0.0003.
    """

    def __init__(self) -> None:
        self._runs: list[NDArray[np.uint64]] = []

    def repeats(self, hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Return which of `hashes`, (n,), came before (here or in an earlier call)."""
        distinct, first = np.unique(hashes, return_index=True)
        repeated = np.ones(len(hashes), dtype=np.bool_)
        repeated[first] = False
        for run in self._runs:
            place = np.minimum(np.searchsorted(run, hashes), len(run) - 1)
            repeated |= run[place] == hashes
        self._add(distinct)
        return repeated

    def _add(self, run: NDArray[np.uint64]) -> None:
        while self._runs and len(self._runs[-1]) <= 2 * len(run):
            run = np.union1d(self._runs.pop(), run)
        if len(run):
            self._runs.append(run)
