"""Which run is published, who published it, and which one it replaced: :ModelRun remembers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from kg.errors import UnknownKeyError
from kg.runs import epoch_millis
from kg.store import Store


@dataclass(frozen=True)
class PublishedRun:
    """A run that is published, or was.

    Attributes:
        replaced: the run whose results were there before; None for the first.
        retired_at: since when another run's are there; None while its own are.
        lists_there: its lists are whole in the graph, whether they are read or not.
    """

    run_id: str
    published_at: datetime
    published_by: str | None
    forced_by: str | None
    replaced: str | None
    retired_at: datetime | None
    lists_there: bool

    @property
    def live(self) -> bool:
        """Whether its results are in the graph now."""
        return self.retired_at is None


def published_runs(store: Store) -> list[PublishedRun]:
    """Return all runs that were ever published, the one published last first."""
    return [_run(row) for row in store.read("read/published_runs")]


def live_run(store: Store) -> PublishedRun | None:
    """Return the run whose results are in the graph now."""
    return next((run for run in published_runs(store) if run.live), None)


def begin_publishing(store: Store, run_id: str) -> bool:
    """Note that a run's results are being written; return whether the graph knows the run."""
    return bool(store.write("write/publishing_begin", runId=run_id))


def end_publishing(
    store: Store,
    run_id: str,
    *,
    now: datetime,
    by: str,
    forced_by: str | None,
    replaced: str | None,
) -> None:
    """Note that a run's results are there, whole, and that no other run's are.

    Raises:
        UnknownKeyError: the graph does not know the run.
    """
    found = store.write(
        "write/publishing_end",
        runId=run_id,
        at=epoch_millis(now),
        by=by,
        forcedBy=forced_by,
        replaced=replaced,
    )
    if not found:
        raise UnknownKeyError("ModelRun", run_id)


def keep_lists(store: Store, run_id: str | None) -> None:
    """Note, before lists are removed, that only those of one run, or of none, stay whole."""
    store.write("write/keep_lists", runId=run_id)


def _run(row: Mapping[str, object]) -> PublishedRun:
    return PublishedRun(
        run_id=row["runId"],  # type: ignore[arg-type]  # as read/published_runs returns them
        published_at=row["publishedAt"],  # type: ignore[arg-type]
        published_by=row["publishedBy"],  # type: ignore[arg-type]
        forced_by=row["forcedBy"],  # type: ignore[arg-type]
        replaced=row["replaced"],  # type: ignore[arg-type]
        retired_at=row["retiredAt"],  # type: ignore[arg-type]
        lists_there=bool(row["listsThere"]),
    )
