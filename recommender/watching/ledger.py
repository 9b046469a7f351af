"""What was taken: one JSON object a line, so that nothing is taken twice."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from recommender.fingerprints import content_hash


class Taken(BaseModel):
    """One file.

    Attributes:
        name: under which it came and lies in its source's folder.
        folder: that folder.
        sha256: of its content.
        at: when.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    folder: Path
    sha256: str
    at: datetime


@dataclass(frozen=True)
class Ledger:
    """The list, in the order of taking. A line counts while its file is there as it was."""

    path: Path

    def add(self, taken: Taken) -> None:
        """Write a line, to the disk."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(taken.model_dump_json() + "\n")
            file.flush()
            os.fsync(file.fileno())

    def with_content(self, sha256: str) -> Taken | None:
        """Return the file of this content that lies in a source's folder, if one does."""
        for each in self:
            place = each.folder / each.name
            if each.sha256 == sha256 and place.is_file() and content_hash(place) == sha256:
                return each
        return None

    def __iter__(self) -> Iterator[Taken]:
        """Yield every line that was written whole."""
        if not self.path.exists():
            return
        with self.path.open(encoding="utf-8") as file:
            for line in file:
                try:
                    yield Taken.model_validate_json(line)
                except ValidationError:  # a killed process left half a line
                    continue
