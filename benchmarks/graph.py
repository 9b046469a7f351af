"""A synthetic world in a graph, and stores that note what is sent to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyarrow as pa

from benchmarks.empty_graph import RUN
from benchmarks.job import Job
from benchmarks.raw_driver import Statement
from benchmarks.world import make_world
from etl.load import LoadReport, load_staging
from etl.staging import Staging
from kg.progress import Progress, no_progress
from kg.rows import sort_rows, to_rows
from kg.store import Checkpoint, Store


def stage_world(job: Job) -> dict[str, pa.Table]:
    """Write the world's tables into the job's staging folder, and return them."""
    tables = make_world(job.size, job.seed)
    staging = Staging(job.path / "staging")
    for name, table in tables.items():
        staging.write(name, [table])
    return tables


def load(store: Store, job: Job) -> LoadReport:
    """Load the staged world."""
    return load_staging(store, job.path / "staging", run_id=RUN, dataset="benchmark")


class DivertedStore(Store):
    """Makes the statements that `Store.write_rows` would send, and leaves it to `send` to do so."""

    def send(self, name: str, statements: Iterable[Statement]) -> None:
        """Take the batches of a table, without checkpoints."""
        raise NotImplementedError

    def write_rows(
        self,
        name: str,
        rows: pa.Table,
        /,
        *,
        key: Sequence[str],
        identifiers: Mapping[str, str] | None = None,
        batch_size: int = 20_000,
        checkpoint: Checkpoint | None = None,
        progress: Progress = no_progress,
        **params: object,
    ) -> int:
        """Make the batches that `Store.write_rows` would send, one at a time."""
        query = self.catalogue[name]
        text = query.text(self.capabilities.dialect, identifiers)
        ordered = sort_rows(rows, key)
        batches = (
            to_rows(ordered.slice(start, batch_size))
            for start in range(0, ordered.num_rows, batch_size)
        )
        self.send(name, ((text, query.arguments({**params, "rows": each})) for each in batches))
        return int(ordered.num_rows)


class RecordingStore(DivertedStore):
    """Notes tables instead of writing them, and reads as well as streaming them."""

    written: list[Statement]
    streamed: list[Statement]

    def note(self) -> RecordingStore:
        """Begin with nothing noted."""
        self.written, self.streamed = [], []
        return self

    def send(self, name: str, statements: Iterable[Statement]) -> None:
        """Note them."""
        self.written += statements

    def stream(
        self,
        name: str,
        /,
        batch_size: int = 10_000,
        identifiers: Mapping[str, str] | None = None,
        **params: object,
    ) -> Iterator[list[tuple[object, ...]]]:
        """Note a read, and do it."""
        query = self.catalogue[name]
        text = query.text(self.capabilities.dialect, identifiers)
        self.streamed.append((text, query.arguments(params)))
        return super().stream(name, batch_size, identifiers, **params)
