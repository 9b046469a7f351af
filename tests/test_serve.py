"""Who may ask the service, how often; the command in a process of its own; a killed graph."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import neo4j_server as neo4j_tool
import pytest
from pydantic import SecretStr
from query_world import build
from server_environment import point_at
from service_world import Caller, serving

from benchmarks.serve_servers import restartable
from kg.errors import ConfigError
from kg.store import Store
from recommender.cli.app import run_app
from recommender.environment import Environment
from recommender.graph import Graph
from recommender.service.access import Access
from recommender.service.rate import MOST_CLIENTS, Buckets
from recommender.service.server import listen

ROOT = Path(__file__).parents[1]
KEY = "a-key-of-our-own-for-tests"


def test_only_who_knows_the_key_is_answered(server: Store) -> None:
    with serving(lambda: server.connection, access=Access(SecretStr(KEY))) as caller:
        for path in ("/recommend/ada", "/explain/ada/desk", "/search?q=x", "/metrics"):
            for sent in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {KEY}"}):
                refused = caller.get(path, **sent)
                assert refused.status == 401
                assert refused.headers["www-authenticate"] == "Bearer"
                assert KEY not in refused.text
        assert caller.get("/recommend/ada", Authorization=f"Bearer {KEY}").status == 200
        assert caller.get("/health").json == {"status": "ok"}


def test_without_a_key_another_name_for_the_address_is_refused(server: Store) -> None:
    with serving(lambda: server.connection) as caller:
        assert caller.get("/recommend/ada", Host="evil.example.org").status == 403
        assert caller.get("/recommend/ada", Host="localhost:1").status == 200


def test_who_asks_too_often_is_told_when_to_come_back(server: Store) -> None:
    with serving(lambda: server.connection, buckets=Buckets(0.001, 2)) as caller:
        assert [caller.get("/recommend/ada").status for _ in range(3)] == [200, 200, 429]
        refused = caller.get("/metrics")
        assert refused.status == 429
        assert 0 < int(refused.headers["retry-after"]) <= 1_000
        assert caller.get("/health").status == 200


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "::1", "localhost"])
def test_this_machine_needs_no_key(host: str) -> None:
    assert Access.of(host, None, None).key is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "localhost.example.org"])  # noqa: S104
def test_other_machines_need_one(host: str) -> None:
    with pytest.raises(ConfigError, match="Without an API key"):
        Access.of(host, None, None)
    assert Access.of(host, KEY, None).knows(KEY)


def test_a_key_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n")
    file.chmod(0o644)
    with pytest.raises(ConfigError, match="may be read by others"):
        Access.of("127.0.0.1", None, file)
    file.chmod(0o600)
    access = Access.of("127.0.0.1", "another-key-that-is-long", file)
    assert access.knows(KEY)
    assert not access.knows("another-key-that-is-long")
    assert KEY not in repr(access)


@pytest.mark.parametrize("key", ["short", "ключ-ключ-ключ-ключ", ""])
def test_a_poor_key_is_refused(key: str) -> None:
    with pytest.raises(ConfigError, match="The API key has"):
        Access.of("127.0.0.1", key, None)


def test_a_bucket_gives_so_many_at_once_and_then_at_its_rate() -> None:
    buckets = Buckets(rate=2, burst=3)
    assert [buckets.wait("a", 0.0) for _ in range(4)] == [0, 0, 0, 0.5]
    assert buckets.wait("b", 0.0) == 0
    assert buckets.wait("a", 0.25) == 0.25
    assert buckets.wait("a", 0.5) == 0
    assert [buckets.wait("a", 99.0) for _ in range(4)] == [0, 0, 0, 0.5]


def test_a_rate_below_one_a_second_lets_somebody_pass() -> None:
    buckets = Buckets.of(0.25)
    assert [buckets.wait("a", at) for at in (0.0, 2.0, 4.0)] == [0, 2, 0]


def test_buckets_stay_few() -> None:
    buckets = Buckets(rate=1, burst=1)
    for client in range(MOST_CLIENTS + 5):
        buckets.wait(str(client), 0.0)
    assert len(buckets) == MOST_CLIENTS
    assert buckets.wait(str(MOST_CLIENTS), 0.0) == 1, "still remembered"
    assert buckets.wait("0", 0.0) == 0, "long gone"


def test_what_is_answered_is_sent_at_once() -> None:
    with listen("127.0.0.1", 0) as listening:
        caller = socket.create_connection(listening.getsockname()[:2])
        answering, _ = listening.accept()
        with caller, answering:
            assert answering.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_port_that_is_taken_is_said() -> None:
    with listen("127.0.0.1", 0) as first, pytest.raises(ConfigError, match="in use"):
        listen("127.0.0.1", first.getsockname()[1])


@contextmanager
def kgrec_serve(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], Caller]]:
    """The command in a process of its own, asked at the address that it prints."""
    command = [sys.executable, "-m", "recommender", "serve", "--port", "0", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield process, Caller(int(line.split("http://127.0.0.1:")[1].split()[0]))
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_serves_until_it_is_asked_to_end(
    embedded_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    point_at(embedded_store, tmp_path, monkeypatch)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with kgrec_serve() as (process, caller):
        assert caller.get("/recommend/ada").status == 200
        assert caller.get("/search?q=x").status == 404, "there is no folder of runs here"
        process.send_signal(number)
        assert process.wait(60) == 0


def test_the_command_refuses_other_machines_without_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:9")
    monkeypatch.setenv("NEO4J_PASSWORD", "x")
    assert run_app(["serve", "--host", "0.0.0.0", "--runs-dir", str(tmp_path)]) == 2  # noqa: S104
    assert "Without an API key" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("name", ["embedded", "neo4j"])
def test_a_killed_graph_is_503_until_it_is_back(name: str, tmp_path: Path) -> None:
    if name == "neo4j" and (reason := neo4j_tool.missing()):
        pytest.skip(f"no Neo4j: {reason}")
    with restartable(name, "house", tmp_path) as server:
        with Store.connect(server.connection()) as store:
            build(store)
        graph = Graph(Environment.read(server.environment), "house")
        with serving(graph.locate) as caller:
            assert caller.get("/recommend/ada").json["basis"] == "list"
            server.kill()
            answers = [caller.get("/recommend/ada") for _ in range(20)]
            server.start()
            answers.append(caller.get("/recommend/ada"))
            while answers[-1].status != 200:
                answers.append(caller.get("/recommend/ada"))
        assert answers[-1].json["basis"] == "list"
        refused = answers[:-1]
        assert {(each.status, each.headers["retry-after"]) for each in refused} == {(503, "2")}
