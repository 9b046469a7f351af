"""What a graph server refuses for a passing reason is asked again, or asked for less."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import neo4j_server as neo4j_tool
import pyarrow as pa
import pytest
from lossy_door import lossy_door
from neo4j.exceptions import ClientError, Neo4jError, ResultFailedError, TransientError
from pydantic import SecretStr

from kg.again import Row, in_parts, repeating, too_large
from kg.bolt import Connection
from kg.errors import GraphError, GraphUnavailableError, TooLargeError
from kg.migrations import migrate
from kg.runs import begin_run
from kg.store import Checkpoint, Store

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)


def through(store: Store, port: int) -> Connection:
    return store.connection.model_copy(update={"uri": f"bolt://127.0.0.1:{port}"})


def port_of(store: Store) -> int:
    return urlsplit(store.connection.uri).port or 7687


def people(count: int, text: str = "") -> pa.Table:
    return pa.table(
        {
            "user_id": [f"user-{n:05}" for n in range(count)],
            "traits": pa.array([{"words": text}] * count, pa.map_("string", "string")),
            "source": ["club"] * count,
        }
    )


def lists(users: int) -> pa.Table:
    """Everybody is recommended chess, then go."""
    places = {"score": [2.0, 1.0], "probability": [0.5, 0.4], "rating": [None, None]}
    return pa.table(
        {
            "user_id": [f"user-{n:05}" for n in range(users)],
            "items": [["chess", "go"]] * users,
            **{
                name: pa.array([value] * users, pa.list_(pa.float64()))
                for name, value in places.items()
            },
            "reasons": [[["popular|1|"], ["popular|1|"]]] * users,
            "cold_start": [[False, False]] * users,
        }
    )


def write_people(store: Store, rows: pa.Table) -> int:
    return store.write_rows("load/users", rows, key=["user_id"], runId="run-1")


def test_a_list_is_there_once_though_the_answer_to_its_commit_was_lost(store: Store) -> None:
    write_people(store, people(3))
    items = pa.table({"item_id": ["chess", "go"]})
    store.run_text("UNWIND $ids AS id MERGE (:Item {itemId: id})", ids=items["item_id"].to_pylist())
    with (
        lossy_door(port_of(store), losses=1) as door,
        Store.connect(through(store, door.port)) as far,
    ):
        far.write_rows("write/lists", lists(3), key=["user_id"], runId="run-1", at=1_000)
        assert door.lost == 1
    found = store.run_text(
        "MATCH (u:User)-[r:RECOMMENDED]->(i:Item) RETURN u.userId AS user, i.itemId AS item, "
        "r.rank AS rank ORDER BY user, rank"
    )
    assert [(row["user"], row["item"]) for row in found] == [
        (f"user-{n:05}", item) for n in range(3) for item in ("chess", "go")
    ]


def test_a_checkpoint_counts_each_batch_once_though_answers_are_lost(store: Store) -> None:
    begin_run(store, "EtlRun", "run-1", now=NOW, config={}, code_version="1")
    stage = Checkpoint("run-1", "users")
    with (
        lossy_door(port_of(store), losses=2) as door,
        Store.connect(through(store, door.port)) as far,
    ):
        written = far.write_rows(
            "load/users", people(5), key=["user_id"], batch_size=2, checkpoint=stage, runId="run-1"
        )
        assert (written, door.lost) == (5, 2)
    assert store.read("read/checkpoint", runId="run-1", stage="users")[0]["done"] == 5
    assert store.run_text("MATCH (u:User) RETURN count(u) AS n") == [{"n": 5}]


def test_an_import_is_not_sent_twice(store: Store) -> None:
    """It would write every relationship twice; whoever imports begins with an empty graph."""
    write_people(store, people(2))
    row = {"start": "user-00000", "end": "user-00001", "properties": {}, "times": []}
    named = {
        "__START__": "User",
        "__START_KEY__": "userId",
        "__END__": "User",
        "__END_KEY__": "userId",
        "__TYPE__": "FOLLOWS",
    }
    with (
        lossy_door(port_of(store), losses=1) as door,
        Store.connect(through(store, door.port)) as far,
        pytest.raises(GraphUnavailableError, match="does not answer"),
    ):
        far.write("write/import_relationships", named, rows=[row])
    assert store.run_text("MATCH (:User)-[r:FOLLOWS]->(:User) RETURN count(r) AS n") == [{"n": 1}]


@dataclass
class Scales:
    """A server that takes rows up to a weight; it notes what it took."""

    limit: int
    took: list[list[object]]

    def send(self, rows: Sequence[Row]) -> None:
        if sum(int(str(row["weight"])) for row in rows) > self.limit:
            raise TooLargeError("The scales break.")
        self.took.append([row["weight"] for row in rows])


def test_what_is_too_much_is_halved_until_it_is_not() -> None:
    scales = Scales(limit=3, took=[])
    rows = [{"weight": 1}] * 9
    assert in_parts(rows, scales.send, 8) == 2
    assert [len(part) for part in scales.took] == [2, 2, 2, 2, 1]
    assert in_parts(rows[:4], scales.send, 2) == 2, "and stays halved for the next batch"


def test_one_row_that_is_too_much_is_named_with_its_size() -> None:
    scales = Scales(limit=3, took=[])
    rows: list[Row] = [{"weight": 1}, {"weight": 1}, {"id": "elephant", "weight": 4}]
    with pytest.raises(GraphError, match=r"single row of 31 bytes \(id 'elephant'\)") as caught:
        in_parts(rows, scales.send, 3)
    assert "db.memory.transaction.max" in str(caught.value)
    assert scales.took == [[1, 1]]


@pytest.mark.parametrize(
    ("code", "large"),
    [
        ("Neo.TransientError.General.MemoryPoolOutOfMemoryError", True),
        ("Neo.TransientError.General.TransactionMemoryLimit", True),
        ("Neo.TransientError.General.OutOfMemoryError", True),
        ("Neo.ClientError.Transaction.TransactionTimedOut", True),
        ("Neo.TransientError.Transaction.DeadlockDetected", False),
        ("Neo.ClientError.Cluster.NotALeader", False),
    ],
)
def test_servers_say_in_their_codes_what_was_too_large(code: str, large: bool) -> None:
    error = Neo4jError("…")
    error._neo4j_code = code
    assert too_large(error) is large


@pytest.mark.parametrize(
    ("query", "cause", "asked"),
    [
        ("read/users", TransientError, 2),
        ("read/users", ClientError, 1),
        ("write/import_relationships", TransientError, 1),
    ],
)
def test_what_failed_amid_a_result_is_asked_again_if_its_cause_may_pass(
    query: str, cause: type[Neo4jError], asked: int
) -> None:
    """The driver stumbles over such a failure once more as it rolls back, and then gives up."""
    times = 0

    def answer() -> str:
        nonlocal times
        times += 1
        if times == 1:
            raise ResultFailedError(None, "the result has failed") from cause()
        return "an answer"

    if asked == 1:
        with pytest.raises(ResultFailedError):
            repeating(query)(answer)
    else:
        assert repeating(query)(answer) == "an answer"
    assert times == asked


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A real Neo4j whose transactions may take two megabytes."""
    if reason := neo4j_tool.missing():
        pytest.skip(reason)
    home = tmp_path_factory.mktemp("narrow")
    with neo4j_tool.serve(home, settings=["db.memory.transaction.max=2m"]) as server:
        connection = Connection(
            uri=server.uri, username=server.username, password=SecretStr(server.password)
        )
        with Store.connect(connection) as store:
            migrate(store)
            yield store


@pytest.mark.slow
@pytest.mark.graph
def test_neo4j_takes_in_parts_what_it_has_no_memory_for_at_once(narrow: Store) -> None:
    begin_run(narrow, "EtlRun", "run-1", now=NOW, config={}, code_version="1")
    stage, reached = Checkpoint("run-1", "users"), list[int]()
    written = narrow.write_rows(
        "load/users",
        people(5_000, "x" * 100),
        key=["user_id"],
        checkpoint=stage,
        progress=lambda done, *_: reached.append(done),
        runId="run-1",
    )
    assert written == 5_000
    assert len(reached) > 1
    assert narrow.run_text("MATCH (u:User) RETURN count(u) AS n") == [{"n": 5_000}]
    assert narrow.read("read/checkpoint", runId="run-1", stage="users")[0]["done"] == 5_000


@pytest.mark.slow
@pytest.mark.graph
def test_neo4j_and_a_row_that_is_too_large_for_it(narrow: Store) -> None:
    rows = pa.concat_tables([people(10), people(11, "x" * 3_000_000).slice(10)])
    with pytest.raises(GraphError, match=r"single row of 3,000,\d{3} bytes \(user_id 'user-00010"):
        write_people(narrow, rows)
