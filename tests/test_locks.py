"""One run at a time: the second one learns who is at work, and never of somebody who is not."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from recommender.locks import BusyError, exclusive, holder


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "runs" / ".lock"


def write_note(lock: Path, pid: int, since: datetime) -> None:
    lock.parent.mkdir(exist_ok=True)
    told = {"pid": pid, "since": since.isoformat(timespec="seconds")}
    lock.with_name(".lock.json").write_text(json.dumps(told), encoding="utf-8")


def gone_pid() -> int:
    return next(pid for pid in range(4_000_000, 2, -1) if not psutil.pid_exists(pid))


def test_the_second_one_is_told_process_and_start_time(lock: Path) -> None:
    now = datetime.now(UTC)
    with exclusive(lock, what="the shop", now=now):
        assert holder(lock) == os.getpid()
        since = now.isoformat(timespec="seconds")
        with (
            pytest.raises(
                BusyError, match=rf"the shop: process {os.getpid()}, started {since[:10]}"
            ),
            exclusive(lock, what="the shop", now=now),
        ):
            pass
    assert holder(lock) is None
    with exclusive(lock, what="the shop", now=now):
        pass


def test_what_a_killed_process_left_keeps_nobody_out(lock: Path) -> None:
    """Its lock fell with it; its note names a process that is gone."""
    write_note(lock, gone_pid(), datetime.now(UTC))
    assert holder(lock) is None
    with exclusive(lock, what="the shop", now=datetime.now(UTC)):
        assert holder(lock) == os.getpid()


@pytest.mark.parametrize("left", ["gone", "used again", "half a note", "no note"])
def test_a_stale_note_is_not_taken_for_the_holders(lock: Path, left: str) -> None:
    """The holder has the lock already, and has not written its own note yet."""
    with exclusive(lock, what="the shop", now=datetime.now(UTC)):
        match left:
            case "gone":
                write_note(lock, gone_pid(), datetime.now(UTC))
            case "used again":  # this process is younger than that note
                born = datetime.fromtimestamp(psutil.Process().create_time(), UTC)
                write_note(lock, os.getpid(), born - timedelta(hours=1))
            case "half a note":
                lock.with_name(".lock.json").write_text('{"pid": 1', encoding="utf-8")
            case _:
                lock.with_name(".lock.json").unlink()
        assert holder(lock) is None
        with (
            pytest.raises(BusyError, match="a process that has just started"),
            exclusive(lock, what="the shop", now=datetime.now(UTC)),
        ):
            pass
