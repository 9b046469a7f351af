"""The bare driver, and the statements that it replays: what our own code sent, as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from neo4j import GraphDatabase, ManagedTransaction, Session

from benchmarks.job import Server

Statement = tuple[str, dict[str, object]]


@contextmanager
def raw_session(server: Server) -> Iterator[Session]:
    """A session of the driver with its defaults."""
    with (
        GraphDatabase.driver(server.uri, auth=(server.username, server.password)) as driver,
        driver.session(database=server.database) as session,
    ):
        yield session


def write(transaction: ManagedTransaction, text: str, parameters: dict[str, object]) -> None:
    """Send a statement and wait for its end."""
    transaction.run(text, parameters).consume()


def save(path: Path, statements: Iterable[Statement]) -> None:
    """Write one statement a line."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(statement) + "\n" for statement in statements)


def replay(path: Path) -> Iterator[Statement]:
    """Read what `save` wrote, one statement at a time."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            text, parameters = json.loads(line)
            yield text, parameters
