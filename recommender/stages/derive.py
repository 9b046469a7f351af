"""derive: evidence → what items are described by and users interested in."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from etl.derive import derive as derive_aggregates
from etl.staging import Staging
from kg.runs import begin_run, finish_run, get_run, list_runs
from recommender.artefacts import hashes_of
from recommender.fingerprints import code_versions
from recommender.stage import FILES, StageContext, StageResult
from recommender.stages.load import base_of


def derive(context: StageContext) -> StageResult:
    """Derive the aggregates; with them the :EtlRun is complete.

    One that was complete, and is derived from again with other settings, says what it has now.
    """
    store = context.graph.store
    run_id = context.etl_run_id
    base = _base(context, run_id)
    data_hash = Staging(context.folder / "staging").content_hash()
    begin_run(
        store,
        "EtlRun",
        run_id,
        now=datetime.now(UTC),
        config=context.config.model_dump(mode="json"),
        code_version=code_versions(),
        data_hash=data_hash,
    )
    report = derive_aggregates(
        store,
        run_id=run_id,
        half_life_days=context.config.interests.half_life_days,
        staging=context.folder / "staging",
        base=base and base / "staging",
        progress=context.progress,
    )
    counts = report.relationships
    finish_run(
        store,
        "EtlRun",
        run_id,
        now=datetime.now(UTC),
        counts=counts,
        timings=report.seconds,
        data_hash=data_hash,
        artefacts=hashes_of(context.folder, FILES["source tables"] + FILES["fact tables"]),
    )
    derived = {name: counts.get(name, 0) for name in ("DESCRIBED_BY", "INTERESTED_IN")}
    told = ", ".join(f"{count:,} :{name}" for name, count in derived.items())
    timings = {f"seconds {step}": round(took, 3) for step, took in report.seconds.items()}
    return StageResult(told, {**counts, **timings}, graph_run=run_id)


def _base(context: StageContext, run_id: str) -> Path | None:
    """Return the folder of the run whose aggregates, and no others, are in the graph.

    That is certain only if this run has loaded the facts, and nobody has begun to derive from them:
    what did not come to its end left some aggregates, of whatever settings. Its beginning is known
    by the hash of the tables, which a load alone does not note.
    """
    store = context.graph.store
    loaded_here = run_id.split(".")[0] == context.run_id
    if not loaded_here or get_run(store, "EtlRun", run_id).data_hash is not None:
        return None
    return base_of(context, list_runs(store, "EtlRun"), run_id)
