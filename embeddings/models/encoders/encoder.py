"""What an encoder of the graph is: from the inputs of all nodes to their vectors."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor


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
