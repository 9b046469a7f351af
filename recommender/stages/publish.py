"""publish: lists, reasons, similar items and attention → graph, under a :ModelRun."""

from __future__ import annotations

from datetime import UTC, datetime

from recommender.publishing import Publishing
from recommender.stage import StageContext, StageResult


def publish(context: StageContext) -> StageResult:
    """Write what the refitted model says; the :ModelRun tells how the evaluated one did."""
    publishing = Publishing(
        folder=context.folder,
        run_id=context.run_id,
        etl_run_id=context.etl_run_id,
        config=context.config,
        store=context.graph.store,
        progress=context.progress,
    )
    report = publishing.publish(now=datetime.now(UTC))
    told = f"{report.counts['RECOMMENDED']:,} recommendations for {report.counts['users']:,} users"
    seconds = {f"seconds {step}": round(took, 3) for step, took in report.seconds.items()}
    return StageResult(told, {**report.counts, **seconds}, graph_run=context.run_id)
