"""What every seed's training shares: closed forms, the fused graph, texts and pairs."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from scipy.sparse import coo_matrix, csr_matrix
from torch import Tensor

from embeddings.models.closed_form import strongest
from embeddings.models.content import ContentScores
from embeddings.models.fused_graph import FusedGraph
from embeddings.models.low_pass import LowPass
from embeddings.models.network import Inputs
from embeddings.models.residual import FoldedResidual, ItemResidual, LeaveOneOutResidual
from embeddings.models.settings import HeteroGatSettings
from embeddings.models.text_inputs import whiten
from embeddings.training_data import TrainingData

TEXT_WIDTH = 64


@dataclass(frozen=True)
class TrainingParts:
    """What every seed's training shares.

    Attributes:
        residual: the closed form.
        content: closed form of what new items are; None where no item is blinded.
        graph: the fused graph.
        inputs: texts and pairs.
    """

    residual: ItemResidual
    content: ContentScores | None
    graph: FusedGraph
    inputs: Inputs


def training_parts(
    data: TrainingData, settings: HeteroGatSettings, device: torch.device
) -> TrainingParts:
    """Make the closed forms, the fused graph, texts and pairs.

    Where no item is blinded, nothing teaches how much new items' content counts: there is none.
    """
    residual, start = _closed_form(data, settings, device)
    similar = coo_matrix(strongest(residual.full.B, settings.similar_items))
    graph = FusedGraph(data, similar, use_mentions=settings.use_mentions, device=device)
    content = None
    if settings.blind_share:
        content = ContentScores(
            data, l2=settings.content_l2, voice=residual.full.voice, device=device
        )
        residual.full = content.extend(residual.full)
    return TrainingParts(residual, content, graph, _inputs(data, graph, start, device))


def _closed_form(
    data: TrainingData, settings: HeteroGatSettings, device: torch.device
) -> tuple[ItemResidual, Tensor | None]:
    """The closed form, and what the ids of users and items start from, if it says so."""
    if len(data.items) <= settings.exact_items:
        folded = FoldedResidual(
            data,
            l2=settings.l2,
            time_share=settings.time_share,
            time_scale_days=settings.time_scale_days,
            device=device,
        )
        return folded, None
    if settings.components == 0:
        return LeaveOneOutResidual(data, device), None
    low_pass = LowPass.of(
        csr_matrix(data.positives),
        components=settings.components,
        width=settings.width,
        seed=data.seed,
    )
    return LeaveOneOutResidual(data, device, low_pass), torch.from_numpy(low_pass.start)


def _inputs(
    data: TrainingData, graph: FusedGraph, start: Tensor | None, device: torch.device
) -> Inputs:
    pairs = data.pairs
    known = torch.ones(graph.nodes, dtype=torch.bool)
    known[: len(data.users) + len(data.items)] = False
    known[graph.start["user"] + torch.from_numpy(pairs.user)] = True
    known[graph.start["item"] + torch.from_numpy(pairs.item)] = True
    told = {kind: _text(x, data.alpha, device) for kind, x in data.graph.collect("x", True).items()}
    text = {kind: each for kind, each in told.items() if each is not None}
    axes = {"W_t" if kind == "item" else f"W_n.{kind}": each[1] for kind, each in text.items()}
    written = pairs.review
    review = _text(written, data.alpha, device)
    if review is not None:
        axes |= dict.fromkeys(("W_ri", "W_ru"), review[1])
    return Inputs(
        pair_user=torch.from_numpy(pairs.user).to(device),
        pair_item=torch.from_numpy(pairs.item).to(device),
        item_text=text["item"][0] if "item" in text else None,
        names={k: (graph.start[k], x) for k, (x, _) in text.items() if k != "item"},
        axes=axes,
        review=None if review is None else review[0],
        written=None if written is None else (written != 0).any(dim=1).to(device),
        known=known.to(device),
        start=start,
    )


def _text(x: Tensor | None, alpha: float, device: torch.device) -> tuple[Tensor, Tensor] | None:
    """Whitened vectors times α, and their axes; None where language does not count or is not."""
    if x is None or alpha == 0.0 or not bool((x != 0).any()):
        return None
    whitened, axes = whiten(x, TEXT_WIDTH)
    return alpha * whitened.to(device), axes.to(device)
