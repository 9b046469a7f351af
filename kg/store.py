"""The graph over Bolt: named queries in, rows out.

The only place that opens sessions of the `neo4j` driver. Every query comes from the catalogue.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice, repeat
from types import TracebackType
from typing import Final, Self

import pyarrow as pa
from neo4j import (
    READ_ACCESS,
    WRITE_ACCESS,
    Driver,
    GraphDatabase,
    ManagedTransaction,
    Session,
    unit_of_work,
)
from neo4j.exceptions import ClientError, CypherSyntaxError, TransientError

from kg import tls
from kg.again import RETRY_SECONDS, Row, in_parts, repeating, too_large
from kg.ahead import ahead
from kg.bolt import Connection, first_line, graph_errors, to_python, translated
from kg.catalogue import Catalogue
from kg.errors import GraphError, QueryFileError
from kg.progress import Progress, no_progress
from kg.query_file import Access, Dialect, Query
from kg.rows import content_hash, sort_rows, to_rows

logger = logging.getLogger(__name__)

CONNECT_SECONDS: Final = 5.0
"""How long to wait for a server to accept a connection."""
OLDEST_NEO4J: Final = "5.26"

_FULLTEXT: Final = "db.index.fulltext.queryNodes"
_VECTOR: Final = "db.index.vector.queryNodes"
_GONE: Final = "Neo.ClientError.Statement.EntityNotFound"
_APOC: Final = "apoc.version"
_CLEARING: Final = (
    ("write/clear_relationships", "relationships"),  # first: deleting a hub detached needs memory
    ("write/clear_nodes", "nodes and relationships"),
)
Rows = list[dict[str, object]]


@dataclass(frozen=True)
class Capabilities:
    """What the server said it is and can do. The dialect follows from what it can do."""

    product: str
    version: str
    edition: str
    fulltext_index: bool
    vector_index: bool
    apoc: bool

    @property
    def dialect(self) -> Dialect:
        """Which query files fit: those of `neo4j` need its full-text and vector indexes."""
        return "neo4j" if self.fulltext_index and self.vector_index else "embedded"


@dataclass(frozen=True)
class Checkpoint:
    """Names a stage of an :EtlRun whose rows are loaded in order, so that it can be resumed."""

    run_id: str
    stage: str


class Store:
    """An open connection to one graph. Close it, or use it as a context manager."""

    def __init__(
        self,
        driver: Driver,
        connection: Connection,
        catalogue: Catalogue,
        capabilities: Capabilities,
        read_seconds: float | None = None,
        before_writing: Callable[[], None] | None = None,
    ) -> None:
        self.connection = connection
        self.catalogue = catalogue
        self.capabilities = capabilities
        self._driver = driver
        self._read_seconds = read_seconds
        self._before_writing = before_writing

    @classmethod
    def connect(
        cls,
        connection: Connection,
        catalogue: Catalogue | None = None,
        *,
        retry_seconds: float = RETRY_SECONDS,
        read_seconds: float | None = None,
        before_writing: Callable[[], None] | None = None,
    ) -> Self:
        """Open a connection and ask the server what it can do.

        Args:
            retry_seconds: how long to go on retrying what failed for a passing reason.
            read_seconds: after how long the server gives up what `read` asks; None: as it is set.
            before_writing: called before each transaction that writes; it may raise.

        Raises:
            GraphUnavailableError: no server answers.
            GraphError: wrong password or database, or the server is too old.
        """
        catalogue = catalogue or Catalogue()
        uri, secured = tls.address(connection)
        with graph_errors(connection, "the connection"):
            driver = GraphDatabase.driver(
                uri,
                **secured,
                auth=(connection.username, connection.password.get_secret_value()),
                connection_timeout=CONNECT_SECONDS,
                connection_acquisition_timeout=2 * CONNECT_SECONDS,
                max_transaction_retry_time=retry_seconds,
                initial_retry_delay=min(1.0, retry_seconds / 10),
            )
        try:
            with graph_errors(connection, "the connection"):
                capabilities = _probe(driver, connection, catalogue)
        except BaseException:
            driver.close()
            raise
        return cls(driver, connection, catalogue, capabilities, read_seconds, before_writing)

    def close(self) -> None:
        """Close all connections to the server."""
        self._driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def read(
        self, name: str, /, identifiers: Mapping[str, str] | None = None, **params: object
    ) -> Rows:
        """The rows of a reading query, each a dict by column, in READ access mode.

        Repeated if it met something at the moment at which another transaction removed it.
        """
        query = self._query(name, "read")
        text = query.text(self.capabilities.dialect, identifiers)
        fetch = unit_of_work(timeout=self._read_seconds)(_fetch_steadily)
        with self._session(READ_ACCESS, name) as session:
            return repeating(name)(session.execute_read, fetch, text, query.arguments(params))

    def stream(
        self,
        name: str,
        /,
        batch_size: int = 10_000,
        identifiers: Mapping[str, str] | None = None,
        **params: object,
    ) -> Iterator[list[tuple[object, ...]]]:
        """The rows of a reading query in batches of tuples, as fast as the driver gives them.

        Values are the driver's own (times should be returned as epoch milliseconds). The stream is
        one transaction and is not retried.
        """
        query = self._query(name, "read")
        text = query.text(self.capabilities.dialect, identifiers)
        arguments = query.arguments(params)
        with self._session(READ_ACCESS, name, fetch_size=batch_size) as session:
            # A record is a tuple whose own iteration checks each value in Python; go past it.
            records = map(tuple.__getitem__, session.run(text, arguments), repeat(slice(None)))
            while batch := list(islice(records, batch_size)):
                yield batch

    def write(
        self, name: str, /, identifiers: Mapping[str, str] | None = None, **params: object
    ) -> Rows:
        """Run a writing query in one transaction, retried if it fails for a passing reason."""
        query = self._query(name, "write")
        text = query.text(self.capabilities.dialect, identifiers)
        self._ask_to_write()
        with self._session(WRITE_ACCESS, name) as session:
            return repeating(name)(session.execute_write, _fetch, text, query.arguments(params))

    def write_rows(
        self,
        name: str,
        rows: pa.Table,
        /,
        *,
        key: Sequence[str],
        identifiers: Mapping[str, str] | None = None,
        batch_size: int = 20_000,
        checkpoint: Checkpoint | None = None,
        progress: Progress = no_progress,
        **params: object,
    ) -> int:
        """Send a table to a writing query as `$rows`, in batches sorted by the merge key.

        Each batch is one transaction, which also moves the checkpoint on; the next one is made
        ready meanwhile. A stage that was interrupted goes on after its last batch if its rows are
        the same, else it starts over. What the server calls too large is halved.

        Returns:
            How many rows were written now.

        Raises:
            GraphError: a single row is too large, or the server refuses; what came before stays.
        """
        query = self._query(name, "write")
        text = query.text(self.capabilities.dialect, identifiers)
        ordered = sort_rows(rows, key)
        mark = self._mark(checkpoint, content_hash(ordered, name, text)) if checkpoint else None
        done = start = self._resume_at(mark) if mark else 0

        with self._session(WRITE_ACCESS, name) as session:

            def send(rows: Sequence[Row]) -> None:
                nonlocal done
                self._ask_to_write()
                arguments = query.arguments({**params, "rows": rows})
                reached = done + len(rows)
                write = partial(self._write_batch, name, text, arguments, mark, reached)
                with graph_errors(self.connection, name):
                    repeating(name)(session.execute_write, write)
                done = reached
                progress(done, ordered.num_rows)

            most = batch_size
            for batch in ahead(_batches(ordered, start, batch_size)):
                most = in_parts(batch, send, most)
        return done - start

    def explain(self, name: str, /, identifiers: Mapping[str, str] | None = None) -> None:
        """Let the server plan a query without running it; raises GraphError where it cannot."""
        query = self.catalogue[name]
        text = query.text(self.capabilities.dialect, identifiers or query.example_identifiers())
        arguments = {parameter.name: parameter.default for parameter in query.parameters}
        with self._session(READ_ACCESS, name) as session:
            session.run(f"EXPLAIN {text}", arguments).consume()

    def run_text(self, text: str, /, **params: object) -> Rows:
        """Run a statement that is no query of the catalogue: for migrations and tests."""
        self._ask_to_write()
        with self._session(WRITE_ACCESS, text) as session:
            return session.execute_write(_fetch, text, params)

    def clear(self, *, batch_size: int = 20_000, progress: Progress = no_progress) -> None:
        """Delete everything but the record of migrations, in batches."""
        done = 0
        for name, unit in _CLEARING:
            while deleted := self.write(name, limit=batch_size)[0]["deleted"]:
                done += int(str(deleted))
                progress(done, None, unit)

    def _query(self, name: str, access: Access) -> Query:
        query = self.catalogue[name]
        if query.access != access:
            raise QueryFileError(f"Query {name!r} is for {query.access}, wanted one to {access}.")
        return query

    def _ask_to_write(self) -> None:
        if self._before_writing is not None:
            self._before_writing()

    @contextmanager
    def _session(self, access: str, doing: str, fetch_size: int = 10_000) -> Iterator[Session]:
        with (
            graph_errors(self.connection, doing),
            self._driver.session(
                database=self.connection.database,
                default_access_mode=access,
                fetch_size=fetch_size,
            ) as session,
        ):
            yield session

    def _write_batch(
        self,
        name: str,
        text: str,
        arguments: dict[str, object],
        mark: _Mark | None,
        done: int,
        transaction: ManagedTransaction,
    ) -> None:
        try:
            transaction.run(text, arguments).consume()
            if mark:
                mark.move(transaction, self.capabilities.dialect, done)
        except TransientError as error:
            if too_large(error):  # else the driver would try the same again
                raise translated(error, self.connection, name) from error
            raise

    def _mark(self, checkpoint: Checkpoint, content_hash: str) -> _Mark:
        return _Mark(checkpoint, content_hash, self.catalogue["write/checkpoint"])

    def _resume_at(self, mark: _Mark) -> int:
        found = self.read("read/checkpoint", runId=mark.of.run_id, stage=mark.of.stage)
        if not found or found[0]["contentHash"] != mark.content_hash:
            return 0
        logger.info("%s: %s rows are already loaded", mark.of.stage, found[0]["done"])
        return int(str(found[0]["done"]))


@dataclass(frozen=True)
class _Mark:
    """A checkpoint, the rows that it counts, and the query that moves it on."""

    of: Checkpoint
    content_hash: str
    query: Query

    def move(self, transaction: ManagedTransaction, dialect: Dialect, done: int) -> None:
        arguments = {
            "runId": self.of.run_id,
            "stage": self.of.stage,
            "done": done,
            "contentHash": self.content_hash,
        }
        if not transaction.run(self.query.text(dialect), arguments).fetch(1):
            raise GraphError(
                f"There is no :EtlRun {self.of.run_id!r} to keep the checkpoint of "
                f"{self.of.stage!r}.",
                remedy="Begin the run before its stages are loaded.",
            )


def _batches(table: pa.Table, start: int, size: int) -> Iterator[list[dict[str, object]]]:
    """The table's rows from `start` on, `size` at a time."""
    for first in range(start, table.num_rows, size):
        yield to_rows(table.slice(first, size))


def _fetch(transaction: ManagedTransaction, text: str, arguments: dict[str, object]) -> Rows:
    result = transaction.run(text, arguments)
    names = result.keys()
    return [dict(zip(names, map(to_python, record.values()), strict=True)) for record in result]


def _fetch_steadily(
    transaction: ManagedTransaction, text: str, arguments: dict[str, object]
) -> Rows:
    """Fetch; where something has gone meanwhile, let the driver begin again, as Neo4j does."""
    try:
        return _fetch(transaction, text, arguments)
    except ClientError as error:
        if error.code != _GONE:
            raise
        raise TransientError(*error.args) from error


def _probe(driver: Driver, connection: Connection, catalogue: Catalogue) -> Capabilities:
    """Ask the server for its name and for what our queries may need."""
    with driver.session(database=connection.database, default_access_mode=READ_ACCESS) as session:
        result = session.run(catalogue["read/server"].text("neo4j"))
        server = result.fetch(1)[0]
        product = str(result.consume().server.agent)
        version = str(server["versions"][0])
        try:
            session.run(catalogue["read/dialect"].text("neo4j")).consume()
        except CypherSyntaxError as error:
            unknown = first_line(error.message)
            raise GraphError(
                f"The graph server at {connection.uri} is too old ({version}): {unknown}",
                remedy=f"Use Neo4j {OLDEST_NEO4J} or newer, Aura, or the embedded graph.",
            ) from error
        wanted = {"prefixes": [_FULLTEXT, _VECTOR, _APOC]}
        found = session.run(catalogue["read/procedures"].text("neo4j"), wanted).fetch(1)[0]
    names = set(found["names"])
    return Capabilities(
        product,
        version,
        str(server["edition"]),
        _FULLTEXT in names,
        _VECTOR in names,
        any(name.startswith(_APOC) for name in names),
    )
