"""One writer at a time, also from two machines: real processes, each with a home of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from graph_world import graph_of
from query_world import build
from rdf_world import whole
from server_environment import point_at

from benchmarks.chaos_proxy import Proxy
from kg.migrations import migrate
from kg.rdf.export import export
from kg.rdf.restore import restore
from kg.store import Store
from recommender import lease
from recommender.cli.app import run_app
from recommender.doctor import checks
from recommender.environment import Environment
from recommender.graph import Graph
from recommender.lease import leased
from recommender.locks import BusyError

HOLD = """
from recommender.environment import Environment
from recommender.graph import Graph
import sys
with Graph(Environment.read(), "shop") as graph, graph.alone():
    print("held", flush=True)
    sys.stdin.read()
"""
COUNT = """
import sys, time
from recommender.environment import Environment
from recommender.graph import Graph
from recommender.locks import BusyError
for _ in range(int(sys.argv[1])):
    while True:
        try:
            with Graph(Environment.read(), "shop") as graph, graph.alone():
                [row] = graph.store.run_text("MATCH (n:Dataset) RETURN n.count AS count")
                count = row["count"] + 1
                graph.store.run_text("MATCH (n:Dataset) SET n.count = $count", count=count)
            break
        except BusyError:
            time.sleep(0.01)
"""
HOLDER = "MATCH (l:Lease) RETURN l.pid AS pid, l.until AS until"
ELSEWHERE = "MATCH (l:Lease) SET l.machine = 'another', l.host = 'far-away'"
RUN_OUT = "MATCH (l:Lease) SET l.until = timestamp() - 1"


def process(script: str, home: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "KGREC_HOME": str(home)},
    )


@pytest.fixture
def shop(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    point_at(store, tmp_path, monkeypatch)
    return store


@pytest.fixture
def other(shop: Store, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process with another home that writes the graph."""
    began = process(HOLD, tmp_path / "other")
    assert began.stdout
    assert began.stdout.readline() == "held\n", began.communicate()
    yield began
    began.kill()
    began.communicate()


def end(other: subprocess.Popen[str]) -> None:
    _, said = other.communicate("")
    assert other.returncode == 0, said


def graph() -> Graph:
    return Graph(Environment.read(), "shop")


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_second_home_is_told_who_writes_and_waits_for_its_end(
    shop: Store, other: subprocess.Popen[str]
) -> None:
    with graph() as mine:
        held = rf"process {other.pid} on {socket.gethostname()}, started {datetime.now(UTC):%Y-%m}"
        with pytest.raises(BusyError, match=held), mine.alone():
            pass
        assert mine.store.read("read/node_counts") is not None, "reading goes on"
        end(other)
        with mine.alone():
            assert shop.run_text(HOLDER)[0]["pid"] == os.getpid()
    assert shop.run_text(HOLDER) == []


def test_a_killed_writer_keeps_nobody_of_its_machine_out(
    shop: Store, other: subprocess.Popen[str]
) -> None:
    other.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)  # dead, and not yet buried
    assert shop.run_text(HOLDER)[0]["pid"] == other.pid
    with graph() as mine, mine.alone():
        assert shop.run_text(HOLDER)[0]["pid"] == os.getpid()


def test_a_process_that_was_born_later_under_the_same_number_is_another(shop: Store) -> None:
    with graph() as before, before.alone():
        shop.run_text("MATCH (l:Lease) SET l.born = l.born - 1")
        with leased(shop.connection, what="the shop", now=datetime.now(UTC)):
            pass


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody is known to be dead")
def test_of_another_machine_nobody_is_known_to_be_dead(
    shop: Store, other: subprocess.Popen[str]
) -> None:
    other.kill()
    other.wait()
    shop.run_text(ELSEWHERE)
    with graph() as mine:
        held = f"process {other.pid} on far-away"
        with pytest.raises(BusyError, match=held) as refused, mine.alone():
            pass
        when = refused.value.remedy.rpartition("start again after ")[2].rstrip(".")
        left = datetime.fromisoformat(when) - datetime.now(UTC)
        assert 0 < left.total_seconds() <= lease.LEASE_SECONDS
        shop.run_text(RUN_OUT)
        with mine.alone():
            assert shop.run_text(HOLDER)[0]["pid"] == os.getpid()


def test_who_has_lost_the_graph_writes_no_more(shop: Store, tmp_path: Path) -> None:
    """As one does who was cut off for minutes, while another machine began a run."""
    with graph() as mine, mine.alone():
        mine.store.run_text("CREATE (:Dataset {name: 'before'})")
        shop.run_text(ELSEWHERE)
        shop.run_text(RUN_OUT)
        later = process(HOLD, tmp_path / "other")
        assert later.stdout
        assert later.stdout.readline() == "held\n"
        before = graph_of(shop)
        assert mine._lease
        mine._lease.renew()
        for step in (
            lambda: mine.store.run_text("CREATE (:Item {itemId: 'late'})"),
            lambda: mine.store.write("write/dataset", name="late"),
            mine.store.clear,
            mine.still_alone,
        ):
            with pytest.raises(
                BusyError, match=f"no longer alone.*now it is process {later.pid} on"
            ):
                step()
        assert graph_of(shop) == before
    assert shop.run_text(HOLDER)[0]["pid"] == later.pid, "what is another's is not given back"
    end(later)


def test_after_a_sleep_of_the_machine_the_first_write_asks_whether_it_may(
    shop: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with graph() as mine, mine.alone():
        store = mine.store
        shop.run_text("MATCH (l:Lease) SET l.owner = 'another'")
        asleep = time.time() + lease.LEASE_SECONDS
        monkeypatch.setattr("recommender.lease.time.time", lambda: asleep)
        with pytest.raises(BusyError, match="no longer alone"):
            store.write("write/dataset", name="late")
    shop.run_text("MATCH (l:Lease) DELETE l")


def test_it_is_renewed_while_the_work_is_silent_and_after_the_server_was_away(
    shop: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def renewed(since: object) -> bool:
        return shop.run_text(HOLDER)[0]["until"] > since  # type: ignore[operator]

    monkeypatch.setattr(lease, "RENEW_SECONDS", 0.05)
    monkeypatch.setattr(lease, "_AGAIN_SECONDS", 0.05)
    monkeypatch.setattr(lease, "_RETRY_SECONDS", 0.1)
    door = Proxy(lambda: urlsplit(shop.connection.uri).port or 0)
    through = shop.connection.model_copy(update={"uri": f"bolt://127.0.0.1:{door.port}"})
    with leased(through, what="the shop", now=datetime.now(UTC)):
        [first] = shop.run_text(HOLDER)
        until(lambda: renewed(first["until"]))
        assert door.cut(seconds=1.0)
        until(lambda: "could not be renewed" in caplog.text)
        [second] = shop.run_text(HOLDER)
        until(lambda: renewed(second["until"]))
    door.close()


def test_two_homes_that_count_at_once_miss_nothing_also_in_a_graph_without_a_schema(
    shop: Store, tmp_path: Path
) -> None:
    shop.run_text("DROP CONSTRAINT lease_key IF EXISTS")
    shop.run_text("MATCH (m:Migration) DELETE m")
    try:
        shop.run_text("CREATE (:Dataset {datasetId: 'it', count: 0})")
        both = [process(COUNT, tmp_path / home, "15") for home in ("one", "two")]
        said = [each.communicate() for each in both]
        assert [each.returncode for each in both] == [0, 0], said
        assert shop.run_text("MATCH (n:Dataset) RETURN n.count AS count") == [{"count": 30}]
        assert shop.run_text(HOLDER) == []
    finally:
        shop.run_text("MATCH (m:Migration) DELETE m")
        migrate(shop)


def test_every_command_that_writes_waits_its_turn(
    shop: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build(shop)
    place = tmp_path / "graph.nt"
    export(shop, place)
    (tmp_path / "people.csv").write_text("user,item\nada,lamp\n")
    (tmp_path / "my.yaml").write_text(
        "name: house\nsources:\n  - {type: delimited, path: people.csv, "
        "columns: {user: user, item: item}}\n"
    )
    began = process(HOLD, tmp_path / "other")
    assert began.stdout
    began.stdout.readline()
    before = graph_of(shop)
    for command in (
        ["run", "my.yaml"],
        ["etl", "my.yaml"],
        ["trends"],
        ["segments"],
        ["forget", "ada", "--yes"],
        ["graph", "clear", "--yes"],
        ["rdf", "import", str(place), "--dataset", "house"],
    ):
        assert run_app(command) == 5, command
        assert f"process {began.pid} on" in capsys.readouterr().err, command
    assert graph_of(shop) == before
    end(began)
    assert run_app(["graph", "clear", "--yes"]) == 0


def test_who_writes_is_told_by_doctor_and_is_no_part_of_the_graph(
    shop: Store, tmp_path: Path
) -> None:
    before = whole(build(shop))
    assert writer(tmp_path) == "nobody"
    with graph() as mine, mine.alone():
        assert writer(tmp_path).startswith(f"process {os.getpid()} on {socket.gethostname()}")
        assert export(shop, tmp_path / "graph.nt").left_out == {}
        assert "Lease" not in (tmp_path / "graph.nt").read_text()
        mine.store.clear()
        assert writer(tmp_path) != "nobody", "an emptied graph is still held"
        restore(mine.store, tmp_path / "graph.nt")
    assert writer(tmp_path) == "nobody"
    assert whole(shop) == before


def writer(folder: Path) -> str:
    return next(
        each.said for each in checks(Environment.read(), folder, None) if each.check == "writer"
    )
