"""Layers: passes of an encoder over all messages of the graph, forward and backward.

`layers` is typed attention, the default encoder; `layers-sum`, `layers-gat` and `layers-hgt` are
the same against other floors. `layers-lgc` is our `lightgcn` on users, items and what was rated
alone. The floors are in `layers_floor`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, cast

import torch
from scipy.sparse import coo_matrix
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from benchmarks.job import Job, Stopwatch, Work
from benchmarks.model_world import snapshot_of, training_data_of
from benchmarks.world import make_world
from embeddings.device import pick_device
from embeddings.models.encoders.choices import make_encoder
from embeddings.models.fused_graph import FusedGraph
from embeddings.models.settings import HeteroGatSettings

PASSES: Final = 3
BIPARTITE: Final = "layers-lgc"


def prepare(job: Job) -> None:
    """Nothing: both sides make the graph from the job's size and seed."""


def ours(job: Job) -> Work:
    """Run the passes."""
    graph, settings = graph_of(job), settings_of(job)
    encoder = make_encoder(settings, graph, torch.Generator().manual_seed(job.seed))
    weights = list(cast("nn.Module", encoder).to(pick_device("auto")).parameters())
    shown = torch.ones_like(graph.edges.weight)
    h, upstream = inputs_of(graph, settings)

    def once() -> Tensor:
        z, _ = encoder(h, shown)
        return torch.autograd.grad(z, [h, *weights], upstream)[0]

    return passes(once)


def settings_of(job: Job) -> HeteroGatSettings:
    """The defaults but for the encoder."""
    return HeteroGatSettings(encoder="lightgcn" if job.benchmark == BIPARTITE else "attention")


def graph_of(job: Job) -> FusedGraph:
    """The synthetic world's graph, or users and items alone, without similar items."""
    data = training_data_of(snapshot_of(make_world(job.size, job.seed)), job.seed)
    if job.benchmark == BIPARTITE:
        data = replace(data, graph=_bipartite(data.graph))
    nothing = coo_matrix((len(data.items), len(data.items)))
    return FusedGraph(data, nothing, use_mentions=True, device=pick_device("auto"))


def inputs_of(graph: FusedGraph, settings: HeteroGatSettings) -> tuple[Tensor, Tensor]:
    """Vectors of all nodes, and what comes back to them, (N, d)."""
    device, size = graph.edges.source.device, (graph.nodes, settings.width)
    return torch.randn(size, device=device, requires_grad=True), torch.randn(size, device=device)


def passes(once: Callable[[], Tensor]) -> Work:
    """Time `once`, warmed up; it returns a tensor that the last pass made, which is waited for."""
    once()

    def work(watch: Stopwatch) -> int:
        with watch:
            for _ in range(PASSES):
                float(once()[0, 0])
        return PASSES

    return work


def _bipartite(graph: HeteroData) -> HeteroData:
    """What users did to items."""
    acts = [t for t in graph.edge_types if (t[0], t[2]) == ("user", "item")]
    return graph.edge_type_subgraph(acts)
