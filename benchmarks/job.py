"""What passes between the process that plans and the processes that measure."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

Step = Literal["prepare", "ours", "floor"]


@dataclass(frozen=True)
class Server:
    """A graph server, in plain values that can be sent to another process."""

    name: str
    uri: str
    username: str
    password: str
    database: str | None


@dataclass(frozen=True)
class Job:
    """One step of one benchmark.

    Attributes:
        benchmark: its name.
        step: what to do.
        size: how large, in the benchmark's unit.
        seed: of the synthetic data.
        folder: where `prepare` leaves what the other two need.
        data: folder of the public sets, which may be absent.
        server: the graph, or None.
    """

    benchmark: str
    step: Step
    size: int
    seed: int
    folder: str
    data: str
    server: Server | None

    @property
    def path(self) -> Path:
        """The folder."""
        return Path(self.folder)

    @property
    def graph(self) -> Server:
        """The server of a benchmark that has one."""
        if self.server is None:
            raise ValueError(f"The benchmark {self.benchmark} needs a graph server, got none.")
        return self.server


def read_job(text: str) -> Job:
    """A job from JSON, as `json.dumps(asdict(job))` writes it."""
    fields = json.loads(text)
    server = fields.pop("server")
    return Job(**fields, server=None if server is None else Server(**server))


class Stopwatch:
    """Adds up the time spent inside `with`."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __enter__(self) -> Self:
        self._started = time.perf_counter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.seconds += time.perf_counter() - self._started


Work = Callable[[Stopwatch], int]
"""Does what is measured, timing it with the watch; returns how many things it handled."""
