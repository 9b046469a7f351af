"""The store on both servers: round trips, batches, checkpoints and errors."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from pydantic import SecretStr

from kg.bolt import Connection
from kg.catalogue import Catalogue
from kg.errors import ConfigError, GraphError, GraphUnavailableError, QueryFileError
from kg.runs import begin_run
from kg.store import Checkpoint, Store

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
PLAYS = pa.table(
    {
        "user_id": ["cleo", "ada", "bob", "ada"],
        "item_id": ["chess", "go", "chess", "chess"],
        "rating": [3.0, 5.0, None, 4.0],
        "at": pa.array([NOW, None, NOW, NOW], pa.timestamp("us", tz="UTC")),
        "more": pa.array(
            [{"place": "home"}, None, {}, {"with": "bob"}], pa.map_("string", "string")
        ),
    }
)
QUERIES = {
    "play": """\
// play: who played what
// access: write
// param rows: list<map> — user_id, item_id, rating, at, more
UNWIND $rows AS row
MERGE (u:User {userId: row.user_id})
MERGE (i:Item {itemId: row.item_id})
MERGE (u)-[p:PLAYED]->(i)
SET p += coalesce(row.more, {}),
    p.rating = row.rating,
    p.times = coalesce(p.times, 0) + 1,
    p.at = CASE WHEN row.at IS NULL THEN null ELSE datetime({epochMillis: row.at}) END
""",
    "plays": """\
// plays: who played what
// access: read
// returns user: string — who
// returns item: string — what
// returns rating: float — how good it was
// returns times: integer — how often it was written
// returns at: datetime — when
MATCH (u:User)-[p:PLAYED]->(i:Item)
RETURN u.userId AS user, i.itemId AS item, p.rating AS rating, p.times AS times, p.at AS at
ORDER BY user, item
""",
    "players": """\
// players: who played what
// access: read
// returns user: string — who
// returns played: list<list> — item and rating
MATCH (u:User)
RETURN u.userId AS user, [(u)-[p:PLAYED]->(i:Item) | [i.itemId, p.rating]] AS played
""",
    "things": """\
// things: one of each kind of value
// access: read
// returns node: map — a node
// returns path: list — a path
// returns day: date — a date
MATCH path = (u:User {userId: 'cleo'})-[:PLAYED]->(:Item)
RETURN u AS node, path, date('2024-02-29') AS day
""",
    "bad": """\
// bad: fails on the second batch
// access: write
// param rows: list<map> — user_id, item_id
UNWIND $rows AS row
MERGE (u:User {userId: row.user_id})
SET u.share = 1 / (CASE row.user_id WHEN 'cleo' THEN 0 ELSE 1 END)
""",
}


@pytest.fixture(scope="module")
def queries(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """The catalogue, with the queries of this file beside its own."""
    folder = tmp_path_factory.mktemp("cypher")
    own = Path(__file__).resolve().parent.parent / "cypher"
    for name in ("read", "write"):
        (folder / name).symlink_to(own / name)
    for name, text in QUERIES.items():
        (folder / f"{name}.cypher").write_text(text, encoding="utf-8")
    return Catalogue(folder)


@pytest.fixture
def games(store: Store, queries: Catalogue) -> Store:
    """The empty graph, with the queries of this file."""
    return Store(store._driver, store.connection, queries, store.capabilities)


def count(store: Store) -> dict[str, int]:
    rows = store.run_text("MATCH (n:User) RETURN n.userId AS id, 1 AS n")
    return {str(row["id"]): 1 for row in rows}


def test_a_table_is_written_and_read_back(games: Store) -> None:
    assert games.write_rows("play", PLAYS, key=["user_id", "item_id"], batch_size=2) == 4
    rows = games.read("plays")
    assert [(r["user"], r["item"], r["rating"], r["at"]) for r in rows] == [
        ("ada", "chess", 4.0, NOW),
        ("ada", "go", 5.0, None),
        ("bob", "chess", None, NOW),
        ("cleo", "chess", 3.0, NOW),
    ]
    assert games.run_text("MATCH ()-[p:PLAYED {place: 'home'}]->() RETURN count(p) AS n") == [
        {"n": 1}
    ]


def test_a_stream_gives_plain_tuples_in_batches(games: Store) -> None:
    games.write_rows("play", PLAYS, key=["user_id"])
    batches = list(games.stream("players", batch_size=2))
    assert [len(batch) for batch in batches] == [2, 1]
    rows = [row for batch in batches for row in batch]
    assert {type(row) for row in rows} == {tuple}
    played = {user: sorted(map(tuple, items)) for user, items in rows}  # type: ignore[arg-type]
    assert played["ada"] == [("chess", 4.0), ("go", 5.0)]


def test_a_stream_that_is_left_early_frees_its_connection(games: Store) -> None:
    games.write_rows("play", PLAYS, key=["user_id"])
    stream = games.stream("players", batch_size=1)
    assert len(next(stream)) == 1
    stream.close()  # type: ignore[attr-defined]
    assert len(games.read("plays")) == 4


def test_nodes_paths_and_dates_become_plain_python(games: Store) -> None:
    games.write_rows("play", PLAYS, key=["user_id"])
    row = games.read("things")[0]
    assert row["node"] == {"labels": ["User"], "userId": "cleo"}
    user, played, item = row["path"]  # type: ignore[misc]
    assert (user["userId"], played["type"], item["itemId"]) == ("cleo", "PLAYED", "chess")
    assert str(row["day"]) == "2024-02-29"


def test_progress_is_reported_after_each_batch(games: Store) -> None:
    seen: list[tuple[int, int | None]] = []
    games.write_rows(
        "play",
        PLAYS,
        key=["user_id"],
        batch_size=3,
        progress=lambda done, total=None, unit="rows": seen.append((done, total)),
    )
    assert seen == [(3, 4), (4, 4)]


def test_a_stage_goes_on_after_its_last_batch(games: Store) -> None:
    begin_run(games, "EtlRun", "run-1", now=NOW, config={}, code_version="1")
    stage = Checkpoint("run-1", "plays")

    def interrupted(done: int, total: int | None = None, unit: str = "rows") -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        games.write_rows(
            "play", PLAYS, key=["user_id"], batch_size=3, checkpoint=stage, progress=interrupted
        )
    assert sum(int(str(r["times"])) for r in games.read("plays")) == 3
    assert games.write_rows("play", PLAYS, key=["user_id"], batch_size=3, checkpoint=stage) == 1
    assert [r["times"] for r in games.read("plays")] == [1, 1, 1, 1]
    assert games.write_rows("play", PLAYS, key=["user_id"], checkpoint=stage) == 0


def test_a_stage_with_other_rows_starts_over(games: Store) -> None:
    begin_run(games, "EtlRun", "run-1", now=NOW, config={}, code_version="1")
    stage = Checkpoint("run-1", "plays")
    assert games.write_rows("play", PLAYS, key=["user_id"], checkpoint=stage) == 4
    changed = PLAYS.set_column(2, "rating", pa.array([1.0, 2.0, 3.0, 4.0]))
    assert games.write_rows("play", changed, key=["user_id"], checkpoint=stage) == 4


def test_a_batch_that_fails_leaves_neither_rows_nor_checkpoint(games: Store) -> None:
    begin_run(games, "EtlRun", "run-1", now=NOW, config={}, code_version="1")
    with pytest.raises(GraphError, match="bad"):
        games.write_rows(
            "bad", PLAYS, key=["user_id"], batch_size=3, checkpoint=Checkpoint("run-1", "bad")
        )
    assert count(games) == {"ada": 1, "bob": 1}
    assert games.read("read/checkpoint", runId="run-1", stage="bad")[0]["done"] == 3


def test_a_checkpoint_needs_its_run(games: Store) -> None:
    with pytest.raises(GraphError, match="no :EtlRun 'nobody'"):
        games.write_rows("play", PLAYS, key=["user_id"], checkpoint=Checkpoint("nobody", "plays"))
    assert games.read("plays") == []


def test_reading_and_writing_queries_are_told_apart(games: Store) -> None:
    with pytest.raises(QueryFileError, match="'play' is for write, wanted one to read"):
        games.read("play", rows=[])
    with pytest.raises(QueryFileError, match="'plays' is for read"):
        games.write("plays")
    with pytest.raises(ConfigError, match="needs 'rows'"):
        games.write("play")


def test_writers_of_the_same_nodes_wait_for_each_other(games: Store) -> None:
    """Each write is tried again until it is through, and none is lost."""
    games.write_rows("play", PLAYS, key=["user_id"])

    def write(key: str) -> None:
        for _ in range(5):
            games.write_rows("play", PLAYS, key=[key])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, ["user_id", "item_id"]))
    assert [row["times"] for row in games.read("plays")] == [11, 11, 11, 11]


def test_a_wrong_password_is_said_and_never_shown(store: Store) -> None:
    wrong = store.connection.model_copy(update={"password": SecretStr("not-the-password")})
    with pytest.raises(GraphError, match="refused the password of user") as caught:
        Store.connect(wrong)
    assert "NEO4J_PASSWORD" in str(caught.value)
    assert "not-the-password" not in f"{caught.value!r} {wrong!r} {caught.value.__cause__!r}"


def test_an_unknown_database_is_said(store: Store) -> None:
    nowhere = store.connection.model_copy(update={"database": "atlantis"})
    with pytest.raises(GraphError, match=r"no database 'atlantis'.*\n.*NEO4J_DATABASE"):
        Store.connect(nowhere)


def test_a_server_that_lacks_our_cypher_is_too_old(store: Store, tmp_path: Path) -> None:
    own = Path(__file__).resolve().parent.parent / "cypher" / "read"
    (tmp_path / "read").mkdir()
    for name in ("server", "procedures"):
        (tmp_path / "read" / f"{name}.cypher").write_text((own / f"{name}.cypher").read_text())
    (tmp_path / "read" / "dialect.cypher").write_text(
        "// read/dialect: Cypher of the future\n// access: read\n"
        "// returns answer: integer — 1\nFORESEE (n)\nRETURN n AS answer\n"
    )
    with pytest.raises(GraphError, match=r"too old \(5\.26.*\n.*5\.26 or newer"):
        Store.connect(store.connection, Catalogue(tmp_path))


def test_capabilities_are_what_the_server_can_do(store: Store) -> None:
    can = store.capabilities
    if "ArcadeDB" in can.product:
        assert (can.dialect, can.fulltext_index, can.vector_index) == ("embedded", False, False)
    else:
        assert (can.dialect, can.fulltext_index, can.vector_index) == ("neo4j", True, True)


@pytest.mark.parametrize(
    ("uri", "error", "message"),
    [
        ("bolt://127.0.0.1:1", GraphUnavailableError, "does not answer"),
        ("htp://127.0.0.1:1", GraphError, "is no address of a graph server"),
        ("bolt://no-such-host.invalid:7687", GraphUnavailableError, "does not answer"),
    ],
)
def test_a_server_that_is_not_there_is_said(
    uri: str, error: type[GraphError], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        Store.connect(Connection(uri=uri, password=SecretStr("secret-word")))
    assert "NEO4J_URI" in str(caught.value)
    assert "secret-word" not in str(caught.value)


def test_a_server_that_stays_silent_is_given_up_in_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kg.store.CONNECT_SECONDS", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        uri = f"bolt://127.0.0.1:{silent.getsockname()[1]}"
        connection = Connection(uri=uri, password=SecretStr("x"))
        begun = time.monotonic()
        with pytest.raises(GraphUnavailableError, match="does not answer"):
            Store.connect(connection)
        assert time.monotonic() - begun < 10
