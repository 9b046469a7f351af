"""load: staging tables → graph, under an :EtlRun."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from etl.load import load_staging
from etl.staging import Staging
from kg.runs import Run, begin_run, claim_dataset, finish_run, list_runs
from kg.store import Store
from recommender.fingerprints import code_versions
from recommender.stage import StageContext, StageResult


def load(context: StageContext) -> StageResult:
    """Write what was read and extracted; an interrupted load goes on after its last batch.

    Where the graph holds what an earlier run left and its folder is still there, only what is
    other now is written and removed.
    """
    store = context.graph.store
    claim_dataset(store, context.config.name)
    runs = list_runs(store, "EtlRun")
    run_id = _begin(store, context, runs)
    base = base_of(context, runs, run_id)
    report = load_staging(
        store,
        context.folder / "staging",
        run_id=run_id,
        dataset=context.config.name,
        base=base and base / "staging",
        progress=context.progress,
    )
    rows, removed = sum(report.rows.values()), sum(report.removed.values())
    stale = f", {removed:,} stale ones removed" if removed else ""
    since = f" since {base.name}" if base and report.since_base else ""
    return StageResult(
        f"{rows:,} facts written{stale}{since}",
        {
            **report.rows,
            **{f"removed {what}": count for what, count in report.removed.items() if count},
            **{f"seconds {stage}": round(took, 3) for stage, took in report.seconds.items()},
        },
        graph_run=run_id,
    )


def base_of(context: StageContext, runs: Sequence[Run], run_id: str) -> Path | None:
    """Return the folder of the run whose input, and nothing else, was in the graph before this one.

    That is the latest other one, if it came to its end with the present code and settings, its
    tables are what they were, and this run does not do everything anew.

    Args:
        runs: all :EtlRuns, latest first.
        run_id: the present one.
    """
    latest = next((run for run in runs if run.run_id != run_id), None)
    if latest is None or context.anew:
        return None
    folder = context.folder.parent / latest.run_id.split(".")[0]
    same = (
        latest.status == "done"
        and latest.code_version == code_versions()
        and latest.config.get("interests") == context.config.interests.model_dump(mode="json")
        and latest.data_hash == Staging(folder / "staging").content_hash()
    )
    return folder if same else None


def _begin(store: Store, context: StageContext, runs: Sequence[Run]) -> str:
    """Begin an :EtlRun, or go on with the one that this run left unfinished; return its id."""
    own = [run for run in runs if run.run_id.split(".")[0] == context.run_id]
    if own and _undisturbed(own[0], runs):
        run_id = own[0].run_id
    else:
        run_id = f"{context.run_id}.{len(own) + 1}" if own else context.run_id
    for run in runs:
        if run.status == "running" and run.run_id != run_id:
            _supersede(store, run, by=run_id)
    begin_run(
        store,
        "EtlRun",
        run_id,
        now=datetime.now(UTC),
        config=context.config.model_dump(mode="json"),
        code_version=code_versions(),
    )
    return run_id


def _undisturbed(own: Run, runs: Sequence[Run]) -> bool:
    """Whether this run is unfinished and no other has written since it began."""
    return own.status == "running" and not any(
        run.started_at > own.started_at
        or (run.finished_at is not None and run.finished_at > own.started_at)
        for run in runs
        if run.run_id != own.run_id
    )


def _supersede(store: Store, run: Run, *, by: str) -> None:
    finish_run(
        store,
        "EtlRun",
        run.run_id,
        now=datetime.now(UTC),
        counts={},
        timings={},
        error=f"unfinished when {by} began",
    )
