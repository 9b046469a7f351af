"""Graph servers that can be killed and come back, behind a door that can be slammed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit

import psutil

from benchmarks.chaos_proxy import Proxy
from benchmarks.chaos_world import DATASET
from kg import embedded
from kg.errors import GraphError

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools" / "neo4j"))

import neo4j_server  # type: ignore[import-not-found]  # found through the line above

_HEAP: Final = "512m"
_GONE_SECONDS: Final = 30.0
_NEO4J: Final = ("db.tx_log.preallocate=false",)  # a full disk is to be felt


class Server(Protocol):
    """A graph server of this benchmark's own; all of it lies in one folder.

    Attributes:
        name: what the table calls it.
        proxy: the door.
    """

    name: str
    proxy: Proxy

    def direct(self) -> Mapping[str, str]:
        """The variables by which a run finds it, as people name it to `kgrec`."""
        ...

    def through_door(self) -> Mapping[str, str]:
        """The variables by which a run finds it through the door."""
        ...

    def up(self) -> None:
        """Start it if it does not run."""
        ...

    def kill(self) -> None:
        """End it by SIGKILL, and wait until it is gone."""
        ...

    def stop(self) -> None:
        """End it cleanly, door and all."""
        ...


class Embedded:
    """The embedded graph, which `kgrec` starts itself; through the door it is a server by URI."""

    name = "embedded"

    def __init__(self, folder: Path) -> None:
        self._home = folder / "home"
        self.proxy = Proxy(lambda: self._running().bolt_port)

    def direct(self) -> Mapping[str, str]:
        return {}

    def through_door(self) -> Mapping[str, str]:
        password = embedded.Folder.of(self._home).password.read_text(encoding="ascii")
        return {
            "NEO4J_URI": f"bolt://127.0.0.1:{self.proxy.port}",
            "NEO4J_USERNAME": embedded.USERNAME,
            "NEO4J_PASSWORD": password,
            "NEO4J_DATABASE": DATASET,
        }

    def up(self) -> None:
        embedded.start(self._home, database=DATASET, heap=_HEAP)

    def kill(self) -> None:
        if running := embedded.status(self._home):
            kill(running.pid)

    def stop(self) -> None:
        self.proxy.close()
        embedded.stop(self._home)

    def _running(self) -> embedded.Running:
        running = embedded.status(self._home)
        if running is None:
            raise ConnectionRefusedError
        return running


class Neo4j:
    """A real Neo4j, always through the door, whose port stays the same when the server's is not."""

    name = "neo4j"

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "neo4j"
        self._stack = ExitStack()
        self._server: neo4j_server.Server | None = None
        self.proxy = Proxy(self._port)

    def direct(self) -> Mapping[str, str]:
        return self.through_door()

    def through_door(self) -> Mapping[str, str]:
        return {
            "NEO4J_URI": f"bolt://127.0.0.1:{self.proxy.port}",
            "NEO4J_USERNAME": "neo4j",
            "NEO4J_PASSWORD": neo4j_server.PASSWORD,
        }

    def up(self) -> None:
        if self._server and psutil.pid_exists(self._server.pid):
            return
        self._stack.close()
        serve = neo4j_server.serve(self._folder, heap=_HEAP, settings=_NEO4J)
        self._server = self._stack.enter_context(serve)

    def kill(self) -> None:
        if self._server:
            kill(self._server.pid)
            self._stack.close()  # reaps it
            self._server = None

    def stop(self) -> None:
        self.proxy.close()
        self._stack.close()
        self._server = None

    def _port(self) -> int:
        if self._server is None:
            raise ConnectionRefusedError
        return int(urlsplit(self._server.uri).port or 0)


def missing_neo4j() -> str:
    """Why no Neo4j can be started here, or ""."""
    return neo4j_server.missing() or ""


def kill(pid: int) -> None:
    """End a process by SIGKILL and wait until it is gone; one that is gone already is fine."""
    try:
        process = psutil.Process(pid)
        process.kill()
        process.wait(_GONE_SECONDS)
    except psutil.NoSuchProcess:
        return


def until_answered(ask: Callable[[], object], seconds: float = 120.0) -> None:
    """Ask until the graph answers.

    Raises:
        GraphError: what it said last.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            ask()
        except GraphError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
        else:
            return
