"""The one error tree: what was got, what was wanted, where, and what to do.

Every error that a user can meet derives from `KgrecError`; the command line prints
`str(error)` and leaves with `error.exit_code`. `transient` marks what a retry may mend.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import ClassVar


class KgrecError(Exception):
    """Base of all errors that are meant for a person.

    Args:
        message: what was got and what was wanted, with the place (file, line, key).
        remedy: what to do about it, one sentence; shown on a line of its own.
    """

    exit_code: ClassVar[int] = 1
    transient: ClassVar[bool] = False

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n{self.remedy}" if self.remedy else self.message


class ConfigError(KgrecError):
    """A configuration, option or argument that cannot be used."""

    exit_code = 2


class UnknownKeyError(KgrecError):
    """A user, item, run or query that does not exist; suggests near names."""

    exit_code = 2

    def __init__(self, kind: str, key: str, known: Iterable[str] = (), *, remedy: str = "") -> None:
        near = get_close_matches(key, list(known), n=3, cutoff=0.5)
        hint = f"Near: {', '.join(near)}." if near else ""
        super().__init__(
            f"There is no {kind} {key!r}.", remedy=" ".join(filter(None, [hint, remedy]))
        )


class SourceError(KgrecError):
    """A source file that cannot be read at all (missing, wrong format, missing column)."""

    exit_code = 2


class RejectedRowsError(KgrecError):
    """More rows were rejected than the configuration allows; nothing was loaded."""

    exit_code = 4


class GraphError(KgrecError):
    """The graph server refused or cannot do what was asked."""

    exit_code = 3


class GraphConflictError(GraphError):
    """A unique key is taken: also when two transactions make the same node at the same moment."""


class TooLargeError(GraphError):
    """The server has not the memory, or the time, for a transaction of this size."""


class GraphUnavailableError(GraphError):
    """No server answers, or the connection was lost; a retry may help."""

    transient = True


class QueryFileError(KgrecError):
    """A .cypher file whose header and text disagree, or that does not exist."""


class MigrationError(GraphError):
    """A migration file that was changed after its release, or failed."""


class UnfitDataError(KgrecError):
    """The data are not as expected beside those of the run before; nothing was learnt from them."""

    exit_code = 6


class ExtractionError(KgrecError):
    """Text extraction failed; says which batch."""


class ModelError(KgrecError):
    """A model that cannot be trained, saved, loaded or applied to this snapshot."""


class NotPublishedError(KgrecError):
    """The gate held a run back: it is worse than the published one, or its lists look wrong."""

    exit_code = 6


class LeakError(ModelError):
    """Held-out evidence was found in training data."""
