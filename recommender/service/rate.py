"""How often a client may ask: a token bucket each, in bounded memory."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

MOST_CLIENTS: Final = 10_000
"""Clients that are remembered; beyond, the one that has not asked for longest begins anew."""


@dataclass
class Buckets:
    """The buckets of all clients. Not for several threads.

    Attributes:
        rate: requests per second that a client may go on with; 0: any number.
        burst: requests that it may make at once after a pause.
    """

    rate: float
    burst: float
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    @classmethod
    def of(cls, rate: float) -> Buckets:
        """Return buckets that hold what two seconds bring, and at least one request."""
        return cls(rate, max(1.0, 2 * rate))

    def wait(self, client: str, now: float) -> float:
        """Take a token and return 0, or return after how many seconds there will be one.

        Args:
            now: seconds of a clock that never goes back.
        """
        if not self.rate:
            return 0.0
        left, since = self._left.pop(client, (self.burst, now))
        left = min(self.burst, left + (now - since) * self.rate)
        waiting = 0.0 if left >= 1 else (1 - left) / self.rate
        self._left[client] = (left if waiting else left - 1, now)
        if len(self._left) > MOST_CLIENTS:
            self._left.popitem(last=False)
        return waiting

    def __len__(self) -> int:
        return len(self._left)
