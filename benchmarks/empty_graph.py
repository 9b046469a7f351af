"""Where a measurement begins: an empty graph."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from pydantic import SecretStr

from benchmarks.job import Server
from kg.bolt import Connection
from kg.migrations import migrate
from kg.runs import begin_run
from kg.store import Store

NOW: Final = datetime(2025, 1, 1, tzinfo=UTC)
RUN: Final = "benchmark"


def connection(server: Server) -> Connection:
    """The server as our own code wants it."""
    return Connection(
        uri=server.uri,
        username=server.username,
        password=SecretStr(server.password),
        database=server.database,
    )


def empty(server: Server) -> None:
    """Leave an empty, migrated graph in which an :EtlRun has begun."""
    with Store.connect(connection(server)) as store:
        migrate(store)
        store.clear()
        begin_run(store, "EtlRun", RUN, now=NOW, config={}, code_version="benchmark")
