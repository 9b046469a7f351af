"""How far a run is, in a file of its folder, so that another terminal can see it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from recommender.run_folder import write_whole

FILE: Final = "progress.json"
EVERY: Final = timedelta(seconds=1)
"""How often it is written, at most."""


class Progressed(BaseModel):
    """What `progress.json` holds.

    Attributes:
        stage: the stage at work.
        place, stages: it is the place-th of so many.
        since: when the stage began.
        at: when this was written.
        done, total, unit: how far it is; a stage may begin anew in another unit.
        rate: units per second since the unit's first report; None before there is a second one.
    """

    model_config = ConfigDict(extra="forbid")

    stage: str
    place: int
    stages: int
    since: datetime
    at: datetime
    done: int = 0
    total: int | None = None
    unit: str = ""
    rate: float | None = None

    @property
    def left(self) -> timedelta | None:
        """Time that the stage still takes if it goes on like this; None where nobody can tell."""
        if self.total is None or not self.rate:
            return None
        return timedelta(seconds=max(0, self.total - self.done) / self.rate)


class ProgressFile:
    """Writes `progress.json`, and takes it away at the end."""

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        self._path = folder / FILE
        self._clock = clock
        self._told: Progressed | None = None
        self._first: tuple[str, int, datetime] | None = None

    def began(self, stage: str, stages: Collection[str]) -> None:
        """Note that one of the stages begins."""
        now, place = self._clock(), list(stages).index(stage) + 1
        self._first = None
        self._write(Progressed(stage=stage, place=place, stages=len(stages), since=now, at=now))

    def progressed(self, done: int, total: int | None, unit: str) -> None:
        """Note how far the stage is, if the last note is old enough."""
        now, told = self._clock(), self._told
        if told is None:
            return
        if self._first is None or self._first[0] != unit or done < self._first[1]:
            self._first = (unit, done, now)
        elif now - told.at < EVERY:
            return
        _, first, since = self._first
        seconds = (now - since).total_seconds()
        rate = (done - first) / seconds if seconds > 0 else None
        changes = {"at": now, "done": done, "total": total, "unit": unit, "rate": rate}
        self._write(told.model_copy(update=changes))

    def close(self) -> None:
        """Take the file away."""
        self._path.unlink(missing_ok=True)

    def _write(self, told: Progressed) -> None:
        self._told = told
        write_whole(self._path, told.model_dump_json())


def read_progress(folder: Path) -> Progressed | None:
    """Return how far a run is, if it is at work and says so."""
    try:
        return Progressed.model_validate_json((folder / FILE).read_bytes())
    except (OSError, ValidationError):
        return None
