"""What the graph remembers of runs (:EtlRun, :ModelRun), and which data set it belongs to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from kg.errors import GraphError, UnknownKeyError
from kg.store import Store

RunKind = Literal["EtlRun", "ModelRun"]


@dataclass(frozen=True)
class Run:
    """One run as the graph tells of it."""

    kind: RunKind
    run_id: str
    status: Literal["running", "done", "failed"]
    started_at: datetime
    finished_at: datetime | None
    code_version: str
    config: Mapping[str, object] = field(default_factory=dict)
    counts: Mapping[str, object] = field(default_factory=dict)
    timings: Mapping[str, object] = field(default_factory=dict)
    metrics: Mapping[str, object] = field(default_factory=dict)
    artefacts: Mapping[str, object] = field(default_factory=dict)
    data_hash: str | None = None
    etl_run_id: str | None = None
    error: str | None = None


def begin_run(
    store: Store,
    kind: RunKind,
    run_id: str,
    *,
    now: datetime,
    config: Mapping[str, object],
    code_version: str,
    data_hash: str | None = None,
) -> None:
    """Note that a run begins. One that was interrupted keeps its first start and goes on.

    Args:
        data_hash: of the tables that it has loaded, once something is derived from them.
    """
    store.write(
        "write/run_begin",
        {"__RUN__": kind},
        runId=run_id,
        startedAt=epoch_millis(now),
        config=_json(config),
        codeVersion=code_version,
        dataHash=data_hash,
    )


def finish_run(
    store: Store,
    kind: RunKind,
    run_id: str,
    *,
    now: datetime,
    counts: Mapping[str, object],
    timings: Mapping[str, object],
    metrics: Mapping[str, object] | None = None,
    data_hash: str | None = None,
    artefacts: Mapping[str, str] | None = None,
    etl_run_id: str | None = None,
    error: str | None = None,
) -> None:
    """Note that a run has ended: done, or failed if an error is given.

    Args:
        data_hash: of the sources read, or of the snapshot learned from.
        artefacts: files in the run's folder with their SHA-256.
        etl_run_id: the :EtlRun whose facts a :ModelRun learned from.

    Raises:
        UnknownKeyError: the run never began.
    """
    found = store.write(
        "write/run_finish",
        {"__RUN__": kind},
        runId=run_id,
        finishedAt=epoch_millis(now),
        status="done" if error is None else "failed",
        counts=_json(counts),
        timings=_json(timings),
        metrics=None if metrics is None else _json(metrics),
        dataHash=data_hash,
        artefacts=None if artefacts is None else _json(artefacts),
        etlRunId=etl_run_id,
        error=error,
    )
    if not found:
        raise UnknownKeyError(kind, run_id)


def list_runs(store: Store, kind: RunKind) -> list[Run]:
    """All runs of a kind, latest first."""
    return [_run(kind, row) for row in store.read("read/runs", {"__RUN__": kind})]


def get_run(store: Store, kind: RunKind, run_id: str) -> Run:
    """One run.

    Raises:
        UnknownKeyError: there is none; suggests near ones.
    """
    rows = store.read("read/runs", {"__RUN__": kind}, runId=run_id)
    if not rows:
        raise UnknownKeyError(kind, run_id, [run.run_id for run in list_runs(store, kind)])
    return _run(kind, rows[0])


def claim_dataset(store: Store, name: str) -> None:
    """Make sure that the graph belongs to this data set; an empty one does from now on.

    Raises:
        GraphError: it belongs to another.
    """
    owner = store.write("write/dataset", name=name)[0]["name"]
    if owner != name:
        raise GraphError(
            f"This graph holds the data set {owner!r}, wanted one for {name!r}.",
            remedy="Use another database (NEO4J_DATABASE), or empty it: `kgrec graph clear`.",
        )


def epoch_millis(moment: datetime) -> int:
    """A time with zone as queries take it."""
    return round(moment.timestamp() * 1000)


def _run(kind: RunKind, row: Mapping[str, object]) -> Run:
    values: dict[str, object] = {
        "run_id": row["runId"],
        "status": row["status"],
        "started_at": row["startedAt"],
        "finished_at": row["finishedAt"],
        "code_version": row["codeVersion"],
        "data_hash": row["dataHash"],
        "etl_run_id": row["etlRunId"],
        "error": row["error"],
    }
    for name in ("config", "counts", "timings", "metrics", "artefacts"):
        values[name] = json.loads(str(row[name] or "{}"))
    return Run(kind=kind, **values)  # type: ignore[arg-type]  # as read/runs returns them


def _json(value: Mapping[str, object]) -> str:
    return json.dumps(value, sort_keys=True, default=str, ensure_ascii=False)
