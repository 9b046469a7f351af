"""LightGCN: vectors that travel along the liked pairs (He et al., SIGIR 2020).

    h = 1/(L + 1) Σ_{l = 0 … L} (D^-½ A D^-½)^l e,   A = [[0, X], [Xᵀ, 0]],   s(u, i) = h_u·h_i

learnt by ranking (`bpr.py`).
"""

from __future__ import annotations

import warnings
from typing import ClassVar

import torch
from torch import Tensor
from torch_geometric.nn import LGConv

from embeddings.baselines.bpr import BprLearner
from embeddings.baselines.factors import Factors
from embeddings.baselines.settings import LightGcnSettings
from embeddings.baselines.stepwise import Learner, Stepwise
from embeddings.device import pick_device
from embeddings.training_data import TrainingData


class LightGcn(Stepwise[LightGcnSettings], Factors[LightGcnSettings]):
    """See the module."""

    name: ClassVar[str] = "lightgcn"
    settings_type = LightGcnSettings

    def learner(self, data: TrainingData, settings: LightGcnSettings) -> Learner:
        """Return vectors that are propagated before they are used; see `Stepwise`."""
        device = pick_device(settings.device)
        A = normalised_adjacency(data).to(device)
        convolution = LGConv(normalize=False)

        def propagate(e: Tensor) -> Tensor:
            layers = [e]
            for _ in range(settings.layers[0]):
                layers.append(convolution(layers[-1], A))
            return torch.stack(layers).mean(0)

        return BprLearner(data, settings, propagate=propagate, bias=False, device=device)


def normalised_adjacency(data: TrainingData) -> Tensor:
    """Return D^-½ A D^-½ of the liked pairs, users before items, sparse, (U + I, U + I)."""
    user = torch.from_numpy(data.pairs.user[data.pairs.positive])
    item = torch.from_numpy(data.pairs.item[data.pairs.positive]) + len(data.users)
    nodes = len(data.users) + len(data.items)
    edges = torch.stack([torch.cat([user, item]), torch.cat([item, user])])
    degree = torch.bincount(edges[0], minlength=nodes).clamp_min(1).float()
    weight = degree[edges[0]].rsqrt() * degree[edges[1]].rsqrt()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*[Ss]parse", category=UserWarning)
        return torch.sparse_coo_tensor(edges, weight, (nodes, nodes)).to_sparse_csr()
