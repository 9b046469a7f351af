"""The floors of layers: bare memory traffic, and PyG's layers on the same messages.

    layers        gather (M, d), scatter-add to (N, d), and the same backwards
    layers-sum    fused sums of what arrives, unweighted; the gradient is as many sums
    layers-gat    `HeteroConv` of a `GATConv` for each edge type and direction, summed
    layers-hgt    `HGTConv`, one head
    layers-lgc    `LightGCN.get_embedding`, of users, items and what was rated

As many layers of the same width as ours, from the same vectors. Types are split and edges are laid
out before the clock starts, as nothing is hidden here; ours asks what is visible in each pass.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as fn
from torch_geometric.nn import GATConv, HeteroConv, HGTConv, LightGCN

from benchmarks.job import Job, Work
from benchmarks.layers import graph_of, inputs_of, passes, settings_of
from embeddings.models.encoders.typed_edges import TypedEdges
from embeddings.models.fused_graph import FusedGraph


def floor(job: Job) -> Work:
    """Run as many passes."""
    torch.manual_seed(job.seed)
    graph, settings = graph_of(job), settings_of(job)
    h, upstream = inputs_of(graph, settings)
    layers = settings.layers
    match job.benchmark:
        case "layers-gat":
            return typed(graph, h, upstream, layers, _gat)
        case "layers-hgt":
            return typed(graph, h, upstream, layers, _hgt)
        case "layers-lgc":
            return lightgcn(graph, upstream, layers)
        case "layers-sum":
            return passes(lambda: summed(graph, h, layers))
        case _:
            return passes(lambda: scattered(graph, h, layers))


@torch.no_grad()
def summed(graph: FusedGraph, h: Tensor, layers: int) -> Tensor:
    """Sum what arrives, there and back; every edge is a message in either direction."""
    edges = graph.edges
    for _ in range(2 * layers):
        h = fn.embedding_bag(edges.source, h, edges.offsets, mode="sum")
    return h


@torch.no_grad()
def scattered(graph: FusedGraph, h: Tensor, layers: int) -> Tensor:
    """Gather and scatter-add, there and back."""
    ends = graph.edges.source, graph.edges.destination
    for source, destination in (ends, ends[::-1]):
        for _ in range(layers):
            h = torch.zeros_like(h).index_add_(0, destination, h.index_select(0, source))
    return h


def typed(
    graph: FusedGraph,
    h: Tensor,
    upstream: Tensor,
    layers: int,
    layer: Callable[[TypedEdges, int], nn.Module],
) -> Work:
    """Layers that take nodes and edges by type; `layer` makes one from those and its width."""
    edges = TypedEdges(graph)
    shown = edges.visible(torch.ones_like(graph.edges.weight))
    inputs = {kind: part.detach().requires_grad_() for kind, part in edges.split(h).items()}
    back = edges.split(upstream)
    modules = nn.ModuleList(layer(edges, h.shape[1]) for _ in range(layers)).to(h.device)
    weights = list(modules.parameters())

    def once() -> Tensor:
        x = inputs
        for module in modules:
            x = module(x, shown)
        kinds = list(x)
        found = torch.autograd.grad(
            [x[kind] for kind in kinds],
            [*inputs.values(), *weights],
            [back[kind] for kind in kinds],
            allow_unused=True,
        )
        return found[0]

    return passes(once)


def lightgcn(graph: FusedGraph, upstream: Tensor, layers: int) -> Work:
    """PyG's own model, whose vectors are its parameters."""
    model = LightGCN(graph.nodes, upstream.shape[1], layers).to(upstream.device)
    edges = torch.stack([graph.edges.source, graph.edges.destination]).long()

    def once() -> Tensor:
        z: Tensor = model.get_embedding(edges)
        gradient: Tensor = torch.autograd.grad(z, model.embedding.weight, upstream)[0]
        return gradient

    return passes(once)


def _gat(edges: TypedEdges, width: int) -> nn.Module:
    own = {kind: GATConv(width, width, add_self_loops=False) for kind in edges.edge_types}
    layer: nn.Module = HeteroConv(own)
    return layer


def _hgt(edges: TypedEdges, width: int) -> nn.Module:
    layer: nn.Module = HGTConv(width, width, (edges.node_types, edges.edge_types))
    return layer
