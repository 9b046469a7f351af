"""Publish: make and write lists, similar items and attention, over earlier ones.

Ours scores every user against every item, ranks, finds reasons and shapes rows, then writes; the
model is fitted before the clock starts. The floor is `raw_writes`. Both replace the same lists.
"""

from __future__ import annotations

from benchmarks.empty_graph import NOW, RUN, connection, empty
from benchmarks.graph import RecordingStore, load, stage_world
from benchmarks.job import Job, Stopwatch, Work
from benchmarks.model_world import snapshot_of, training_data_of
from benchmarks.raw_driver import save
from benchmarks.world import make_world
from embeddings.make_publication import make_publication
from embeddings.models.hetero_gat import HeteroGat
from embeddings.models.settings import HeteroGatSettings
from embeddings.publish import PublishReport, publish
from embeddings.settings import PublishSettings
from embeddings.snapshot import Snapshot
from embeddings.training_data import TrainingData
from etl.derive import derive
from kg.runs import begin_run
from kg.store import Store

_STEPS = 20


def prepare(job: Job) -> None:
    """Load and derive the world, fit a model, publish once, and note what publishing sends."""
    tables = stage_world(job)
    snapshot = snapshot_of(tables)
    data = training_data_of(snapshot, job.seed)
    model = HeteroGat(HeteroGatSettings(steps=_STEPS)).fit(data)
    model.save(job.path / "model")
    empty(job.graph)
    with Store.connect(connection(job.graph)) as store:
        load(store, job)
        derive(store, run_id=RUN)
        begin_run(store, "ModelRun", RUN, now=NOW, config={}, code_version="benchmark")
        _publish(job, store, model, data, snapshot)
    with RecordingStore.connect(connection(job.graph)) as store:
        _publish(job, store.note(), model, data, snapshot)
        save(job.path / "writes.jsonl", store.written)


def ours(job: Job) -> Work:
    """Publish over what is there."""
    snapshot = snapshot_of(make_world(job.size, job.seed))
    data = training_data_of(snapshot, job.seed)
    model = HeteroGat.load(job.path / "model")
    return lambda watch: _timed(job, model, data, snapshot, watch)


def _timed(
    job: Job, model: HeteroGat, data: TrainingData, snapshot: Snapshot, watch: Stopwatch
) -> int:
    with Store.connect(connection(job.graph)) as store, watch:
        report = _publish(job, store, model, data, snapshot)
    return sum(report.counts[kind] for kind in ("RECOMMENDED", "SIMILAR_TO", "attention"))


def _publish(
    job: Job, store: Store, model: HeteroGat, data: TrainingData, snapshot: Snapshot
) -> PublishReport:
    publication = make_publication(
        job.path / "publication",
        model=model,
        data=data,
        snapshot=snapshot,
        vectors=None,
        calibration=None,
        settings=PublishSettings(),
    )
    return publish(store, publication, run_id=RUN, now=NOW)
