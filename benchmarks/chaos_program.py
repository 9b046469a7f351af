"""`kgrec run` in a process of its own, forked from one that has loaded the libraries already.

Loading them takes three quarters of the time of a run this small; killed then, it has done nothing.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

_FORKS: Final = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["benchmarks.chaos_libraries"])


class Program:
    """A process that runs `kgrec` with these arguments and variables."""

    def __init__(self, arguments: Sequence[str], variables: Mapping[str, str]) -> None:
        number, name = tempfile.mkstemp(prefix="kgrec-chaos-", suffix=".log")
        os.close(number)
        self._told = Path(name)
        self._process = _FORKS.Process(
            target=_main, args=(list(arguments), dict(variables), self._told)
        )
        self._process.start()

    @property
    def code(self) -> int | None:
        """How it ended; None while it runs."""
        return self._process.exitcode

    def wait(self, seconds: float) -> bool:
        """Wait for its end, so long at most; return whether it has ended."""
        self._process.join(seconds)
        return self.code is not None

    def kill(self) -> None:
        """End it by SIGKILL."""
        self._process.kill()

    def end(self, seconds: float) -> str:
        """Wait for its end, or bring it about; return what it printed."""
        hung = not self.wait(seconds)
        if hung:
            self.kill()
            self._process.join()
        told = self._told.read_text(encoding="utf-8", errors="replace")
        self._told.unlink()
        return f"{told}\n(it hung for {seconds:.0f} s)" if hung else told

    @property
    def workers(self) -> list[psutil.Process]:
        """Its processes but for the graph's server, which it leaves to others."""
        with suppress(psutil.NoSuchProcess):
            return [
                child
                for child in psutil.Process(self._process.pid).children(recursive=True)
                if "kg.embedded_server" not in command_of(child)
            ]
        return []


def command_of(process: psutil.Process) -> list[str]:
    """Return a process's command line; nothing of one that is gone."""
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        return process.cmdline()
    return []


def _main(arguments: list[str], variables: dict[str, str], told: Path) -> None:
    from recommender.cli.app import run_app

    os.environ.clear()
    os.environ.update(variables)
    with told.open("wb") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    sys.exit(run_app(arguments))
