"""A disk that fills up at once: a tmpfs that is made no larger than what lies on it."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_SIZE: Final = 4 << 30
_TRIES: Final = 50


@dataclass(frozen=True)
class Disk:
    """A disk of its own for a folder; only root can mount one."""

    folder: Path

    @classmethod
    def mount(cls, folder: Path) -> Disk | None:
        """Return the disk, or None where this process may not mount one."""
        folder.mkdir(parents=True, exist_ok=True)
        if os.name != "posix" or os.geteuid() != 0:
            return None
        made = _run("mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "kgrec-chaos", str(folder))
        return cls(folder) if made else None

    def fill(self, left: int) -> None:
        """Leave no more than so many bytes, or a little more if others write meanwhile.

        Raises:
            RuntimeError: it does not get full.
        """
        for more in range(_TRIES):
            told = os.statvfs(self.folder)
            used = (told.f_blocks - told.f_bfree) * told.f_frsize
            size = used + left + more * told.f_frsize
            if _run("mount", "-o", f"remount,size={size}", str(self.folder)):
                return
        raise RuntimeError(f"{self.folder} cannot be made full.")

    def free(self) -> None:
        """Give the room back."""
        _run("mount", "-o", f"remount,size={_SIZE}", str(self.folder))

    def unmount(self) -> None:
        """Take the disk, and all that is on it, away."""
        _run("umount", "--lazy", str(self.folder))


def _run(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
