"""What is expected of data or results before a run goes on: one row of a table, with a verdict."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Expectation:
    """One thing that was looked at.

    Attributes:
        wanted, found: in words, with figures.
        met: None where it could not be judged; `found` says why.
    """

    name: str
    wanted: str
    found: str
    met: bool | None

    def __str__(self) -> str:
        return f"{self.name}: {self.found}; wanted {self.wanted}"
