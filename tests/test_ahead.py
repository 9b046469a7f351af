"""Work ahead: in order, one thing at a time, and what goes wrong there is raised here."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from kg.ahead import ahead


def test_the_next_loaf_is_baked_while_the_one_at_hand_is_eaten() -> None:
    baked = [threading.Event() for _ in range(3)]

    def oven() -> Iterator[int]:
        for loaf, ready in enumerate(baked):
            ready.set()
            yield loaf

    eaten = []
    for loaf in ahead(oven()):
        assert all(ready.wait(10) for ready in baked[: loaf + 2])
        assert not any(ready.is_set() for ready in baked[loaf + 2 :])
        eaten.append(loaf)
    assert eaten == [0, 1, 2]


def test_a_loaf_that_burns_is_told_after_the_good_ones() -> None:
    def oven() -> Iterator[str]:
        yield "good"
        raise ValueError("burnt")

    loaves = ahead(oven())
    assert next(loaves) == "good"
    with pytest.raises(ValueError, match="burnt"):
        next(loaves)
