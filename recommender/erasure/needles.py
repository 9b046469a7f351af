"""Many byte strings in one pass over any content, whose time does not grow with their number."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from mmap import mmap
from typing import Final

import numpy as np
from numpy.typing import NDArray

_ANCHOR: Final = 8
"""Bytes at the beginning of a string by which it is first found."""
_CHUNK: Final = 1 << 24
_WORD: Final = re.compile(rb"[0-9A-Za-z_-]")


class Needles:
    """Strings to be found; `words` only where no letter, digit, _ or - stands beside them."""

    def __init__(self, texts: Iterable[bytes], words: Iterable[bytes] = ()) -> None:
        self._wanted: dict[int, list[tuple[bytes, bool]]] = defaultdict(list)
        self._short: list[tuple[bytes, bool]] = []
        for wanted, alone in ((texts, False), (words, True)):
            for each in sorted(set(wanted)):
                if len(each) < _ANCHOR:
                    self._short.append((each, alone))
                else:
                    anchor = int.from_bytes(each[:_ANCHOR], "little")
                    self._wanted[anchor].append((each, alone))
        self._anchors = np.array(sorted(self._wanted), np.uint64)
        self._begins = np.zeros(1 << 16, np.bool_)
        self._begins[(self._anchors & np.uint64(0xFFFF)).astype(np.int64)] = True

    def in_(self, content: bytes | mmap) -> bool:
        """Tell whether any of them is in the content."""
        return any(self._found(content, each, alone) for each, alone in self._short) or any(
            self._at(content, place, each, alone)
            for place in self._candidates(content)
            for each, alone in self._wanted[int.from_bytes(content[place : place + 8], "little")]
        )

    def _found(self, content: bytes | mmap, wanted: bytes, alone: bool) -> bool:
        place = content.find(wanted)
        while place >= 0 and not self._at(content, place, wanted, alone):
            place = content.find(wanted, place + 1)
        return place >= 0

    @staticmethod
    def _at(content: bytes | mmap, place: int, wanted: bytes, alone: bool) -> bool:
        end = place + len(wanted)
        if content[place:end] != wanted:
            return False
        beside = (
            content[place - 1 : place] + content[end : end + 1] if place else content[end : end + 1]
        )
        return not (alone and _WORD.search(beside))

    def _candidates(self, content: bytes | mmap) -> Iterator[int]:
        """Where one of the strings may begin."""
        if not len(self._anchors):
            return
        for first in range(0, len(content), _CHUNK):
            part = np.frombuffer(content[first : first + _CHUNK + _ANCHOR - 1], np.uint8)
            for place in self._anchored(part):
                yield first + int(place)

    def _anchored(self, part: NDArray[np.uint8]) -> NDArray[np.int64]:
        if len(part) < _ANCHOR:
            return np.empty(0, np.int64)
        last = len(part) - _ANCHOR + 1
        pairs = part[:last].astype(np.uint16) | (part[1 : last + 1].astype(np.uint16) << 8)
        begin = np.flatnonzero(self._begins[pairs])
        heads = part[begin[:, None] + np.arange(_ANCHOR)].view("<u8").ravel()
        at = np.minimum(np.searchsorted(self._anchors, heads), len(self._anchors) - 1)
        places: NDArray[np.int64] = begin[self._anchors[at] == heads]
        return places
