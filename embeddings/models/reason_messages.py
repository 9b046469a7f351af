"""What a thing's messages add to the score of a user and an item: weights for reasons.

With z = mean(h⁰ … h^L) and s = cos(z_u, z_i) / τ, a message from x to u of layer l, h^l_x times
β c, changes the score by

    β c h^l_x · (n_i - cos n_u) / ((L + 1) |z_u| τ)

to first order, the sums that c is divided by and what others pass on held fast; likewise at i. A
thing's weight is the sum over its messages to both ends, and a liked item's what it adds by the
closed form, too: "gradient times input" of the last hop. `kgrec faithfulness` compares it with
others; it is nearly free, so that all published reasons can be weighed by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from embeddings.models.attention import unit
from embeddings.models.encoders.typed_attention import TypedAttentionEncoder
from embeddings.models.network import HeteroGatNetwork

MOST_MESSAGES: Final = 5_000_000
"""Graphs with more keep none: the model would take gigabytes."""
_LEAST: Final = 1e-6
_CHUNK: Final = 100_000

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class ReasonMessages:
    """Messages into users and items, of each seed's network; users come first, then items.

    Attributes:
        h: vectors before each layer, (seeds, L, N, d).
        v: β c of each message in each layer, (seeds, L, M, H).
        length: |z| of users and items, (seeds, U + I).
        source, destination: node of each message, (M,) int32.
        start: number of each node type's first node.
    """

    h: Floats
    v: Floats
    length: Floats
    source: NDArray[np.int32]
    destination: NDArray[np.int32]
    start: Mapping[str, int]

    @classmethod
    def of(cls, network: HeteroGatNetwork, visible: Tensor) -> Self | None:
        """Take them from a trained network, with these training pairs visible, (P,) bool.

        None where its messages have no attention, or are too many to keep.
        """
        encoder, edges = network.encoder, network.graph.edges
        ends = network.users + network.items
        count = int((edges.destination < ends).sum())
        if not isinstance(encoder, TypedAttentionEncoder) or count > MOST_MESSAGES:
            return None
        z, attention = network(visible)
        sent = encoder.sent(network.inputs_of(visible), network.graph.visibility(visible))
        relation = edges.relation[:count]
        v = [
            c[:count] * layer.beta[relation][:, None]
            for layer, c in zip(sent, attention or [], strict=True)
        ]
        return cls(
            h=torch.stack([layer.h for layer in sent])[None].cpu().numpy(),
            v=torch.stack(v)[None].cpu().numpy(),
            length=z[:ends].norm(dim=1)[None].cpu().numpy(),
            source=edges.source[:count].cpu().numpy(),
            destination=edges.destination[:count].cpu().numpy(),
            start=network.graph.start,
        )

    def and_of(self, other: Self) -> Self:
        """Return these and those of another seed's network over the same graph."""
        return type(self)(
            h=np.concatenate([self.h, other.h]),
            v=np.concatenate([self.v, other.v]),
            length=np.concatenate([self.length, other.length]),
            source=self.source,
            destination=self.destination,
            start=self.start,
        )

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return all by name, as `from_arrays` takes them."""
        own = {name: getattr(self, name) for name in ("h", "v", "length", "source", "destination")}
        return own | {f"start.{kind}": np.array(first) for kind, first in self.start.items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Self:
        """Return what `arrays` gave."""
        return cls(
            h=arrays["h"].astype(np.float32),
            v=arrays["v"].astype(np.float32),
            length=arrays["length"].astype(np.float32),
            source=arrays["source"].astype(np.int32),
            destination=arrays["destination"].astype(np.int32),
            start={
                name.removeprefix("start."): int(first.item())
                for name, first in arrays.items()
                if name.startswith("start.")
            },
        )

    def weights(
        self, users: Floats, items: Floats, place: NDArray[np.int64], kind: str, temperature: float
    ) -> Floats:
        """Return what things add to the network's scores, (n,).

        Args:
            users, items: vectors z of any length, seeds side by side, (U, D) and (I, D).
            place: user, item and thing, (3, n).
            kind: node type of the things.
            temperature: τ.
        """
        found = np.zeros(place.shape[1], np.float32)
        thing = self.start[kind] + place[2]
        ends = (self.start["user"] + place[0], self.start["item"] + place[1])
        seeds, width = len(self.h), self.h.shape[3]
        for seed in range(seeds):
            columns = slice(seed * width, (seed + 1) * width)
            for first in range(0, len(found), _CHUNK):
                part = slice(first, first + _CHUNK)
                n_u = _unit(users[place[0, part], columns])
                n_i = _unit(items[place[1, part], columns])
                cosine = (n_u * n_i).sum(axis=1, keepdims=True)
                for end, slope in zip(ends, (n_i - cosine * n_u, n_u - cosine * n_i), strict=True):
                    length = np.maximum(self.length[seed, end[part]], _LEAST)[:, None]
                    found[part] += self._along(seed, end[part], thing[part], slope / length)
        found /= seeds * temperature * (self.h.shape[1] + 1)
        return found

    def _along(
        self, seed: int, end: NDArray[np.int64], thing: NDArray[np.int64], slope: Floats
    ) -> Floats:
        """Σ_l β c h_thing · slope over the messages from things to ends, (n,)."""
        order, keys = self._by_ends
        wanted = end * self.h.shape[2] + thing
        first, last = (np.searchsorted(keys, wanted, side) for side in ("left", "right"))
        owner = np.repeat(np.arange(len(wanted)), last - first)
        begin = np.repeat(first - np.r_[0, np.cumsum(last - first)[:-1]], last - first)
        message = order[np.arange(len(owner)) + begin]
        total = np.zeros(len(owner), np.float32)
        heads = self.v.shape[3]
        toward = slope[owner].reshape(len(owner), heads, slope.shape[1] // heads)
        for h, v in zip(self.h[seed], self.v[seed], strict=True):
            carried = h[thing[owner]].reshape(toward.shape)
            total += np.einsum("nhk,nhk,nh->n", carried, toward, v[message])
        return np.bincount(owner, total, len(wanted)).astype(np.float32)

    @cached_property
    def _by_ends(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Messages in the order of destination, then source; and these as one number."""
        keys = self.destination.astype(np.int64) * self.h.shape[2] + self.source
        order = np.argsort(keys, kind="stable")
        return order, keys[order]


def _unit(z: Floats) -> Floats:
    n: Floats = unit(torch.from_numpy(np.ascontiguousarray(z))).numpy()
    return n
