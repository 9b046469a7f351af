"""Products of large sparse matrices a few rows at a time, and the largest values of each row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, csr_matrix

BLOCK_CELLS: Final = 16_000_000
_BLOCK_ROWS: Final = 65_536


def product_blocks(left: csr_array | csr_matrix, right: csr_array | csr_matrix) -> Iterator[slice]:
    """Yield parts of the rows of `left` whose product with `right` is small.

    A part times its longest row has at most `BLOCK_CELLS` values, or is a single row.
    """
    ones = csr_array((np.ones(len(left.indices)), left.indices, left.indptr), shape=left.shape)
    longest = np.minimum(ones @ np.diff(right.indptr), right.shape[1])
    first = 0
    while first < left.shape[0]:
        ahead = np.maximum.accumulate(longest[first : first + _BLOCK_ROWS])
        fit = ahead * np.arange(1, len(ahead) + 1) <= BLOCK_CELLS
        end = first + max(1, int(fit.sum()))
        yield slice(first, end)
        first = end


def leading(
    indptr: NDArray[np.integer], values: NDArray[np.floating], count: int
) -> NDArray[np.int64]:
    """Return the positions of each row's `count` largest values, and of what ties with the last.

    Args:
        indptr: where the rows begin and end, as in a CSR matrix, (n + 1,).
        values: row after row.
        count: at least 1.
    """
    size = np.diff(indptr)
    if size.max(initial=0) <= count:
        return np.arange(len(values))
    padded = np.full((len(size), size.max()), -np.inf, values.dtype)
    padded[np.arange(size.max()) < size[:, None]] = values
    padded.partition(padded.shape[1] - count, axis=1)
    return np.flatnonzero(values >= np.repeat(padded[:, padded.shape[1] - count], size))


def cells(
    matrix: csr_array, row: NDArray[np.integer], column: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Return the values at these places, (n,).

    SciPy looks through all of a matrix before it takes single values from it, so the few rows that
    count here are taken first. Of no places it gives a sparse array.
    """
    if not len(row):
        return np.empty(0)
    wanted = np.zeros(matrix.shape[0], np.bool_)
    wanted[row] = True
    number = np.cumsum(wanted) - 1
    values: NDArray[np.float64] = matrix[wanted.nonzero()[0]][number[row], column]
    return values
