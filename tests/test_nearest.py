"""Who is nearest to whom, in whatever parts it is found."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from embeddings import nearest as nearest_module
from embeddings import sparse_rows
from embeddings.nearest import nearest
from embeddings.sparse_rows import leading, product_blocks


def readers() -> csr_array:
    """Ann and Bob share two quiet books, Ann and Cid the one that all have read; Dan reads none."""
    books = [[1, 1, 1, 0], [1, 1, 1, 0], [1, 0, 0, 1], [0, 0, 0, 0]]
    return csr_array(np.array(books, np.float32))


@pytest.mark.parametrize("cells", [1, 500, 16_000_000])
def test_the_nearest_are_those_with_the_largest_cosines(
    cells: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sparse_rows, "BLOCK_CELLS", cells)
    rows = np.random.default_rng(0).random((60, 20)) * (
        np.random.default_rng(1).random((60, 20)) < 0.2
    )
    length = np.linalg.norm(rows, axis=1).clip(1e-9)
    cosine = rows @ rows.T / length[:, None] / length
    np.fill_diagonal(cosine, 0)
    found = nearest(csr_array(rows), 5).toarray()
    assert (np.count_nonzero(found, axis=1) <= 5).all()
    np.testing.assert_allclose(np.sort(found)[:, -5:], np.sort(cosine)[:, -5:], atol=1e-12)


def test_what_everybody_reads_is_left_out_where_all_is_too_much(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert nearest(readers(), 3)[0].nonzero()[0].tolist() == [1, 2]
    monkeypatch.setattr(
        nearest_module, "MOST_PRODUCTS", 9
    )  # 3² of the first, 2² + 2² + 1 of others
    assert nearest(readers(), 3)[0].nonzero()[0].tolist() == [1]


def test_the_leading_values_of_a_row_include_what_ties_with_the_last() -> None:
    values = np.array([3.0, 1.0, 2.0, 2.0, 5.0])
    assert leading(np.array([0, 4, 4, 5]), values, 2).tolist() == [0, 2, 3, 4]
    assert leading(np.array([0, 4, 4, 5]), values, 4).tolist() == [0, 1, 2, 3, 4]


def test_blocks_cover_all_rows_once_and_hold_no_more_than_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sparse_rows, "BLOCK_CELLS", 8)
    rows = readers()
    by_book = csr_array(rows.T)
    blocks = list(product_blocks(rows, by_book))
    assert [(block.start, block.stop) for block in blocks] == [(0, 2), (2, 4)]
    assert max((rows[block] @ by_book).nnz for block in blocks) <= 8
