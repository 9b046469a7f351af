"""The stages of a run on a large world, each in a process: `python -m benchmarks.scale_stages JOB`.

A stage has phases, which are timed and whose memory is told apart. Prints them as a line of JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from benchmarks.empty_graph import NOW, RUN, connection, empty
from benchmarks.job import Job, read_job
from benchmarks.scale_world import stage_world
from embeddings.features import training_data
from embeddings.make_publication import make_publication
from embeddings.models.hetero_gat import HeteroGat
from embeddings.models.settings import EncoderName, HeteroGatSettings
from embeddings.publish import publish
from embeddings.ranking import rank
from embeddings.settings import FeatureSettings, PublishSettings
from embeddings.snapshot import Snapshot
from embeddings.snapshot_read import read_snapshot
from embeddings.training_data import TrainingData
from etl.derive import derive
from etl.load import load_staging
from kg.runs import begin_run
from kg.store import Store

DATASET: Final = "scale"
TOP_K: Final = 10
STEPS: Final = 4
"""Steps in which an epoch shows each user once."""


@dataclass
class Phases:
    """What was done from when to when, in seconds since the epoch, and with how many things."""

    done: list[dict[str, Any]] = field(default_factory=list)

    @contextmanager
    def phase(self, name: str, things: int = 0) -> Iterator[None]:
        """Note a phase."""
        began = time.time()
        yield
        self.note(name, began, time.time(), things=things)

    def note(
        self,
        name: str,
        began: float,
        ended: float,
        *,
        things: int = 0,
        seconds: float | None = None,
    ) -> None:
        """Note a phase; its seconds where only a part of it counts."""
        took = ended - began if seconds is None else seconds
        self.done.append(
            {"name": name, "began": began, "ended": ended, "seconds": took, "things": things}
        )


def settings_of(users: int, encoder: EncoderName) -> HeteroGatSettings:
    """One epoch in a large catalogue: drawn items, a quarter of the users in a step."""
    drawn = 8192
    return HeteroGatSettings(
        encoder=encoder,
        loss="sampled_softmax",
        exact_items=0,
        sampled_items=drawn,
        cells_per_step=drawn * -(-users // STEPS),
        similar_items=0,
        temperature=0.1,
        residual=4.0,
        popularity=0.0,
        dropout=0.1,
        mask_share=0.3,
        learning_rate=0.02,
        steps=STEPS,
        check_every=STEPS,
        device="cpu",
    )


def stage(job: Job, phases: Phases) -> None:
    """Make the world's files."""
    with phases.phase("stage"):
        stage_world(job.path / "staging", job.size, job.seed)


def load(job: Job, phases: Phases) -> None:
    """Files to an empty graph."""
    empty(job.graph)
    with Store.connect(connection(job.graph)) as store, phases.phase("load"):
        load_staging(store, job.path / "staging", run_id=RUN, dataset=DATASET)


def derive_profiles(job: Job, phases: Phases) -> None:
    """The graph's aggregates: what users are interested in."""
    with Store.connect(connection(job.graph)) as store, phases.phase("derive"):
        derive(store, run_id=RUN, staging=job.path / "staging")


def snapshot(job: Job, phases: Phases) -> None:
    """Graph to files."""
    with Store.connect(connection(job.graph)) as store, phases.phase("snapshot"):
        read_snapshot(store).save(job.path / "snapshot")


def train(job: Job, phases: Phases) -> None:
    """Files to a model that is kept, by one epoch without attention."""
    with phases.phase("training data"):
        _, data = _learning(job)
    _fit(job, data, phases, "lightgcn").save(job.path / "model")


def train_attention(job: Job, phases: Phases) -> None:
    """One epoch with attention; nothing is kept."""
    _, data = _learning(job)
    _fit(job, data, phases, "attention")


def score(job: Job, phases: Phases) -> None:
    """Every user's best items."""
    _, data = _learning(job)
    model, seen = HeteroGat.load(job.path / "model"), data.seen
    users = np.arange(len(data.users))
    with phases.phase("score", len(users) * len(data.items)):
        for _ in rank(model, users, seen, TOP_K):
            pass


def publish_lists(job: Job, phases: Phases) -> None:
    """Lists with reasons and similar items to the graph; scores all users once more."""
    whole, data = _learning(job)
    model = HeteroGat.load(job.path / "model")
    with Store.connect(connection(job.graph)) as store:
        begin_run(store, "ModelRun", RUN, now=NOW, config={}, code_version="benchmark")
        began = time.time()
        publication = make_publication(
            job.path / "publication",
            model=model,
            data=data,
            snapshot=whole,
            vectors=None,
            calibration=None,
            settings=PublishSettings(top_k=TOP_K),
        )
        report = publish(store, publication, run_id=RUN, now=NOW)
        things = report.counts["RECOMMENDED"] + report.counts["SIMILAR_TO"]
        phases.note("publish", began, time.time(), things=things)
    print(report, file=sys.stderr)


def _learning(job: Job) -> tuple[Snapshot, TrainingData]:
    whole = Snapshot.load(job.path / "snapshot")
    return whole, training_data(whole, None, settings=FeatureSettings(), seed=job.seed)


def _fit(job: Job, data: TrainingData, phases: Phases, encoder: EncoderName) -> HeteroGat:
    """Train for an epoch; the time before its first step is told apart."""
    at: list[float] = []

    def note(done: int, total: int | None = None, unit: str = "rows") -> None:
        at.append(time.time())

    model = HeteroGat(settings_of(len(np.unique(data.pairs.user)), encoder))
    began = time.time()
    model.fit(data, progress=note)
    name = "" if encoder == "lightgcn" else f", {encoder}"
    phases.note(f"closed form, fused graph{name}", began, at[0])
    phases.note(f"epoch{name}", at[0], at[-1], things=len(data.pairs.user))
    return model


STAGES: Final[dict[str, Callable[[Job, Phases], None]]] = {
    "stage": stage,
    "load": load,
    "derive": derive_profiles,
    "snapshot": snapshot,
    "train": train,
    "attention": train_attention,
    "score": score,
    "publish": publish_lists,
}


def main() -> None:
    """Do the stage that the job names, ours or its floor."""
    from benchmarks.scale_floors import FLOORS

    job, phases = read_job(sys.argv[1]), Phases()
    (FLOORS if job.step == "floor" else STAGES)[job.benchmark](job, phases)
    print(json.dumps(phases.done))


if __name__ == "__main__":
    main()
