"""One writer at a time on a server that several machines reach: a lease in the graph itself.

The locks of `recommender.locks` are of one machine and one KGREC_HOME. Who writes on a server of
one's own also holds the node :Lease. A thread renews it: a stage may be silent for longer than a
lease lasts. One whose process is gone is taken over at once on the same machine (Linux); any other
one when it was not renewed for `LEASE_SECONDS` by the server's clock.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Final, cast
from uuid import uuid4

from kg.bolt import Connection
from kg.errors import GraphConflictError, GraphError
from kg.migrations import pending_migrations
from kg.runs import epoch_millis
from kg.store import Store
from recommender.locks import BusyError

logger = logging.getLogger(__name__)

LEASE_SECONDS: Final = 120.0
RENEW_SECONDS: Final = 20.0
_AGAIN_SECONDS: Final = 2.0
"""After so long a renewal that failed is tried again."""
_RETRY_SECONDS: Final = 5.0

Row = Mapping[str, object]


@dataclass
class Lease:
    """The right to write one graph, as long as it is renewed.

    Attributes:
        what: the graph, for messages.
    """

    what: str
    _store: Store
    _owner: str = field(default_factory=lambda: uuid4().hex)
    _renewed: float = 0.0
    _lost: bool = False

    def take(self, now: datetime) -> None:
        """Take it.

        Raises:
            BusyError: another process holds it, and may be alive.
        """
        if pending_migrations(self._store):
            self._store.write("write/lease_key")
        gone: str | None = None
        while True:
            holder = self._asked(now, gone)
            if holder["owner"] == self._owner:
                return
            if holder["owner"] is not None and not _is_gone(holder):
                raise BusyError(
                    f"Another run is using {self.what}: {told(holder)}.", remedy=_remedy(holder)
                )
            gone = cast("str | None", holder["owner"])

    def _asked(self, now: datetime, gone: str | None) -> Row:
        """Take it if it is free or `gone` holds it; who holds it now, nobody if that changes."""
        self._renewed = time.time()
        try:
            [holder] = self._store.write(
                "write/lease_take",
                owner=self._owner,
                gone=gone,
                host=socket.gethostname(),
                machine=_machine(),
                pid=os.getpid(),
                born=_born(os.getpid()),
                startedAt=epoch_millis(now),
                millis=round(LEASE_SECONDS * 1000),
            )
        except GraphConflictError:
            return {"owner": None}
        return holder

    def require(self) -> None:
        """Do nothing while the lease is certain to be ours.

        Raises:
            BusyError: it is lost.
            GraphError: it would have to be renewed, and the server does not answer.
        """
        if not 0 <= time.time() - self._renewed < 2 * RENEW_SECONDS:  # this machine has slept
            self.renew()
        if self._lost:
            holder = next(iter(self._store.read("read/lease")), None)
            now = f"now it is {told(holder)}" if holder else "nobody holds it now"
            raise BusyError(
                f"This run is no longer alone on {self.what}: its lease ran out, as the server did "
                f"not hear of it for {LEASE_SECONDS:.0f} seconds, or was deleted; {now}.",
                remedy="Wait until nobody is at work there, then give the same command again.",
            )

    def renew(self) -> None:
        """Hold it for `LEASE_SECONDS` from now on, if it is still ours."""
        asked = time.time()
        millis = round(LEASE_SECONDS * 1000)
        if self._store.write("write/lease_renew", owner=self._owner, millis=millis):
            self._renewed = asked
        else:
            self._lost = True

    def keep(self, ended: Event) -> None:
        """Renew it again and again, until it is lost or the work has ended."""
        wait = RENEW_SECONDS
        while not self._lost and not ended.wait(wait):
            try:
                self.renew()
                wait = RENEW_SECONDS
            except GraphError as error:
                logger.warning("The hold on %s could not be renewed: %s", self.what, error)
                wait = _AGAIN_SECONDS

    def release(self) -> None:
        """Give it back; where the server does not answer, it runs out by itself."""
        with suppress(GraphError):
            self._store.write("write/lease_release", owner=self._owner)


@contextmanager
def leased(connection: Connection, *, what: str, now: datetime) -> Iterator[Lease]:
    """Be the only writer of a graph while the block runs.

    Args:
        what: the graph, for messages ("the bolt://graph.example.org").
        now: the start time that others are told.

    Raises:
        BusyError: another process is; the message has its machine, pid and start time.
        GraphError: the server cannot be reached or refuses.
    """
    with Store.connect(connection, retry_seconds=_RETRY_SECONDS) as store:
        lease, ended = Lease(what, store), Event()
        lease.take(now)
        keeper = Thread(target=lease.keep, args=(ended,), name="lease", daemon=True)
        keeper.start()
        try:
            yield lease
        finally:
            ended.set()
            keeper.join()
            lease.release()


def told(holder: Row) -> str:
    """Return who holds a lease, in words."""
    since = datetime.fromtimestamp(int(str(holder["startedAt"])) / 1000, UTC)
    started = since.isoformat(timespec="seconds")
    return f"process {holder['pid']} on {holder['host']}, started {started}"


def _remedy(holder: Row) -> str:
    if holder["machine"] == _machine():
        return "Wait until it has ended, or stop it (Ctrl-C there) and start again."
    left = timedelta(milliseconds=int(str(holder["millisLeft"])))
    return (
        "Wait until it has ended, or stop it (Ctrl-C there) and start again. If that machine is "
        f"gone, start again after {(datetime.now(UTC) + left).isoformat(timespec='seconds')}."
    )


def _is_gone(holder: Row) -> bool:
    """Whether the process is known to be dead: those of other machines are not known."""
    here = holder["machine"] == _machine() != ""
    return here and holder["born"] != _born(int(str(holder["pid"])))


def _machine() -> str:
    """What two processes share that can see each other: boot, container, user; "" off Linux."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()} {os.getuid()}"
    except OSError:
        return ""


def _born(pid: int) -> int:
    """When a process began, in ticks since boot, whatever clocks say; 0 if there is none."""
    try:
        told = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return 0
    state, *numbers = told.rpartition(b")")[2].split()  # the name before may hold anything
    return 0 if state == b"Z" else int(numbers[18])
