"""A vector for somebody whom training never saw, made as the network makes a user's.

A new person u has no id and wrote nothing: h⁰_u = 0. A layer that sums over neighbours gives

    h^{l+1}_u = β Σ_{i liked} w_i h^l_i / sqrt(S(i) Σ_{j liked} w_j),   z_u ~ Σ_l h^l_u

with S(i) the sum of the weights of the n_i likes of i, and w_i = S(i) / n_i: how old a new like
is and what it was rated are not known, so it counts as an average like of that item. An item that
nobody likes yet has one average like. New people do not change the items' vectors.

Encoders that do not sum (`sage`, `hgt`) get an approximation: z_u ~ Σ_{i liked} z_i / |z_i|.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from torch import Tensor

from embeddings.models.attention import unit
from embeddings.models.encoders.encoder import Sent, SumsNeighbours
from embeddings.models.network import HeteroGatNetwork

_LEAST = 1e-12


@dataclass(frozen=True)
class ItemMessages:
    """What each item says of those who like it, in each layer of each seed's network.

    Attributes:
        vectors: β w_i h_i / sqrt(S(i)), (seeds, L, I, d).
        weights: w_i, (seeds, L, I, H).
    """

    vectors: NDArray[np.float32]
    weights: NDArray[np.float32]

    @classmethod
    def of(cls, network: HeteroGatNetwork, visible: Tensor) -> ItemMessages:
        """Take them from a trained network, with these training pairs visible, (P,) bool."""
        encoder, likes = network.encoder, network.graph.likes_to_users()
        if likes is None or not isinstance(encoder, SumsNeighbours):
            z, _ = network(visible)
            vector = unit(z[network.users : network.users + network.items])
            layers = [(vector, torch.ones_like(vector[:, :1]))]
        else:
            sent = encoder.sent(network.inputs_of(visible), network.graph.visibility(visible))
            layers = [_of_layer(each, *likes, network.users, network.items) for each in sent]
        vectors, weights = (torch.stack(part).cpu().numpy() for part in zip(*layers, strict=True))
        return cls(vectors[None], weights[None])

    @staticmethod
    def stack(members: Sequence[ItemMessages]) -> ItemMessages:
        """Return the messages of several networks, one after another."""
        return ItemMessages(
            np.concatenate([each.vectors for each in members]),
            np.concatenate([each.weights for each in members]),
        )

    def users(self, likes: csr_matrix) -> NDArray[np.float32]:
        """Return z_u / |z_u| of each seed side by side, zero for who likes nothing, (n, D).

        Args:
            likes: of n people, (n, I) float32.
        """
        seeds = [
            sum(_received(likes, *layer) for layer in zip(vectors, weights, strict=True))
            for vectors, weights in zip(self.vectors, self.weights, strict=True)
        ]
        found: NDArray[np.float32] = np.concatenate(
            [unit(torch.from_numpy(z)).numpy() for z in seeds], axis=1
        )
        return found


def _of_layer(
    sent: Sent, relation: int, item: Tensor, users: int, items: int
) -> tuple[Tensor, Tensor]:
    """Vectors (I, d) and weights (I, H) of one layer; `item` is -1 for messages of no like."""
    here = item >= 0
    w, at = sent.w[here], item[here]
    total = w.new_zeros(items, w.shape[1]).index_add(0, at, w)
    count = torch.bincount(at, minlength=items)[:, None]
    mean = torch.where(count > 0, total / count.clamp_min(1), w.mean(0))
    factor = mean * torch.where(count > 0, total, mean).clamp_min(_LEAST).rsqrt()
    h = sent.h[users : users + items]
    per_head = h.view(items, w.shape[1], -1) * (sent.beta[relation] * factor)[:, :, None]
    return per_head.reshape(h.shape), mean


def _received(
    likes: csr_matrix, vectors: NDArray[np.float32], weights: NDArray[np.float32]
) -> NDArray[np.float32]:
    """What people hear from the items that they like in one layer, (n, d)."""
    total = np.maximum(likes @ weights, _LEAST)
    heard = (likes @ vectors).reshape(*total.shape, -1) / np.sqrt(total)[:, :, None]
    received: NDArray[np.float32] = heard.reshape(len(total), -1)
    return received
