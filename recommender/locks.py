"""One run at a time on a runs folder and on a graph; a second one learns who holds it.

The lock is the operating system's own (`filelock`), so it falls with its process: a killed run
leaves no stale lock behind. Beside it stands a note with the holder's pid and start time.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from kg.errors import KgrecError


class BusyError(KgrecError):
    """Another run holds the runs folder or the graph."""

    exit_code = 5
    transient = True


@contextmanager
def exclusive(path: Path, *, what: str, now: datetime) -> Iterator[None]:
    """Hold the lock at `path` while the block runs.

    Args:
        path: the lock's file; its folder is made.
        what: what is being held, for the message ("the graph kgrec-sample").
        now: the start time that another process is told.

    Raises:
        BusyError: another process holds it; the message has its pid and start time.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    note = path.with_name(path.name + ".json")
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise BusyError(
            f"Another run is using {what}: {_holder(note)}.",
            remedy="Wait until it has ended, or stop it (Ctrl-C there) and start again.",
        ) from None
    try:
        note.write_text(
            json.dumps({"pid": os.getpid(), "since": now.isoformat(timespec="seconds")}),
            encoding="utf-8",
        )
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def holder(path: Path) -> int | None:
    """Return the process that holds the lock at `path`, by its note; None where nobody does.

    It asks without trying the lock, which would keep a run from starting at that moment.
    """
    noted = _noted(path.with_name(path.name + ".json"))
    return None if noted is None else noted[0]


def _holder(note: Path) -> str:
    noted = _noted(note)
    if noted is None:
        return "a process that has just started"
    pid, since = noted
    return f"process {pid}, started {since.isoformat()}"


def _noted(note: Path) -> tuple[int, datetime] | None:
    """Return process and start time by a note; None where a killed process left it.

    Such a one is known by its process, which is gone, or was made later under the same number.
    """
    try:
        told = json.loads(note.read_text(encoding="utf-8"))
        pid, since = int(told["pid"]), datetime.fromisoformat(told["since"])
        alive = psutil.Process(pid).create_time() <= since.timestamp() + 1.0
    except (OSError, ValueError, KeyError, TypeError, psutil.NoSuchProcess):
        return None
    return (pid, since) if alive else None
