"""A file that has arrived: to the source that it fits, or aside with the reason."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from etl.people import People
from etl.read import read_sources
from etl.sources import DelimitedSource, ReadSettings
from kg.errors import ConfigError, RejectedRowsError, SourceError
from recommender.fingerprints import content_hash
from recommender.terminal import is_text, plain
from recommender.watching.ledger import Ledger, Taken

REJECTED: Final = "rejected"
"""Folder, in the one that is watched, of files that cannot be taken."""
LEDGER: Final = ".taken.jsonl"
_REASON: Final = ".reason.txt"
_LONGEST: Final = 255 - len(_REASON)
"""Bytes of the name of a file that is set aside."""


@dataclass(frozen=True)
class Intake:
    """Takes files out of one folder.

    Attributes:
        sources: those of the config whose `path` is a pattern.
        limits: how a trial reads them; it is what the load does afterwards.
    """

    folder: Path
    sources: Sequence[DelimitedSource]
    limits: ReadSettings
    people: People

    @classmethod
    def of(
        cls, folder: Path, sources: Sequence[object], limits: ReadSettings, people: People
    ) -> Intake:
        """Return an intake for the sources of a config.

        Raises:
            ConfigError: there is no such folder, no source has a pattern, or one names this folder.
        """
        fitting = [each for each in sources if isinstance(each, DelimitedSource) and each.pattern]
        if not folder.is_dir():
            raise ConfigError(
                f"{folder} is no folder.", remedy="Make it, and let files arrive there."
            )
        if not fitting:
            raise ConfigError(
                "No source of the config has a pattern for its path, so nothing could join it.",
                remedy="Write, say, path: taken/reviews-*.csv; new files are moved there.",
            )
        for each in fitting:
            if Path(each.path).parent.resolve() == folder.resolve():
                raise ConfigError(
                    f"The source {each.path} reads the folder that is watched.",
                    remedy="Let `path` name another folder; whole files are moved there.",
                )
        return cls(folder, fitting, limits, people)

    @property
    def ledger(self) -> Ledger:
        """What was taken so far."""
        return Ledger(self.folder / LEDGER)

    def waiting(self) -> list[str]:
        """Return the patterns that no file fits yet."""
        return [each.path for each in self.sources if not _has_files(each)]

    def take(self, file: Path, now: datetime) -> str | None:
        """Move a file to its source, where the next load finds it; or aside.

        A file of the same name takes the place of the one that was taken before.

        Returns:
            Why it was set aside; None if it was taken.
        """
        source = next((e for e in self.sources if fnmatchcase(file.name, e.pattern or "")), None)
        reason = self._reason(file, source)
        if reason is not None or source is None:
            self._set_aside(file, reason or "")
            return reason
        target = Path(source.path).parent
        target.mkdir(parents=True, exist_ok=True)
        # first the line, then the file: a line without its file counts for nothing
        taken = Taken(name=file.name, folder=target, sha256=content_hash(file), at=now)
        self.ledger.add(taken)
        move(file, target / file.name)
        return None

    def _reason(self, file: Path, source: DelimitedSource | None) -> str | None:
        if source is None:
            patterns = ", ".join(each.pattern or "" for each in self.sources)
            return f"Its name fits no source; wanted {patterns}."
        if not is_text(file.name):
            return "Its name is no text in UTF-8."
        if any(file.name == each.pattern for each in self.sources):
            return "Its name is a pattern of the config, which would then name this file alone."
        alone = source.model_copy(update={"path": str(file)})
        try:
            same = self.ledger.with_content(content_hash(file))
            if same is not None:
                return f"It has the content of {same.name}, which was taken on {same.at:%Y-%m-%d}."
            with TemporaryDirectory(prefix="kgrec-") as folder:
                read_sources(
                    [alone],
                    base=Path(),
                    run=Path(folder),
                    limits=self.limits,
                    people=self.people,
                )
        except (ConfigError, SourceError, RejectedRowsError) as error:
            return error.message
        return None

    def _set_aside(self, file: Path, reason: str) -> None:
        folder = self.folder / REJECTED
        folder.mkdir(exist_ok=True)
        place = _unused(folder, file.name)
        why = place.with_name(f"{place.name}{_REASON}")
        why.write_text(f"{plain(reason)}\n", encoding="utf-8")
        move(file, place)


def _unused(folder: Path, name: str) -> Path:
    """Return a place for a file of this name, numbered where there is one already."""
    whole = os.fsencode(name)
    names = (os.fsdecode((b"%d-" % n + whole if n else whole)[:_LONGEST]) for n in count())
    return next(place for name in names if not (place := folder / name).exists())


def move(file: Path, target: Path) -> None:
    """Move a file so that a reader sees all of it or nothing, also to another file system."""
    try:
        file.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        part = target.with_name(f".{os.getpid()}.part")
        shutil.copy2(file, part)
        part.replace(target)
        file.unlink()


def _has_files(source: DelimitedSource) -> bool:
    try:
        return bool(source.paths(Path()))
    except SourceError:
        return False
