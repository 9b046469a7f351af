"""What an encoder of the graph is: from the inputs of all nodes to their vectors.

One whose layers are sums over neighbours also says what is summed, `SumsNeighbours`, and runs on a
part of the messages, `RunsOnDraws`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from torch import Tensor

from embeddings.models.neighbours import DrawnMessages


class Encoder(Protocol):
    """Turns inputs of nodes into vectors along the edges that a step shows.

    `tests/test_encoders.py` holds every implementation to this. An encoder is an `nn.Module` that
    was made for one `FusedGraph`; N counts nodes, M messages, d numbers per node, H heads.
    """

    def __call__(self, h0: Tensor, visible: Tensor) -> tuple[Tensor, list[Tensor] | None]:
        """Return the nodes' vectors z, (N, d), and the attention of each layer.

        Args:
            h0: inputs of the nodes, (N, d).
            visible: v of each message, (M,): between 0 and 1 where part of an edge's evidence is
                shown; a message of 0 is none.

        Returns:
            z, and per layer the attention of each message, (M, H), 0 where it is not visible; None
            from an encoder whose messages have no attention of that form.
        """
        ...


@dataclass(frozen=True)
class Sent:
    """What goes along the messages of one layer: h'_dst = Σ β_r w / sqrt(S_r(src) S_r(dst)) h_src.

    Attributes:
        h: vectors before the layer, (N, d).
        w: weights of the messages, (M, H), each head's for its slice of h.
        beta: gates of the relations with direction, (R,).
    """

    h: Tensor
    w: Tensor
    beta: Tensor


@runtime_checkable
class SumsNeighbours(Protocol):
    """An encoder whose z is the mean of its input and of its layers, each a weighted sum."""

    def sent(self, h0: Tensor, visible: Tensor) -> list[Sent]:
        """Return what each layer sends; see `Encoder` for the arguments."""
        ...


@runtime_checkable
class RunsOnDraws(Protocol):
    """An encoder that also runs on drawn messages; see `neighbours.py`.

    Attributes:
        attends: whether its messages have attention.
    """

    attends: bool

    def of_draws(self, h0: Tensor, layers: Sequence[DrawnMessages]) -> Tensor:
        """Return the vectors of the nodes that the last layer ends at, (S, d).

        Args:
            h0: inputs of the nodes that the first layer begins at, (n, d).
            layers: the messages of each layer.
        """
        ...
