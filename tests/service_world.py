"""A service on loopback in a thread of its own, asked by real HTTP."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import uvicorn
from numpy.typing import NDArray

from kg.bolt import Connection
from recommender.service.access import Access
from recommender.service.app import Service, make_app
from recommender.service.live_graph import LiveGraph
from recommender.service.rate import Buckets
from recommender.service.server import listen


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass(frozen=True)
class Caller:
    """Asks one service."""

    port: int

    def get(self, path: str, method: str = "GET", **headers: str) -> Reply:
        asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        try:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            asking.request(method, path, headers=sent)
            answer = asking.getresponse()
            names = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, names, answer.read().decode())
        finally:
            asking.close()


def by_light(text: str, _run: str | None) -> NDArray[np.float32]:
    """Two dimensions: how much a text is about light, and about sound."""
    return np.array([1.0, 0.0] if "light" in text else [0.0, 1.0], dtype=np.float32)


@contextmanager
def serving(
    locate: Callable[[], Connection],
    *,
    access: Access | None = None,
    buckets: Buckets | None = None,
    encode: Callable[[str, str | None], NDArray[np.float32]] = by_light,
    patience: float = 300.0,
) -> Iterator[Caller]:
    """Serve while the block runs."""
    graph = LiveGraph(locate, patience=patience)
    service = Service(
        graph,
        encode,
        access or Access(None),
        Buckets(0, 0) if buckets is None else buckets,
        glance=patience,
    )
    listening = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(make_app(service), lifespan="on", log_config=None))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield Caller(listening.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
