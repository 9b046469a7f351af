"""Callers of the service in a process of their own; each asks again once it has its answer."""

from __future__ import annotations

import http.client
import multiprocessing
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

SPAWN: Final = multiprocessing.get_context("spawn")
TIMEOUT: Final = 60.0


@dataclass
class Load:
    """What callers saw.

    Attributes:
        seconds: of the whole.
        took: route → milliseconds of each answer with status 200.
        statuses: route and status → answers; 0: the connection broke.
        bare: route, or None for all → answers of 503 without Retry-After.
        longest_gap: seconds between two answers with status 200, at most.
    """

    seconds: float = 0.0
    took: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    bare: Counter[str | None] = field(default_factory=Counter)
    longest_gap: float = 0.0

    def by_status(self, route: str | None = None) -> Counter[int]:
        """Answers of a route, or of all, by status."""
        found: Counter[int] = Counter()
        for (name, status), count in self.statuses.items():
            if route in (None, name):
                found[status] += count
        return found

    def percentile(self, share: float, route: str | None = None) -> float:
        """Milliseconds within which such a share of the answers of a route, or of all, came."""
        chosen = [took for name, took in self.took.items() if route in (None, name)]
        values = [each for took in chosen for each in took]
        return float(np.percentile(values, 100 * share)) if values else float("nan")


@contextmanager
def callers(port: int, paths: Sequence[tuple[str, str]], count: int) -> Iterator[Load]:
    """Let callers ask while the block runs; the load is filled in at its end.

    Args:
        paths: route and path of each question, asked in turn.
    """
    load, stop, ready, results = Load(), SPAWN.Event(), SPAWN.Event(), SPAWN.Queue()
    process = SPAWN.Process(target=_drive, args=(port, list(paths), count, stop, ready, results))
    process.start()
    ready.wait()
    try:
        yield load
    finally:
        stop.set()
        vars(load).update(vars(results.get()))
        process.join()


def _drive(
    port: int, paths: list[tuple[str, str]], count: int, stop: Any, ready: Any, results: Any
) -> None:
    load, lock, good = Load(), threading.Lock(), [time.perf_counter()]

    def call(number: int) -> None:
        asking = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        place = number * len(paths) // count
        while not stop.is_set():
            route, path = paths[place % len(paths)]
            place += 1
            began = time.perf_counter()
            status, retry = _get(asking, path)
            now = time.perf_counter()
            with lock:
                load.statuses[route, status] += 1
                if status == 503 and not retry:
                    load.bare.update((route, None))
                if status == 200:
                    load.took.setdefault(route, []).append(1000 * (now - began))
                    load.longest_gap = max(load.longest_gap, now - good[0])
                    good[0] = now
            if status == 503:
                time.sleep(0.05)
        asking.close()

    threads = [threading.Thread(target=call, args=(number,)) for number in range(count)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    ready.set()
    for thread in threads:
        thread.join()
    load.seconds = time.perf_counter() - began
    results.put(load)


def _get(asking: http.client.HTTPConnection, path: str) -> tuple[int, str | None]:
    try:
        asking.request("GET", path)
        answer = asking.getresponse()
        answer.read()
        return answer.status, answer.headers["Retry-After"]
    except (OSError, http.client.HTTPException):
        asking.close()
        return 0, None
