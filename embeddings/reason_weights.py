"""Ways to weigh the reasons of a pair: by evidence, attention, messages, gradients, occlusion.

evidence    what the user has to do with the thing times what the thing has with the item
attention   Σ c_e over the thing's edges, both ways, mean over layers and heads
message     what the thing's messages add to the score: Σ_l β c_e h_src · ∂s/∂z_dst, the sums
            S and what is passed on held fast; and what a liked item adds by the closed form
gradient    Σ ∂s/∂v_e at v = 1: the same with the sums S and all that is passed on
integrated  the mean of that from v = 0 (of all candidates) to 1, Sundararajan et al., ICML 2017
occlusion   the score less the score without the thing's edges
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from embeddings.models.edited_pair import EditedPair
from embeddings.reasons import Kind

STEPS: Final = 4
"""Of the integrated gradients."""


@dataclass(frozen=True)
class Unit:
    """A thing between user and item.

    Attributes:
        kind, position: which.
        weight: by evidence.
        into: messages from it to the user or the item.
    """

    kind: Kind
    position: int
    weight: float
    into: Tensor


def weights(name: str, pair: EditedPair, units: Sequence[Unit]) -> NDArray[np.float64]:
    """Return a weight for each unit, larger where it counts for more, (n,)."""
    return WEIGHTINGS[name](pair, units)


def _evidence(_: EditedPair, units: Sequence[Unit]) -> NDArray[np.float64]:
    return np.array([each.weight for each in units])


def _attention(pair: EditedPair, units: Sequence[Unit]) -> NDArray[np.float64]:
    attention = torch.stack(pair.graph.attention).mean(dim=(0, 2))
    return np.array([float(attention[pair.with_back(each.into)].sum()) for each in units])


def _message(pair: EditedPair, units: Sequence[Unit]) -> NDArray[np.float64]:
    graph, kinds = pair.graph, np.array([each.kind for each in units])
    users, items = graph.scores.user.numpy(), graph.scores.item.numpy()
    found = np.zeros(len(units))
    for kind in set(kinds.tolist()):
        own = np.flatnonzero(kinds == kind).tolist()
        thing = [units[number].position for number in own]
        place = np.array([[pair.user] * len(own), [pair.item] * len(own), thing])
        found[own] = graph.told.weights(users, items, place, kind, graph.temperature)
    return found + _closed_form(pair, units)


def _gradient(pair: EditedPair, units: Sequence[Unit]) -> NDArray[np.float64]:
    return _slopes(pair, units, [1.0])


def _integrated(pair: EditedPair, units: Sequence[Unit]) -> NDArray[np.float64]:
    return _slopes(pair, units, [(step + 0.5) / STEPS for step in range(STEPS)])


def _slopes(pair: EditedPair, units: Sequence[Unit], at: Sequence[float]) -> NDArray[np.float64]:
    """Σ ∂s/∂v over each unit's messages, both ways, mean over these v of all units."""
    own = [pair.with_back(each.into) for each in units]
    touched = torch.unique(torch.cat(own))
    total = torch.zeros(len(touched))
    for level in at:
        v = torch.full((len(touched),), level, requires_grad=True)
        (slope,) = torch.autograd.grad(pair.score(touched, v), v)
        total += slope / len(at)
    sums = [float(total[torch.searchsorted(touched, messages)].sum()) for messages in own]
    return np.array(sums) + _closed_form(pair, units)


def _occlusion(pair: EditedPair, units: Sequence[Unit]) -> NDArray[np.float64]:
    whole = pair.all_scores(torch.empty(0, dtype=torch.int64))[pair.item]
    return np.array([float(whole - pair.all_scores(each.into)[pair.item]) for each in units])


def _closed_form(pair: EditedPair, units: Sequence[Unit]) -> NDArray[np.float64]:
    """What each unit's item adds to g R_ui."""
    closed, graph = pair.graph.closed_form, pair.graph
    row = closed.X[[pair.user]]
    column = closed.B[:, [pair.item]]
    column = column if isinstance(column, np.ndarray) else column.toarray()
    speaks = np.zeros(closed.X.shape[1])
    speaks[row.indices] = row.data * column[row.indices, 0]
    speaks *= float(graph.scores.g[pair.item]) / closed.scale
    return np.array([float(speaks[np.unique(pair.items_of(each.into))].sum()) for each in units])


Weigh = Callable[[EditedPair, Sequence[Unit]], NDArray[np.float64]]

WEIGHTINGS: Final[Mapping[str, Weigh]] = {
    "evidence": _evidence,
    "attention": _attention,
    "message": _message,
    "gradient": _gradient,
    "integrated": _integrated,
    "occlusion": _occlusion,
}
"""By name; larger weights first is the order that is judged."""
