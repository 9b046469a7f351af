"""Asking a server again, and asking it for less at a time.

The driver itself repeats a transaction that met a deadlock, a new leader or a lost connection,
with growing waits, for `RETRY_SECONDS`. What it leaves to others is here: a commit whose answer
was lost, which may have happened; such a failure amid a result, when the driver stumbles over it
a second time as it rolls back; and rows that are too many for one transaction.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from neo4j.exceptions import DriverError, IncompleteCommit, Neo4jError, ResultFailedError
from tenacity import (
    Retrying,
    before_sleep_log,
    retry_if_exception,
    stop_after_delay,
    wait_random_exponential,
)

from kg.errors import GraphError, TooLargeError

logger = logging.getLogger(__name__)

RETRY_SECONDS: Final = 15.0
"""How long to go on retrying a transaction that failed for a passing reason."""
_LONGEST_WAIT: Final = 5.0
_ONCE: Final = frozenset({"write/import_relationships"})
"""Queries that would write twice what they are asked twice; an import goes into an empty graph."""
_MEMORY: Final = "Memory"
_TIMED_OUT: Final = "TransactionTimedOut"

Row = Mapping[str, object]


def too_large(error: Neo4jError) -> bool:
    """Whether the server had not the memory, or the time, for a transaction of this size."""
    code = error.code or ""
    return _MEMORY in code or _TIMED_OUT in code


def repeating(query: str) -> Retrying:
    """Return what repeats a transaction that the driver does not.

    Every query but those of `_ONCE` leaves the graph as it is when it is asked again.
    """
    return Retrying(
        retry=retry_if_exception(lambda error: query not in _ONCE and _passing(error)),
        wait=wait_random_exponential(multiplier=0.5, max=_LONGEST_WAIT),
        stop=stop_after_delay(RETRY_SECONDS),
        before_sleep=before_sleep_log(logger, logging.WARNING),
        reraise=True,
    )


def _passing(error: BaseException) -> bool:
    """Whether an answer was lost when it was committed, or failed for a passing reason."""
    if isinstance(error, ResultFailedError):
        cause = error.__cause__
        return isinstance(cause, DriverError | Neo4jError) and cause.is_retryable()
    return isinstance(error, IncompleteCommit)


def in_parts(rows: Sequence[Row], send: Callable[[Sequence[Row]], None], most: int) -> int:
    """Send rows, at most so many at a time, half as many after each time that it was too much.

    Returns:
        What was not too much.

    Raises:
        GraphError: a single row is too large.
    """
    at = 0
    while at < len(rows):
        part = rows[at : at + most]
        try:
            send(part)
        except TooLargeError as error:
            if len(part) == 1:
                raise _single_row(part[0], error) from error
            most = (len(part) + 1) // 2
            logger.warning("%s; now %d rows at a time", error.message, most)
        else:
            at += len(part)
    return most


def _single_row(row: Row, error: TooLargeError) -> GraphError:
    size = len(json.dumps(row, default=str, ensure_ascii=False).encode())
    key = next((f"{name} {value!r}" for name, value in row.items()), "an empty row")
    return GraphError(
        f"{error.message} It was a single row of {size:,} bytes ({key:.100}).",
        remedy="Give the server's transactions more memory or time (Neo4j: "
        "db.memory.transaction.max, db.transaction.timeout), or shorten that row.",
    )
