"""Item–item weights in closed form from who liked what, and when.

EASE (Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019, eq. 8) with a kernel
on time: two items that a user took close together count more than two taken years apart.

    G_jk = Σ_u [(1 - r) + r exp(-|t_uj - t_uk| / T)],   P = (G + λI)⁻¹
    B_jk = -P_jk / P_kk,   B_kk = 0

r = 0 is EASE. A catalogue too large for the inverse gets the two-step walk of `CoOccurrence`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dpotrf, dpotri
from scipy.sparse import csr_matrix, diags_array

from embeddings.sparse_rows import leading, product_blocks
from embeddings.training_data import Pairs
from kg.errors import ModelError

T = TypeVar("T", bound=np.generic)
CELLS_PER_CHUNK = 4_000_000
SOURCE: Final = 0.75  # a, of an item's own popularity
TARGET: Final = 0.3  # b, of the popularity of what it speaks for
USER: Final = 0.5  # c, of a user's number of items


def weights_of(G: NDArray[np.float64], l2: float) -> NDArray[np.float32]:
    """Return B of a Gram matrix G, (I, I).

    Raises:
        ModelError: λ is not positive.
    """
    if l2 <= 0:
        raise ModelError(f"The ridge must be positive, got {l2}.")
    P = _inverse(G + l2 * np.eye(len(G)))
    B = -P / np.diag(P)
    np.fill_diagonal(B, 0.0)
    return B.astype(np.float32)


def _inverse(A: NDArray[np.float64]) -> NDArray[np.float64]:
    """Inverse of a symmetric positive definite matrix by Cholesky, in n³ operations."""
    factor, failed = dpotrf(A, lower=1, overwrite_a=1)
    if failed:
        raise ModelError(f"The co-occurrences are not positive definite (potrf: {failed}).")
    lower, _ = dpotri(factor, lower=1, overwrite_c=1)
    P: NDArray[np.float64] = np.tril(lower) + np.tril(lower, -1).T
    return P


def co_occurrence(
    pairs: Pairs, items: int, *, time_share: float = 0.0, time_scale_days: float = 365.0
) -> NDArray[np.float64]:
    """Return G, (I, I).

    Args:
        pairs: training pairs; the liked ones count.
        items: I.
        time_share: r; 0 where no day is known.
        time_scale_days: T.
    """
    keep = pairs.positive
    user, item, day = pairs.user[keep], pairs.item[keep], pairs.day[keep]
    X = csr_matrix((np.ones(len(user)), (user, item)), shape=(user.max(initial=-1) + 1, items))
    G: NDArray[np.float64] = (X.T @ X).toarray()
    if time_share == 0.0 or np.isnan(day).all():
        return G
    near = np.zeros(items * items)
    for left, right in _pairs_within(user):
        closeness = np.exp(-np.abs(day[left] - day[right]) / time_scale_days)
        cell = item[left] * items + item[right]
        near += np.bincount(cell, np.nan_to_num(closeness), minlength=items * items)
    closeness_sum = near.reshape(items, items)
    np.fill_diagonal(closeness_sum, np.diag(G))
    return (1.0 - time_share) * G + time_share * closeness_sum


def _pairs_within(
    group: NDArray[np.int64],
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """All ordered pairs of rows of one group, in chunks; `group` is sorted."""
    size = np.bincount(group)[group] if len(group) else group
    start = np.searchsorted(group, group)
    chunk = np.cumsum(size) // CELLS_PER_CHUNK
    for number in range(int(chunk.max(initial=-1)) + 1):
        rows = np.flatnonzero(chunk == number)
        left = np.repeat(rows, size[rows])
        step = np.arange(len(left)) - np.repeat(np.cumsum(size[rows]) - size[rows], size[rows])
        yield left, start[left] + step


def neighbour_weights(X: csr_matrix, *, neighbours: int, shrink: float) -> csr_matrix:
    """Return cosine item–item weights, the `neighbours` largest per item j, (I, I).

    s_jk = G_jk / (|x_j| |x_k| + shrink), G = XᵀX (Sarwar et al., WWW 2001).

    Args:
        X: who liked what, (U, I).
        neighbours: non-zero weights kept in each column.
        shrink: pulls weights that rest on few users towards 0.
    """
    norm = np.sqrt(np.asarray(X.multiply(X).sum(axis=0)).ravel())
    XT = X.T.tocsr()
    rows, columns, values = [], [], []
    for block in product_blocks(XT, X):
        G = csr_matrix(XT[block] @ X)
        weight = G.data / (_per_row(norm[block], G) * norm[G.indices] + shrink)
        target, source, kept = _largest_others(G, weight, block.start, neighbours)
        rows.append(source)
        columns.append(target)
        values.append(weight[kept])
    return csr_matrix(
        (
            np.concatenate(values).astype(np.float32),
            (np.concatenate(rows), np.concatenate(columns)),
        ),
        shape=(X.shape[1], X.shape[1]),
    )


@dataclass(frozen=True)
class CoOccurrence:
    """W_ji = d_j^-a (Σ_u x_uj x_ui n_u^-c) d_i^-b, W_ii = 0; each j keeps its largest weights.

    The linear filter ÃᵀÃ of GF-CF (Shen et al., CIKM 2021, eq. 8: a = b = 1/2, c = 1) and the walk
    of RP3β (Paudel et al., 2017) with the exponents free; d and n count an item's users and a
    user's items.

    Attributes:
        W: the weights, j in rows, (I, I) float32.
        source, target: d^-a and d^-b, (I,).
        of_user: n^-c, (U,).
    """

    W: csr_matrix
    source: NDArray[np.float32]
    target: NDArray[np.float32]
    of_user: NDArray[np.float32]

    @classmethod
    def of(cls, X: csr_matrix, *, neighbours: int) -> CoOccurrence:
        """Fit to who liked what, (U, I)."""
        count = np.asarray(X.sum(axis=0)).ravel().clip(1.0)
        size = np.asarray(X.sum(axis=1)).ravel().clip(1.0)
        powers = (count**-SOURCE, count**-TARGET, size**-USER)
        source, target, of_user = (power.astype(np.float32) for power in powers)
        to_user, to_item = X.T.tocsr(), csr_matrix(diags_array(of_user) @ X)
        rows, columns, sums = [], [], []
        for block in product_blocks(to_user, to_item):
            G = csr_matrix(to_user[block] @ to_item)
            worth = G.data * target[G.indices]
            j, i, kept = _largest_others(G, worth, block.start, neighbours)
            rows.append(j)
            columns.append(i)
            sums.append(G.data[kept])
        j, i = np.concatenate(rows), np.concatenate(columns)
        weight = source[j] * np.concatenate(sums) * target[i]
        W = csr_matrix((weight, (j, i)), shape=(X.shape[1], X.shape[1]))
        return cls(W, source, target, of_user)


def _largest_others(
    G: csr_matrix, value: NDArray[np.floating], first: int, count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Row, column and position of the largest values of each row but for the diagonal's.

    Args:
        G: rows of a square matrix from row `first` on.
        value: of each entry of G.
        first: see G.
        count: of each row.
    """
    near = leading(G.indptr, value, count + 1)
    row, column = _per_row(np.arange(first, first + G.shape[0]), G)[near], G.indices[near]
    other = np.flatnonzero(row != column)
    kept = other[largest_per_group(row[other], value[near[other]], count)]
    return row[kept], column[kept].astype(np.int64), near[kept]


def _per_row(values: NDArray[T], G: csr_matrix) -> NDArray[T]:
    """The value of its row for each entry of G."""
    return np.repeat(values, np.diff(G.indptr))


def largest_per_group(
    group: NDArray[np.int64], value: NDArray[np.floating], count: int
) -> NDArray[np.int64]:
    """Return the positions of the `count` largest values of each group; ties go to the first."""
    order = np.lexsort((-value, group))
    ordered = group[order]
    rank = np.arange(len(order)) - np.searchsorted(ordered, ordered)
    return order[rank < count]


def strongest(B: NDArray[np.float32] | csr_matrix, count: int) -> csr_matrix:
    """Return the `count` largest positive weights of each column of B, (I, I)."""
    sparse = csr_matrix(np.maximum(B, 0)) if isinstance(B, np.ndarray) else B
    coo = sparse.tocoo()
    kept = largest_per_group(coo.col.astype(np.int64), coo.data, count)
    return csr_matrix((coo.data[kept], (coo.row[kept], coo.col[kept])), shape=sparse.shape)
