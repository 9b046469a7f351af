"""Memory and processor time of a process with its children and of a graph server, over time."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

import psutil

_EVERY: Final = 0.1  # seconds


@dataclass(frozen=True)
class Use:
    """What was used between two moments.

    Attributes:
        own: most bytes of the process tree.
        total: most bytes of it and the graph server together.
        own_cpu: processor seconds of the process tree.
        server_cpu: of the graph server.
    """

    own: int
    total: int
    own_cpu: float
    server_cpu: float


@dataclass(frozen=True)
class _Sample:
    at: float
    own: tuple[int, float]
    server: tuple[int, float]


@dataclass
class Watcher:
    """Looks ten times a second while it is a context.

    Args:
        pid: of the process; its children count, too.
        server: of a graph server that counts as well, if there is one.
    """

    pid: int
    server: int | None = None
    _seen: list[_Sample] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def between(self, began: float, ended: float) -> Use:
        """What was used between two moments, in seconds since the epoch."""
        inside = [seen for seen in self._seen if began - _EVERY <= seen.at <= ended + _EVERY]
        if not inside:
            return Use(0, 0, 0.0, 0.0)
        first, last = inside[0], inside[-1]
        return Use(
            max(seen.own[0] for seen in inside),
            max(seen.own[0] + seen.server[0] for seen in inside),
            max(0.0, last.own[1] - first.own[1]),
            last.server[1] - first.server[1],
        )

    def _watch(self) -> None:
        while not self._stop.wait(_EVERY):
            server = (0, 0.0) if self.server is None else _use(self.server)
            self._seen.append(_Sample(time.time(), _of_tree(self.pid), server))


def _of_tree(pid: int) -> tuple[int, float]:
    try:
        children = psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return 0, 0.0
    each = [_use(pid), *(_use(child.pid) for child in children)]
    return sum(memory for memory, _ in each), sum(cpu for _, cpu in each)


def _use(pid: int) -> tuple[int, float]:
    """Resident bytes and processor seconds of a process; nothing once it has ended."""
    try:
        process = psutil.Process(pid)
        times = process.cpu_times()
        return int(process.memory_info().rss), times.user + times.system
    except psutil.NoSuchProcess:
        return 0, 0.0
