"""The graph servers to measure on: the embedded graph, and a real Neo4j where one can be had."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.job import Server
from kg import embedded

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools" / "neo4j"))

import neo4j_server  # type: ignore[import-not-found]  # found through the line above

HEAP = "1g"


@contextmanager
def servers(folder: Path) -> Iterator[tuple[list[Server], str]]:
    """Servers of this run's own, stopped at its end; and why Neo4j is not among them, or ""."""
    with ExitStack() as stack:
        connection = embedded.start(folder / "embedded", database="bench", heap=HEAP)
        stack.callback(embedded.stop, folder / "embedded")
        password = connection.password.get_secret_value()
        found = [Server("embedded", connection.uri, connection.username, password, "bench")]
        if uri := os.environ.get("NEO4J_TEST_URI"):
            user = os.environ.get("NEO4J_TEST_USERNAME", "neo4j")
            password = os.environ.get("NEO4J_TEST_PASSWORD", "")
            found.append(Server("neo4j", uri, user, password, None))
            yield found, ""
            return
        why = neo4j_server.missing() or ""
        if not why:
            neo4j = stack.enter_context(neo4j_server.serve(folder / "neo4j", heap=HEAP))
            found.append(Server("neo4j", neo4j.uri, neo4j.username, neo4j.password, None))
        yield found, why
