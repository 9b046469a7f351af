"""The leading components of who liked what, beside co-occurrence, for large catalogues.

The ideal low-pass filter of GF-CF (Shen et al., CIKM 2021, eq. 9 and 10):

    F = D_i^-½ V Vᵀ D_i^½

V holds the k leading right singular vectors of D_u^-½ X D_i^-½; D_u and D_i count a user's items
and an item's users. Co-occurrence knows items with a user in common, F also those of one region of
the graph. A component has seen the very pairs that training asks for, and at a thousand of them a
pair nearly speaks for itself (on Gowalla the filter finds hidden pairs twice as often as new ones
by recall). So F scores at inference alone; see `LeaveOneOutResidual`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags_array
from sklearn.utils.extmath import randomized_svd

POWER_ITERATIONS = 4


@dataclass(frozen=True)
class LowPass:
    """F = P Qᵀ.

    Attributes:
        P, Q: D_i^-½ V and D_i^½ V, (I, k).
        start: the leading components of users, then of items, each times the root of its singular
            value, (U + I, d).
    """

    P: NDArray[np.float32]
    Q: NDArray[np.float32]
    start: NDArray[np.float32]

    @classmethod
    def of(cls, X: csr_matrix, *, components: int, width: int, seed: int) -> LowPass:
        """Fit to who liked what, (U, I).

        Args:
            X: ones, (U, I).
            components: k; at most as many as X has rows or columns.
            width: d.
            seed: of the decomposition's random start.
        """
        of_user, of_item = (
            np.asarray(X.sum(axis=axis)).ravel().clip(1.0).astype(np.float32) for axis in (1, 0)
        )
        A = csr_matrix(diags_array(of_user**-0.5) @ X @ diags_array(of_item**-0.5))
        k = min(components, *X.shape)
        U, s, VT = randomized_svd(A, k, n_iter=POWER_ITERATIONS, random_state=seed)
        V = np.ascontiguousarray(VT.T, np.float32)
        root = of_item[:, None] ** 0.5
        start = np.concatenate([U[:, :width], V[:, :width]]) * np.sqrt(s[:width])
        return cls(V / root, V * root, start.astype(np.float32))

    def rows(self, X: csr_matrix) -> NDArray[np.float32]:
        """Return X F for what speaks for some users, (n, I)."""
        scores: NDArray[np.float32] = (X @ self.P) @ self.Q.T
        return scores


def blended(
    W: csr_matrix, low_pass: LowPass, share: float, *, neighbours: int, block: int = 512
) -> csr_matrix:
    """Return W + share · F, the `neighbours` largest weights of each item j, (I, I).

    Only positive weights are kept, and none of an item for itself.

    Args:
        W: weights, j in rows, (I, I).
        low_pass: F.
        share: of F beside W.
        neighbours: weights kept in each row.
        block: rows worked on at a time.
    """
    items = W.shape[0]
    kept = min(neighbours, items)
    columns = np.empty((items, kept), np.int32)
    values = np.empty((items, kept), np.float32)
    for first in range(0, items, block):
        last = min(items, first + block)
        M = np.float32(share) * low_pass.P[first:last] @ low_pass.Q.T + W[first:last].toarray()
        M[np.arange(last - first), np.arange(first, last)] = 0.0
        best = np.argpartition(-M, kept - 1, axis=1)[:, :kept]
        columns[first:last] = best
        values[first:last] = np.take_along_axis(M, best, axis=1)
    result = csr_matrix(
        (values.ravel().clip(0.0), columns.ravel(), np.arange(items + 1) * kept), shape=W.shape
    )
    result.eliminate_zeros()
    result.sort_indices()
    return result
