"""What was expected of the results before they were published, from the gate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from recommender.report.folder import Folder, mapping

NAME: Final = "gate.json"
_WORDS: Final = {True: "met", False: "not met", None: "not judged"}


@dataclass(frozen=True)
class Expected:
    """One row: what was looked at, what was found, what was wanted, and the verdict in words."""

    name: str
    found: str
    wanted: str
    verdict: str


def expected_of(folder: Folder) -> list[Expected]:
    """Return the rows, none where nothing was published."""
    rows = [mapping(row) for row in folder.document(NAME).get("entries", [])]
    return [
        Expected(
            name=str(row.get("name")),
            found=str(row.get("found")),
            wanted=str(row.get("wanted")),
            verdict=_WORDS.get(row.get("met"), "not judged"),
        )
        for row in rows
    ]
