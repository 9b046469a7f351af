"""Rows in the order of their merge key."""

from __future__ import annotations

import pyarrow as pa

from kg.rows import sort_rows


def test_rows_are_sorted_by_all_of_the_key_and_equal_ones_stay_as_they_came() -> None:
    table = pa.table(
        {
            "who": ["bob", "ann", "bob", "ann"],
            "what": ["tea", "tea", "jam", "tea"],
            "no": [1, 2, 3, 4],
        }
    )
    assert sort_rows(table, ["who", "what"])["no"].to_pylist() == [2, 4, 3, 1]


def test_rows_that_are_in_order_are_not_copied() -> None:
    table = pa.table({"who": ["ann", "ann", "bob"], "places": [[1], [2], [3]]})
    assert sort_rows(table, ["who"]) is table
    empty = table.slice(0, 0)
    assert sort_rows(empty, ["who"]) is empty
