"""The embedded graph's server process: shared, private, stopped cleanly, and up again if killed."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from neo4j import GraphDatabase
from neo4j.exceptions import DriverError, Neo4jError

from kg import embedded
from kg.again import RETRY_SECONDS
from kg.errors import GraphError, GraphUnavailableError
from kg.store import Store

pytestmark = pytest.mark.graph


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home folder whose server is stopped afterwards."""
    yield tmp_path / "home"
    embedded.stop(tmp_path / "home")


def add(connection: embedded.Connection, user: str) -> None:
    with Store.connect(connection) as store:
        store.run_text("CREATE (:User {userId: $id})", id=user)


def users(connection: embedded.Connection) -> list[object]:
    with Store.connect(connection) as store:
        return [r["id"] for r in store.run_text("MATCH (u:User) RETURN u.userId AS id ORDER BY id")]


def test_a_client_that_does_not_read_to_the_end_keeps_no_server_from_stopping(home: Path) -> None:
    connection = embedded.start(home, database="shop")
    add(connection, "ada")
    login = (connection.username, connection.password.get_secret_value())
    with (
        GraphDatabase.driver(connection.uri, auth=login) as driver,
        driver.session(database="shop", fetch_size=10) as session,
    ):
        rows = session.run("UNWIND range(1, 100000) AS x RETURN x")
        assert next(iter(rows))["x"] == 1
        assert embedded.stop(home)
        assert embedded.status(home) is None
        with suppress(DriverError, Neo4jError):
            session.close()
    assert "Server is down" in (home / "graph" / "server.log").read_text()
    assert users(embedded.start(home, database="shop")) == ["ada"]


@pytest.mark.slow
def test_a_server_is_shared_private_and_keeps_what_was_written(home: Path) -> None:
    assert embedded.status(home) is None
    assert not embedded.stop(home)

    with ThreadPoolExecutor(2) as pool:  # two that start at once share one server
        one, two = pool.map(lambda _: embedded.start(home, database="shop", heap="512m"), range(2))
    assert one == two
    running = embedded.status(home)
    assert running
    assert one.uri == running.uri

    process = psutil.Process(running.pid)
    listening = {c.laddr.ip for c in process.net_connections() if c.status == "LISTEN"}
    assert {ip.removeprefix("::ffff:") for ip in listening} == {"127.0.0.1"}
    password = one.password.get_secret_value()
    assert len(password) >= 24
    assert password not in " ".join(process.cmdline()) + str(process.environ()) + repr(one)
    folder = embedded.Folder.of(home)
    assert stat.S_IMODE(folder.password.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    assert password not in folder.log.read_text(encoding="utf-8")

    add(one, "ada")
    films = embedded.start(home, database="films", heap="512m")
    assert films.uri == one.uri
    assert (users(films), users(one)) == ([], ["ada"])

    os.kill(running.pid, signal.SIGKILL)  # as if the machine had lost power
    process.wait(30)
    assert embedded.status(home) is None
    again = embedded.start(home, database="shop", heap="512m")
    assert again.password == one.password
    assert users(again) == ["ada"]

    running = embedded.status(home)
    assert running
    assert embedded.stop(home)
    assert not psutil.pid_exists(running.pid)
    assert "is down" in folder.log.read_text(encoding="utf-8")


def test_a_server_is_stopped_also_while_the_process_that_started_it_lives_on(home: Path) -> None:
    """Such as `kgrec watch`: nobody waits for its child there, so that it stays a zombie."""
    script = "import sys\nfrom pathlib import Path\nfrom kg import embedded\n"
    script += "embedded.start(Path(sys.argv[1]), database='shop')\nprint('up', flush=True)\ninput()"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as starter:
        assert starter.stdout
        assert starter.stdout.readline() == "up\n"
        assert embedded.stop(home)
        assert embedded.status(home) is None
        starter.communicate("\n")


@pytest.mark.slow
def test_a_store_gives_up_in_bounded_time_when_its_server_goes(home: Path) -> None:
    connection = embedded.start(home, database="shop", heap="512m")
    with Store.connect(connection, retry_seconds=1.0) as store:
        running = embedded.status(home)
        assert running
        os.kill(running.pid, signal.SIGKILL)
        begun = time.monotonic()
        with pytest.raises(GraphUnavailableError, match="does not answer"):
            store.read("read/migrations")
        assert time.monotonic() - begun < RETRY_SECONDS


def test_a_pid_that_now_belongs_to_another_process_is_no_server(home: Path) -> None:
    folder = embedded.Folder.of(home)
    embedded.write_state(folder, 1, 2)
    assert embedded.status(home)
    state = folder.state.read_text(encoding="utf-8")
    created = str(psutil.Process().create_time())
    assert created in state
    folder.state.write_text(state.replace(created, "12345.0"), encoding="utf-8")
    assert embedded.status(home) is None
    folder.state.write_text("{", encoding="utf-8")  # cut off while it was written
    assert embedded.status(home) is None


def test_a_server_that_ends_at_once_says_why(home: Path) -> None:
    with pytest.raises(GraphUnavailableError, match=r"ended while it started .*\n.*server\.log"):
        embedded.start(home, database="shop", heap="no-size")


@pytest.mark.parametrize("name", ["", "../up", "a b", "x;drop", "1st"])
def test_a_database_has_a_plain_name(home: Path, name: str) -> None:
    with pytest.raises(GraphError, match="cannot be the name of a database"):
        embedded.start(home, database=name)


def test_without_the_wheel_another_server_is_asked_for(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "arcadedb_embedded", None)
    with pytest.raises(
        GraphError, match=r"no embedded graph server for this platform.*\n.*NEO4J_URI"
    ):
        embedded.start(home, database="shop")
