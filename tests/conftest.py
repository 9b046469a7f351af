"""Graph servers for tests: the embedded graph always, a real Neo4j where it can be had.

`store` gives an empty, migrated graph on each of the two. Servers are shared by all workers of a
test run; each worker has a database of its own on the embedded server, and they take turns on
Neo4j, whose Community edition has one database.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from filelock import FileLock
from hypothesis import settings
from pydantic import SecretStr

from kg import embedded as embedded_graph
from kg.bolt import Connection
from kg.migrations import migrate
from kg.store import Store

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as `kgrec` does, before torch is loaded
# Graph servers live for minutes here: what the JVM's second compiler costs, it does not earn.
os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1")
SERVERS = {"server", "embedded", "neo4j_server"}  # every graph fixture rests on one of these
LONGEST_FIRST = {"test_wheel.py", "test_chaos.py", "test_gds.py", "test_hostile_graph.py"}
"""Begun last, they would leave one of two processes idle."""
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools" / "neo4j"))

import neo4j_server as neo4j_tool  # noqa: E402 - found through the line above


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of the public data sets; skips where it is absent."""
    folder = Path(os.environ.get("KGREC_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no public data sets in {folder} (set KGREC_DATA)")
    return folder


@pytest.fixture(scope="session")
def shared_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this test run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


class Leases:
    """Which live processes use a shared server: one file each, named by process id."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.own = folder / str(os.getpid())
        self.own.touch()

    def others(self) -> bool:
        return any(psutil.pid_exists(int(f.name)) for f in self.folder.iterdir() if f != self.own)

    def end(self) -> None:
        self.own.unlink(missing_ok=True)


@pytest.fixture(scope="session")
def embedded(shared_dir: Path) -> Iterator[Connection]:
    """A database of this worker's own on an embedded graph server."""
    home = shared_dir / "embedded"
    leases = Leases(shared_dir / "embedded-users")
    try:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        yield embedded_graph.start(home, database=f"test-{worker}", heap="1g")
    finally:
        leases.end()
        if not leases.others():
            embedded_graph.stop(home)


@pytest.fixture(scope="session")
def neo4j_server(shared_dir: Path) -> Iterator[Connection]:
    """A real Neo4j: the one that NEO4J_TEST_URI names, else one started for this test run."""
    if uri := os.environ.get("NEO4J_TEST_URI"):
        username = os.environ.get("NEO4J_TEST_USERNAME", "neo4j")
        password = SecretStr(os.environ.get("NEO4J_TEST_PASSWORD", ""))
        yield Connection(uri=uri, username=username, password=password)
        return
    if reason := neo4j_tool.missing(browser=True):
        no_neo4j = f"no Neo4j: {reason}, and NEO4J_TEST_URI is not set"
        if os.environ.get("CI"):
            pytest.fail(no_neo4j)
        pytest.skip(no_neo4j)
    with _shared_neo4j(shared_dir) as server:
        yield Connection(
            uri=server.uri, username=server.username, password=SecretStr(server.password)
        )


@pytest.fixture(scope="session")
def neo4j_browser(neo4j_server: Connection, shared_dir: Path) -> str:
    """The address of Neo4j Browser, which the Neo4j of this test run serves.

    Beside NEO4J_TEST_URI, NEO4J_TEST_HTTP names it where it is not at the usual port.
    """
    state = shared_dir / "neo4j.json"
    if state.exists():
        http = json.loads(state.read_text())["http"]
    else:
        host = urlsplit(neo4j_server.uri).hostname
        http = os.environ.get("NEO4J_TEST_HTTP", f"http://{host}:7474")
    return f"{http}/browser/"


@contextmanager
def _shared_neo4j(folder: Path) -> Iterator[neo4j_tool.Server]:
    """The first worker starts the server and stops it when the others have gone."""
    state = folder / "neo4j.json"
    leases = Leases(folder / "neo4j-users")
    with ExitStack() as stack:
        stack.callback(leases.end)
        with FileLock(folder / "neo4j.lock"):
            if not state.exists():
                server = stack.enter_context(neo4j_tool.serve(folder / "neo4j", browser=True))
                state.write_text(json.dumps(asdict(server)))
                stack.callback(_wait_while, leases.others)
        yield neo4j_tool.Server(**json.loads(state.read_text()))


def _wait_while(busy: Callable[[], bool]) -> None:
    while busy():
        time.sleep(0.2)


@pytest.fixture(scope="session")
def embedded_store(embedded: Connection) -> Iterator[Store]:
    with Store.connect(embedded) as store:
        migrate(store)
        yield store


@pytest.fixture(scope="session")
def neo4j_store(neo4j_server: Connection) -> Iterator[Store]:
    with Store.connect(neo4j_server) as store:
        migrate(store)
        yield store


@pytest.fixture(params=["embedded", "neo4j"])
def server(request: pytest.FixtureRequest) -> Store:
    """A migrated graph, whatever it holds, for tests that do not touch data; once per server."""
    opened: Store = request.getfixturevalue(f"{request.param}_store")
    return opened


@pytest.fixture
def neo4j_turn(shared_dir: Path) -> Iterator[None]:
    """While it lasts no other worker writes to Neo4j."""
    with FileLock(shared_dir / "neo4j-turn.lock"):
        yield


@pytest.fixture
def taken(server: Store, request: pytest.FixtureRequest) -> Store:
    """A graph that nobody else writes to meanwhile, with whatever the test before left there."""
    if server.capabilities.dialect == "neo4j":
        request.getfixturevalue("neo4j_turn")
    return server


@pytest.fixture
def store(taken: Store) -> Store:
    """An empty, migrated graph; each test runs once per server."""
    taken.clear()
    return taken


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, and mark what needs a live graph server."""
    items.sort(key=lambda item: item.path.name not in LONGEST_FIRST)
    for item in items:
        if SERVERS & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.graph)
