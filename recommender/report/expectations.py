"""What was expected of the data before training, and of the results before they were published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from recommender.report.folder import Folder, mapping

_WORDS: Final = {True: "met", False: "not met", None: "not judged"}


@dataclass(frozen=True)
class Expected:
    """One row: before what, what was looked at, found and wanted, and the verdict in words."""

    before: str
    name: str
    found: str
    wanted: str
    verdict: str


def expected_of(folder: Folder) -> list[Expected]:
    """Return the rows: of the data first, then of the results; none where nothing was looked at."""
    data = folder.document("checks.json").get("expectations", [])
    results = folder.document("gate.json").get("entries", [])
    told = [*(("training", row) for row in data), *(("publishing", row) for row in results)]
    return [_row(before, mapping(row)) for before, row in told]


def forced_by(folder: Folder) -> str:
    """Return who had a model learn from the data although they were not as expected, or nothing."""
    return str(folder.document("checks.json").get("forced_by") or "")


def _row(before: str, row: Mapping[str, object]) -> Expected:
    met = row.get("met")
    return Expected(
        before=before,
        name=str(row.get("name")),
        found=str(row.get("found")),
        wanted=str(row.get("wanted")),
        verdict=_WORDS.get(met if isinstance(met, bool) else None, "not judged"),
    )
