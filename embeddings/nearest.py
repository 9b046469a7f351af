"""Which rows of a sparse matrix are alike: users by what they like, items by who likes them."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from scipy.sparse import csr_array, diags_array

from embeddings.sparse_rows import leading, product_blocks

MOST_PRODUCTS: Final = 2_000_000_000
"""Some minutes' work of one core."""


def nearest(rows: csr_array, count: int) -> csr_array:
    """Return the cosines of each row with its `count` nearest other rows, (n, n).

    Rows are compared by the columns that they share, at a cost of the squared size of each column.
    Where all together cost more than `MOST_PRODUCTS`, the fullest columns are left out, which tell
    least: what everybody likes says of nobody whose taste is near.
    """
    length = np.sqrt(np.asarray(rows.multiply(rows).sum(1), np.float64)).ravel()
    unit = csr_array(diags_array(1.0 / np.where(length > 0, length, 1.0)) @ rows)
    unit = _affordable(unit)
    by_column = csr_array(unit.T)
    empty = {"row": pl.Int64, "column": pl.Int64, "cosine": pl.Float64}
    blocks = [pl.DataFrame(schema=empty)]
    for block in product_blocks(unit, by_column):
        cosine = csr_array(unit[block] @ by_column)
        kept = leading(cosine.indptr, cosine.data, count + 1)
        row = np.repeat(np.arange(block.start, block.stop), np.diff(cosine.indptr))[kept]
        best = (
            pl.DataFrame({"row": row, "column": cosine.indices[kept], "cosine": cosine.data[kept]})
            .filter(pl.col("row") != pl.col("column"))
            .sort(["row", "cosine", "column"], descending=[False, True, False])
            .group_by("row", maintain_order=True)
            .head(count)
        )
        blocks.append(best.cast(empty))  # type: ignore[arg-type]  # names to types
    table = pl.concat(blocks)
    place = (table["row"].to_numpy(), table["column"].to_numpy())
    return csr_array((table["cosine"].to_numpy(), place), shape=(unit.shape[0], unit.shape[0]))


def _affordable(rows: csr_array) -> csr_array:
    """The rows without the fullest columns, as far as the work asks for it."""
    size = np.bincount(rows.indices, minlength=rows.shape[1]).astype(np.int64)
    order = np.argsort(size, kind="stable")
    work = np.cumsum(size[order] ** 2)
    if not len(work) or work[-1] <= MOST_PRODUCTS:
        return rows
    kept = np.sort(order[: np.searchsorted(work, MOST_PRODUCTS, side="right")])
    return csr_array(rows[:, kept])
