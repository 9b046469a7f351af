"""A graph server of one's own that can be killed and started again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from benchmarks.chaos_servers import kill as kill_process
from kg import embedded
from kg.bolt import Connection

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools" / "neo4j"))

import neo4j_server  # type: ignore[import-not-found]  # found through the line above


@dataclass(frozen=True)
class Restartable:
    """A server.

    Attributes:
        environment: the variables by which `kgrec` finds it.
        connection: tells where it listens now.
    """

    name: str
    environment: Mapping[str, str]
    connection: Callable[[], Connection]
    kill: Callable[[], None]
    start: Callable[[], object]


@contextmanager
def restartable(name: str, dataset: str, folder: Path) -> Iterator[Restartable]:
    """The server of this name, until the block is left.

    Args:
        dataset: whose graph it is, on the embedded one.
    """
    with ExitStack() as stack:
        home = folder / "server"
        yield _embedded(home, dataset, stack) if name == "embedded" else _neo4j(home, stack)


def _embedded(home: Path, dataset: str, stack: ExitStack) -> Restartable:
    def connection() -> Connection:
        return embedded.start(home, database=dataset)

    def kill() -> None:
        if running := embedded.status(home):
            kill_process(running.pid)

    stack.callback(embedded.stop, home)
    environment = {"KGREC_HOME": str(home), "NEO4J_URI": ""}
    return Restartable("embedded", environment, connection, kill, start=connection)


def _neo4j(home: Path, stack: ExitStack) -> Restartable:
    ports = neo4j_server.free_ports()
    started: list[neo4j_server.Server] = []

    def start() -> None:
        serve = neo4j_server.serve(home, heap="1g", ports=ports)
        started.append(stack.enter_context(serve))

    start()
    server = started[0]  # the ports stay the same
    connection = Connection(
        uri=server.uri, username=server.username, password=SecretStr(server.password)
    )
    environment = {
        "KGREC_HOME": str(home / "kgrec"),
        "NEO4J_URI": server.uri,
        "NEO4J_USERNAME": server.username,
        "NEO4J_PASSWORD": server.password,
    }
    return Restartable(
        "neo4j", environment, lambda: connection, lambda: kill_process(started[-1].pid), start
    )
