"""The driver's errors and values in our own words; beside `kg/store.py` the one user of `neo4j`."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from neo4j import exceptions, graph
from neo4j.time import Date, DateTime, Duration, Time
from pydantic import SecretStr

from kg import tls
from kg.again import too_large
from kg.errors import GraphConflictError, GraphError, GraphUnavailableError, TooLargeError
from kg.settings import Settings

# Neo4j warns of every label that an empty graph does not have yet.
logging.getLogger("neo4j.notifications").setLevel(logging.ERROR)

_LATER: Final = "Try again when less is running on the server."
_MORE_MEMORY: Final = (
    "Give the server's transactions more memory or time "
    "(Neo4j: db.memory.transaction.max, db.transaction.timeout)."
)
_SIGN_IN: Final = "Check the user name and password (NEO4J_USERNAME, NEO4J_PASSWORD)."
_READ_ONLY: Final = (
    "AccessMode",
    "WriteOnReadOnlyAccessModeDatabase",
    "ForbiddenOnReadOnlyDatabase",
)
_TRUST: Final = (
    "Name the certificate of its authority with NEO4J_CA=ca.pem, or have the server get one for "
    "this host name. bolt+ssc:// and neo4j+ssc:// take any certificate: then nothing keeps others "
    "from posing as the server and reading the password."
)
_ADDRESS: Final = (
    "Start the server or correct its address (NEO4J_URI; bolt+s:// or neo4j+s:// if it wants TLS); "
    "without NEO4J_URI kgrec uses its own embedded graph."
)


class Connection(Settings):
    """Where a graph server listens, and as whom to sign in."""

    uri: str
    """Bolt address, such as bolt://127.0.0.1:7687 or neo4j+s://….databases.neo4j.io."""
    username: str = "neo4j"
    """User name."""
    password: SecretStr
    """Password; never shown."""
    database: str | None = None
    """Database; the user's home database if not given."""
    ca: Path | None = None
    """Certificates (PEM) by which a server at bolt+s:// or neo4j+s:// is trusted; the system's if
    not given."""


@contextmanager
def graph_errors(connection: Connection, doing: str) -> Iterator[None]:
    """Turn the driver's errors into `GraphError`s that say what to do.

    Args:
        connection: the server that was asked.
        doing: what was tried, such as "query 'read/users'".
    """
    try:
        yield
    except (exceptions.DriverError, exceptions.Neo4jError) as error:
        raise translated(error, connection, doing) from error
    except (OverflowError, UnicodeEncodeError) as error:
        raise GraphError(
            f"A value of {doing} cannot be stored in a graph: {error}.",
            remedy="Whole numbers have 64 bits; half of a surrogate pair is no text.",
        ) from error


def to_python(value: object) -> object:
    """A value of a result as plain Python: datetimes, lists, dicts; nodes become dicts.

    A path becomes the list of its nodes and relationships in turn; a relationship that the path
    walks from its end to its start says `backwards: True`.
    """
    match value:
        case DateTime() | Date() | Time():
            return value.to_native()
        case Duration():
            return value.iso_format()
        case graph.Node():
            return {"labels": sorted(value.labels), **_mapping(value)}
        case graph.Relationship():
            return {"type": value.type, **_mapping(value)}
        case graph.Path():
            return _steps(value)
        case list():
            return [to_python(item) for item in value]
        case dict():
            return _mapping(value)
        case _:
            return value


def _steps(path: graph.Path) -> list[object]:
    steps = [to_python(path.nodes[0])]
    for before, relationship, node in zip(
        path.nodes, path.relationships, path.nodes[1:], strict=False
    ):
        way = {} if relationship.start_node == before else {"backwards": True}
        steps += [{"type": relationship.type, **way, **_mapping(relationship)}, to_python(node)]
    return steps


def _mapping(value: Mapping[str, object]) -> dict[str, object]:
    return {key: to_python(item) for key, item in value.items()}


def translated(error: Exception, connection: Connection, doing: str) -> GraphError:
    """Return a driver's error as one that says what to do."""
    where = f"The graph server at {connection.uri}"
    match error:
        case exceptions.AuthError():
            return GraphError(
                f"{where} refused the password of user {connection.username!r}.", remedy=_SIGN_IN
            )
        case exceptions.Forbidden():
            return GraphError(
                f"{where} does not allow user {connection.username!r} to do this: {doing}.",
                remedy="Sign in as a user who may read and write (NEO4J_USERNAME).",
            )
        case exceptions.ServiceUnavailable() | exceptions.SessionExpired():
            if why := tls.distrust(connection):
                return GraphError(f"{where} is not trusted: {why}.", remedy=_TRUST)
            return GraphUnavailableError(
                f"{where} does not answer ({doing}): {first_line(error)}", remedy=_ADDRESS
            )
        case exceptions.ConfigurationError():
            return GraphError(
                f"{connection.uri!r} is no address of a graph server: {first_line(error)}",
                remedy="Write NEO4J_URI as bolt://host:port or neo4j+s://host.",
            )
        case exceptions.ConstraintError():
            return GraphConflictError(f"{where} refused {doing}: {error.message}")
        case exceptions.Neo4jError() if too_large(error):
            return TooLargeError(
                f"{where} has not the memory or the time for {doing}: {first_line(error.message)}.",
                remedy=_MORE_MEMORY,
            )
        case exceptions.TransientError():
            return GraphError(
                f"{where} could not finish {doing}, also after retries: {error.message}",
                remedy=_LATER,
            )
        case exceptions.Neo4jError():
            return _translate_code(error, connection, where, doing)
        case _:
            return GraphError(f"{where} failed on {doing}: {first_line(error)}")


def _translate_code(
    error: exceptions.Neo4jError, connection: Connection, where: str, doing: str
) -> GraphError:
    code = error.code or ""
    if code.endswith("DatabaseNotFound"):
        return GraphError(
            f"{where} has no database {connection.database!r}.",
            remedy="Correct NEO4J_DATABASE, or leave it unset to use the server's default.",
        )
    if code.endswith(_READ_ONLY):
        return GraphError(
            f"{where} does not allow writing ({doing}): {error.message}",
            remedy="Use a database and a user that may write.",
        )
    return GraphError(f"{where} refused {doing}: {first_line(error.message)} ({code})")


def first_line(said: object) -> str:
    """The first line of what the server or driver said; the rest quotes the query."""
    return next(iter(str(said).splitlines()), type(said).__name__).rstrip(":")
