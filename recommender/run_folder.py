"""The folder of a run: what it was told, how far it is, and what it left behind.

    runs/<id>/config.yaml   the settings in full, without secrets
              run.json      every stage with fingerprint, status, seconds and counts
              log.jsonl     one JSON object a line
              staging/ split.parquet snapshot/ models/ metrics.json report.html …

Files are replaced whole (`os.replace`), never written in place: a killed run leaves the old one.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from kg.errors import ConfigError, UnknownKeyError

Status = Literal["running", "done", "reused", "partial", "interrupted", "failed"]
Count = int | float | str
RECORD = "run.json"
LOCK = ".lock"
"""Held, in the folder of all runs, by whoever works on one."""
_STAMP: Final = "%Y%m%d-%H%M%S"


class StageRecord(BaseModel):
    """How one stage of a run went.

    Attributes:
        fingerprint: hash of everything that the stage's result depends on.
        by: id of the run that did the work; another one's where its artefacts were taken over.
        graph_run: the :EtlRun or :ModelRun that answers for what it wrote into the graph.
    """

    model_config = ConfigDict(extra="forbid")

    fingerprint: str
    status: Status
    by: str
    started_at: datetime
    seconds: float = 0.0
    summary: str = ""
    counts: dict[str, Count] = {}
    graph_run: str = ""

    @property
    def finished(self) -> bool:
        """Whether the stage's artefacts can be relied upon."""
        return self.status in ("done", "reused")

    @property
    def ended_at(self) -> datetime:
        """When it ended."""
        return self.started_at + timedelta(seconds=self.seconds)


class RunRecord(BaseModel):
    """What `run.json` holds.

    Attributes:
        privacy: hash of the salt and of the list of forgotten people under which it was read, or
            has been cleaned since; another one's artefacts are not taken over.
    """

    model_config = ConfigDict(extra="forbid")

    id: str
    dataset: str
    target: str
    fingerprint: str
    version: str
    started_at: datetime
    pid: int
    status: Status
    privacy: str = ""
    error: str = ""
    finished_at: datetime | None = None
    stages: dict[str, StageRecord] = {}


@dataclass(frozen=True)
class RunFolder:
    """One run's folder."""

    path: Path

    @property
    def id(self) -> str:
        """The run's id, which is the folder's name."""
        return self.path.name

    @property
    def second(self) -> datetime:
        """The second that the id tells; long ago if somebody named the folder otherwise."""
        try:
            return datetime.strptime(self.id[:15], _STAMP).replace(tzinfo=UTC)
        except ValueError:
            return datetime.min.replace(tzinfo=UTC)

    def record(self) -> RunRecord:
        """Read `run.json`.

        Raises:
            ConfigError: it is missing or not ours.
        """
        place = self.path / RECORD
        try:
            return RunRecord.model_validate_json(place.read_bytes())
        except (OSError, ValidationError) as error:
            raise ConfigError(
                f"{place} cannot be read as the record of a run: {error}",
                remedy="Name another run, or remove this folder.",
            ) from error

    def save(self, record: RunRecord) -> None:
        """Replace `run.json`."""
        write_whole(self.path / RECORD, record.model_dump_json(indent=1))

    def holds(self, patterns: Iterable[str]) -> bool:
        """Tell whether each pattern names at least one file."""
        return all(any(self.path.glob(pattern)) for pattern in patterns)

    def remove(self, patterns: Iterable[str]) -> None:
        """Remove the files that the patterns name."""
        for pattern in patterns:
            for found in list(self.path.glob(pattern)):
                found.unlink() if found.is_file() else shutil.rmtree(found)

    def take_over(self, other: RunFolder, patterns: Iterable[str]) -> None:
        """Link (or copy, where links cannot be) the files of another run into this folder."""
        for pattern in patterns:
            for found in other.path.glob(pattern):
                _link(found, self.path / found.relative_to(other.path))


@dataclass(frozen=True)
class Runs:
    """The folder of all runs (`--runs-dir`)."""

    path: Path

    def __iter__(self) -> Iterator[RunFolder]:
        """Yield the runs, newest first."""
        if self.path.is_dir():
            for folder in sorted(self.path.iterdir(), reverse=True):
                if (folder / RECORD).is_file():
                    yield RunFolder(folder)

    def others(self, than: Path, dataset: str, stage: str) -> Iterator[RunFolder]:
        """Yield the other runs of a dataset that have finished a stage, newest first."""
        for run in self:
            record = run.record()
            done = record.stages.get(stage)
            if run.path != than and record.dataset == dataset and done and done.finished:
                yield run

    def create(self, *, now: datetime, fingerprint: str) -> RunFolder:
        """Make the folder of a new run; ids sort by time.

        Where there is one of this second already, or of a later one by a clock that was wrong, the
        id tells the second after it.
        """
        salt = f"{fingerprint} {now.isoformat()} {os.getpid()}"
        short = hashlib.sha256(salt.encode()).hexdigest()[:6]
        second = now.astimezone(UTC)
        if newest := next(iter(self), None):
            second = max(second, newest.second + timedelta(seconds=1))
        folder = RunFolder(self.path / f"{second:{_STAMP}}-{short}")
        folder.path.mkdir(parents=True)
        return folder

    def get(self, run_id: str) -> RunFolder:
        """Return a run by its id, the id's beginning, or `latest`.

        Raises:
            UnknownKeyError: there is no such run, or the beginning fits several.
        """
        runs = list(self)
        if run_id == "latest" and runs:
            return runs[0]
        fitting = [run for run in runs if run.id == run_id] or [
            run for run in runs if run.id.startswith(run_id)
        ]
        if len(fitting) != 1:
            raise UnknownKeyError(
                "run" if not fitting else f"single run (there are {len(fitting)}) that begins with",
                run_id,
                [run.id for run in runs],
                remedy=f"`kgrec runs list --runs-dir {self.path}` shows them.",
            )
        return fitting[0]


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader sees either the old or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def _link(source: Path, target: Path) -> None:
    if source.is_dir():
        for child in source.iterdir():
            _link(child, target / child.name)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
