"""The graph of a dataset: which server it is on, opened when it is first needed.

Without NEO4J_URI it is the embedded graph, which is started when none is up; every dataset has a
database of its own there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import SecretStr

from kg import embedded
from kg.bolt import Connection
from kg.errors import ConfigError, UnknownKeyError
from kg.migrations import migrate
from kg.runs import RunKind, list_runs
from kg.store import Store
from recommender.environment import Environment
from recommender.lease import Lease, leased
from recommender.locks import exclusive
from recommender.run_folder import Runs


@dataclass
class Graph:
    """One dataset's graph; close it, or use it as a context manager."""

    environment: Environment
    dataset: str
    _lease: Lease | None = field(default=None, init=False)

    @property
    def target(self) -> str:
        """Which graph it is, for people and for fingerprints: server and database, no secrets."""
        if self.environment.uri is None:
            return f"embedded graph {self.dataset}"
        database = self.environment.database
        return f"{self.environment.uri}{f'/{database}' if database else ''}"

    @property
    def lock(self) -> Path:
        """The file that is locked by whoever of this home is at work on the graph."""
        short = hashlib.sha256(self.target.encode()).hexdigest()[:12]
        return self.environment.home / "locks" / f"{short}.lock"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only one who writes the graph while the block runs.

        On a server of one's own that holds for all machines; what writes fails should it not.

        Raises:
            BusyError: another process is at work on it.
            GraphError: the server, which is not the embedded one, does not answer.
        """
        what, now = f"the {self.target}", datetime.now(UTC)
        with exclusive(self.lock, what=what, now=now):
            if self.environment.embedded:
                yield
                return
            with leased(self.connect(), what=what, now=now) as self._lease:
                try:
                    yield
                finally:
                    self._lease = None

    def connect(self) -> Connection:
        """Return where the server listens; start the embedded one if none is up.

        Raises:
            ConfigError: NEO4J_URI is no Bolt address, or NEO4J_PASSWORD is not set.
            GraphError: the embedded server cannot be started.
        """
        if self.environment.embedded:
            return embedded.start(self.environment.home, database=self.dataset)
        return self.locate()

    def locate(self) -> Connection:
        """Return where the server listens; an embedded one is not started.

        Raises:
            ConfigError: NEO4J_URI is no Bolt address, or NEO4J_PASSWORD is not set.
            GraphUnavailableError: the embedded server does not run.
        """
        here = self.environment
        if here.uri is None:
            return embedded.connection_to(here.home, database=self.dataset)
        if here.uri.startswith("http"):
            raise ConfigError(
                f"NEO4J_URI is {here.uri}, an address for browsers; kgrec speaks Bolt.",
                remedy="Write bolt://host:7687, or neo4j+s://host for a server with a certificate.",
            )
        if here.password is None:
            raise ConfigError(
                f"NEO4J_URI is {here.uri}, and NEO4J_PASSWORD is not set.",
                remedy="Set NEO4J_PASSWORD or NEO4J_PASSWORD_FILE (and NEO4J_USERNAME if it is not "
                "neo4j), or unset NEO4J_URI to use the embedded graph.",
            )
        return Connection(
            uri=here.uri,
            username=here.username,
            password=SecretStr(here.password),
            database=here.database,
            ca=here.ca,
        )

    @cached_property
    def store(self) -> Store:
        """The open store, migrated to the newest schema.

        Raises:
            GraphError: the server cannot be reached, signed in to, or started.
        """
        store = Store.connect(self.connect(), before_writing=self.still_alone)
        migrate(store)
        return store

    def holds(self, kind: RunKind, run_id: str, *, since: datetime, last: bool = False) -> bool:
        """Tell whether what a run wrote until `since` is still there as it wrote it.

        It is while the graph knows the run, and no other run of its kind is at work or was later.

        Args:
            last: it is what the run ends with; so the run itself was not at work later, either.
        """
        runs = list_runs(self.store, kind)
        known = any(run.run_id == run_id for run in runs)
        return known and not any(
            run.status == "running" or (run.finished_at is not None and run.finished_at > since)
            for run in runs
            if last or run.run_id != run_id
        )

    def still_alone(self) -> None:
        """Do nothing while this is certain; called before each write, and after what takes long.

        Raises:
            BusyError: within the block of `alone` it came to hold no more.
        """
        if self._lease is not None:
            self._lease.require()

    def close(self) -> None:
        """Close the store if it was opened; an embedded server goes on for others."""
        if "store" in self.__dict__:
            self.store.close()
            del self.__dict__["store"]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_graph(dataset: str | None, runs_dir: Path) -> Graph:
    """Return the graph of `dataset`, or of the latest run's dataset.

    Raises:
        ConfigError: no dataset was named and there is no run.
        UnknownKeyError: the embedded graph has no such dataset.
    """
    environment = Environment.read()
    if not environment.embedded:
        return Graph(environment, dataset or "")
    name = dataset or _latest_dataset(runs_dir)
    known = embedded.Folder.of(environment.home).datasets
    if name not in known:
        raise UnknownKeyError(
            "dataset", name, known, remedy="`kgrec graph status` lists those of the embedded graph."
        )
    return Graph(environment, name)


def _latest_dataset(runs_dir: Path) -> str:
    latest = next(iter(Runs(runs_dir)), None)
    if latest is None:
        raise ConfigError(
            f"Which dataset? There is no run in {runs_dir}, and --dataset is not given.",
            remedy="Name it with --dataset, name the folder of runs with --runs-dir, "
            "or make one: kgrec run --sample",
        )
    return latest.record().dataset
