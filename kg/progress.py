"""How long work tells the one who started it how far it is. The library never prints."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """A stage reports here; the command line draws bars, tests and libraries pass `no_progress`."""

    def __call__(self, done: int, total: int | None = None, unit: str = "rows") -> None: ...


def no_progress(done: int, total: int | None = None, unit: str = "rows") -> None:
    """Report to nobody."""
