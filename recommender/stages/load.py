"""load: staging tables → graph, under an :EtlRun."""

from __future__ import annotations

from datetime import UTC, datetime

from etl.load import load_staging
from kg.runs import Run, begin_run, claim_dataset, finish_run, list_runs
from kg.store import Store
from recommender.fingerprints import code_versions
from recommender.stage import StageContext, StageResult


def load(context: StageContext) -> StageResult:
    """Write what was read and extracted; an interrupted load goes on after its last batch."""
    store = context.graph.store
    claim_dataset(store, context.config.name)
    run_id = _begin(store, context)
    report = load_staging(
        store,
        context.folder / "staging",
        run_id=run_id,
        dataset=context.config.name,
        progress=context.progress,
    )
    rows, removed = sum(report.rows.values()), sum(report.removed.values())
    stale = f", {removed:,} stale ones removed" if removed else ""
    return StageResult(
        f"{rows:,} facts written{stale}",
        {
            **report.rows,
            **{f"removed {what}": count for what, count in report.removed.items() if count},
            **{f"seconds {stage}": round(took, 3) for stage, took in report.seconds.items()},
        },
        graph_run=run_id,
    )


def _begin(store: Store, context: StageContext) -> str:
    """Begin an :EtlRun, or go on with the one that this run left unfinished; return its id."""
    runs = list_runs(store, "EtlRun")
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


def _undisturbed(own: Run, runs: list[Run]) -> bool:
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
