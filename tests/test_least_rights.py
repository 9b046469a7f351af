"""Reading needs no right to write: in the server's eyes, and in what each command opens."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from neo4j import READ_ACCESS, Session
from query_world import build
from server_environment import point_at

from kg.catalogue import Catalogue
from kg.errors import GraphError
from kg.store import Store
from recommender.cli.app import run_app

NAMES = list(Catalogue())


def test_the_server_itself_calls_each_query_what_its_header_does(neo4j_store: Store) -> None:
    kinds = {}
    for name in NAMES:
        query = neo4j_store.catalogue[name]
        text = query.text("neo4j", query.example_identifiers())
        arguments = {parameter.name: parameter.default for parameter in query.parameters}
        with neo4j_store._session(READ_ACCESS, name) as session:
            kinds[name] = session.run(f"EXPLAIN {text}", arguments).consume().query_type
    for name, kind in kinds.items():  # s: SHOW, CALL dbms…, CREATE …
        reads = kind == "r" or (kind == "s" and not _makes(neo4j_store, name))
        assert reads == (neo4j_store.catalogue[name].access == "read"), name


def _makes(store: Store, name: str) -> bool:
    return store.catalogue[name].text("neo4j").startswith("CREATE")


@pytest.fixture
def modes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The access modes of all sessions that are opened."""
    opened: list[str] = []
    plainly = Store._session

    def session(
        self: Store, access: str, doing: str, fetch_size: int = 10_000
    ) -> AbstractContextManager[Session]:
        opened.append(access)
        return plainly(self, access, doing, fetch_size)

    monkeypatch.setattr(Store, "_session", session)
    return opened


def test_each_reading_query_is_asked_in_read_mode(server: Store, modes: list[str]) -> None:
    for name in NAMES:
        query = server.catalogue[name]
        if query.access != "read" or query.identifiers:
            continue
        arguments = {parameter.name: parameter.default for parameter in query.parameters}
        try:
            server.read(name, None, **arguments)
            next(server.stream(name, None, **arguments), None)
        except GraphError:
            pass  # a key of null, which it cannot do with; the session was opened nonetheless
    assert len(modes) > 80
    assert set(modes) == {READ_ACCESS}


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE (:User {userId: 'eve'})",
        "MATCH (n) DETACH DELETE n",
        "MATCH (n) SET n.title = 'x'",
        "CREATE INDEX eve FOR (n:User) ON (n.eve)",
        "CALL { CREATE (n:User {userId: 'eve'}) RETURN n } RETURN n",
    ],
)
def test_what_writes_in_read_mode_is_refused_by_neo4j(neo4j_store: Store, statement: str) -> None:
    with (
        pytest.raises(GraphError, match="does not allow writing"),
        neo4j_store._session(READ_ACCESS, "a write") as session,
    ):
        session.run(statement).consume()


READING = (
    ["query", "browse/overview"],
    ["query", "browse/user_profile", "-p", "userId=ada"],
    ["recommend", "ada"],
    ["explain", "ada", "desk"],
    ["graph", "status"],
    ["graph", "picture", "ada", "-o", "ada.svg"],
    ["rdf", "export", "-o", "graph.nt"],
    ["browser", "--output", "pack"],
)


def test_commands_that_read_open_no_session_to_write(
    store: Store,
    modes: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    build(store)
    point_at(store, tmp_path, monkeypatch)
    modes.clear()
    for command in READING:
        assert run_app(command) == 0, (command, capsys.readouterr().err)
        assert set(modes) == {READ_ACCESS}, command
        modes.clear()
