"""Training: steps of `embeddings.models.training.Training` with the default settings.

The graph, the closed form and the inputs are made before the clock starts, and two steps are run.
The floor is `training_floor`, which works with the shapes that `prepare` notes here.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Final

from benchmarks.job import Job, Stopwatch, Work
from benchmarks.model_world import snapshot_of, training_data_of
from benchmarks.world import make_world
from embeddings.device import pick_device
from embeddings.models.settings import HeteroGatSettings
from embeddings.models.training import Training
from embeddings.models.training_parts import training_parts
from kg.progress import no_progress

STEPS: Final = 10
WARM_UP: Final = 2


@dataclass(frozen=True)
class Shapes:
    """How large the parts of a step are.

    Attributes:
        users: rows scored in a step.
        items: columns scored.
        nodes, messages, relations: N, M, R of the fused graph; R counts directions.
        pairs: training pairs.
        shown: liked pairs that speak in the closed form of a step, on average.
        width, text_width, layers: d, p, L.
        parameters: numbers that Adam moves.
    """

    users: int
    items: int
    nodes: int
    messages: int
    relations: int
    pairs: int
    shown: int
    width: int
    text_width: int
    layers: int
    parameters: int


def prepare(job: Job) -> None:
    """Note the shapes."""
    training = _training(job, 1)
    settings, inputs = training.settings, training.inputs
    edges = training.network.graph.edges
    shapes = Shapes(
        users=min(training.batch, len(training.trainable_users)),
        items=training.items,
        nodes=training.network.graph.nodes,
        messages=len(edges.source),
        relations=len(edges.gates),
        pairs=len(inputs.pair_user),
        shown=round(int(training.liked.sum()) * (1 - settings.mask_share)),
        width=settings.width,
        text_width=0 if inputs.review is None else inputs.review.shape[1],
        layers=settings.layers,
        parameters=sum(p.numel() for p in training.network.parameters()),
    )
    (job.path / "shapes.json").write_text(json.dumps(asdict(shapes)), encoding="utf-8")


def read_shapes(job: Job) -> Shapes:
    """What `prepare` noted."""
    return Shapes(**json.loads((job.path / "shapes.json").read_text(encoding="utf-8")))


def ours(job: Job) -> Work:
    """Run the steps."""
    _training(job, WARM_UP).run(None, no_progress)
    training = _training(job, STEPS)

    def work(watch: Stopwatch) -> int:
        with watch:
            training.run(None, no_progress)
        return STEPS

    return work


def _training(job: Job, steps: int) -> Training:
    """A training as `HeteroGat.fit` makes it."""
    data = training_data_of(snapshot_of(make_world(job.size, job.seed)), job.seed)
    settings = HeteroGatSettings(steps=steps)
    device = pick_device(settings.device)
    parts = training_parts(data, settings, device)
    return Training(data, settings, parts, seed=job.seed, device=device)
