"""Which files of a folder are whole: those that nobody is writing any more."""

from __future__ import annotations

import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_UNFINISHED: Final = (".part", ".partial", ".filepart", ".tmp", ".crdownload", ".swp", "~")
"""Endings of names that programs give to files until they are whole."""


@dataclass(frozen=True)
class _Stamp:
    """What changes while a file is written."""

    inode: int
    size: int
    modified: int


@dataclass
class Arrivals:
    """The files of a folder, looked at again and again.

    Attributes:
        settle: seconds for which size and time of change must stand still.
    """

    folder: Path
    settle: float
    _seen: dict[Path, tuple[_Stamp, float]] = field(default_factory=dict)

    def whole(self, now: float) -> list[Path]:
        """Return the files that are whole, oldest first.

        A file is if it was not changed for `settle` seconds, by its own time or by what was seen
        of it. Empty ones are not, nor hidden ones, nor those with the ending of an unfinished one:
        they count once they are renamed. Links, folders and pipes are left alone.

        Args:
            now: seconds since the epoch.
        """
        found: dict[Path, tuple[_Stamp, float]] = {}
        whole: list[tuple[int, str, Path]] = []
        for path in self.folder.iterdir():
            if path.name.startswith(".") or path.name.lower().endswith(_UNFINISHED):
                continue
            try:
                told = path.lstat()
            except FileNotFoundError:
                continue
            if not stat.S_ISREG(told.st_mode) or told.st_size == 0:
                continue
            stamp = _Stamp(told.st_ino, told.st_size, told.st_mtime_ns)
            before, since = self._seen.get(path, (stamp, now))
            found[path] = stamp, since if before == stamp else now
            if now - min(found[path][1], told.st_mtime) >= self.settle:
                whole.append((told.st_mtime_ns, path.name, path))
        self._seen = found
        return [path for _, _, path in sorted(whole)]
