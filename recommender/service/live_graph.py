"""The graph as the service asks it: threads within bounds, and a quick answer while it is away."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from kg.bolt import Connection
from kg.errors import GraphUnavailableError
from kg.store import Store
from recommender.service.problems import RefusedError

T = TypeVar("T")
logger = logging.getLogger(__name__)

WORKERS: Final = 16
"""Questions that the graph is asked at once; others wait for their turn."""
PATIENCE: Final = 30.0
"""Seconds that a request waits for its answer, its turn included; a first plan may take ten."""
GIVE_UP: Final = 120.0
"""Seconds after which a Neo4j gives a question up. A plan for which nobody waited is kept, so that
the next request finds it."""
PAUSE: Final = 1.0
"""Seconds for which a graph that went away is not asked again."""
RETRY_SECONDS: Final = 0.5
"""How long to go on asking when something fails for a passing reason."""


class LiveGraph:
    """A connection that is made when it is needed, and found again when the server was restarted.

    Args:
        locate: tells where the server listens now; GraphUnavailableError if it does not.
        patience: seconds to wait for an answer.
    """

    def __init__(self, locate: Callable[[], Connection], *, patience: float = PATIENCE) -> None:
        self._locate = locate
        self._patience = patience
        self._workers = ThreadPoolExecutor(WORKERS, "question")
        self._lock = threading.Lock()
        self._store: Store | None = None
        self._lost = False
        self._again_at = 0.0

    async def ask(self, question: Callable[[Store], T], *, within: float | None = None) -> T:
        """Return what a question says of the open store.

        Args:
            within: seconds to wait; None: as long as `patience`.

        Raises:
            GraphUnavailableError: no server answers.
            GraphError: the server refused.
            RefusedError: the answer is not there in time; the graph is not taken to be away.
        """
        self._refuse_while_away()
        seconds = self._patience if within is None else within
        asked = asyncio.get_running_loop().run_in_executor(self._workers, self._put, question)
        try:
            return await asyncio.wait_for(asked, seconds)
        except TimeoutError as error:
            raise RefusedError.too_slow(seconds) from error

    def open(self) -> None:
        """Connect now; a server that is away is only told of, since it may come back."""
        try:
            self._opened()
        except GraphUnavailableError as error:
            self._went_away(error)

    def close(self) -> None:
        """Close the connection; what still waits for its turn is not asked."""
        self._workers.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            if self._store is not None:
                self._store.close()
                self._store = None

    def _put(self, question: Callable[[Store], T]) -> T:
        try:
            return question(self._opened())
        except GraphUnavailableError as error:
            self._went_away(error)
            raise

    def _opened(self) -> Store:
        """Return the store; after the server was away, one for where it listens now."""
        with self._lock:
            if self._store is not None and not self._lost:
                return self._store
            self._refuse_while_away()
            connection = self._locate()
            if self._store is None or self._store.connection != connection:
                new = Store.connect(connection, retry_seconds=RETRY_SECONDS, read_seconds=GIVE_UP)
                if self._store is not None:
                    self._store.close()
                self._store = new
            self._lost = False
            return self._store

    def _refuse_while_away(self) -> None:
        if time.monotonic() < self._again_at:
            raise GraphUnavailableError("The graph did not answer a moment ago.")

    def _went_away(self, error: GraphUnavailableError) -> None:
        now = time.monotonic()
        if now >= self._again_at:
            logger.warning("the graph is away: %s", error.message)
            self._lost, self._again_at = True, now + PAUSE
