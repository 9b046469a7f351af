"""The encoders by the names that `model.hetero_gat.encoder` knows."""

from __future__ import annotations

import torch

from embeddings.models.attention import EndLogits
from embeddings.models.encoders.encoder import Encoder
from embeddings.models.encoders.gatv2 import JointLogits
from embeddings.models.encoders.hgt import HgtEncoder
from embeddings.models.encoders.lightgcn import LightGcnEncoder
from embeddings.models.encoders.sage import SageEncoder
from embeddings.models.encoders.typed_attention import TypedAttentionEncoder
from embeddings.models.fused_graph import FusedGraph
from embeddings.models.settings import HeteroGatSettings


def make_encoder(
    settings: HeteroGatSettings, graph: FusedGraph, generator: torch.Generator
) -> Encoder:
    """Return an untrained encoder for `graph`; its initial values come from `generator` (CPU)."""
    width, layers, heads, edges = settings.width, settings.layers, settings.heads, graph.edges

    def seed() -> int:
        """For modules that draw their initial values from torch's global generator."""
        return int(torch.randint(2**31, (), generator=generator))

    match settings.encoder:
        case "attention":
            return TypedAttentionEncoder(
                graph, layers=layers, logits=lambda: EndLogits(width, heads, edges)
            )
        case "gatv2":
            return TypedAttentionEncoder(
                graph,
                layers=layers,
                logits=lambda: JointLogits(width, heads, edges, generator=generator),
            )
        case "lightgcn":
            return LightGcnEncoder(graph, layers=layers)
        case "sage":
            return SageEncoder(graph, width=width, layers=layers, seed=seed())
        case "hgt":
            return HgtEncoder(graph, width=width, layers=layers, heads=heads, seed=seed())
