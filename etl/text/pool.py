"""Extraction by several processes: batches out, facts in, in order, as one process would.

Each worker has its own pipe, so at most one batch waits with each, and the death of a worker
names the batch that it held. Batches and facts travel as Arrow streams.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import fields
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Final

import pyarrow as pa

from etl.text.facts import Facts
from etl.text.model import TextModel
from kg.errors import ExtractionError

_FAILED: Final = b"failed"
_MAX_AHEAD: Final = 4  # finished batches per worker that may wait for an earlier one
_FACTS: Final = tuple(field.name for field in fields(Facts))


def extract_parallel(
    batches: Iterable[pa.RecordBatch], model_folder: Path, workers: int
) -> Iterator[Facts]:
    """Yield the facts of each batch, in the order of the batches.

    Args:
        batches: of `etl.tables.REVIEWS`; drawn only as workers become free.
        model_folder: where `TextModel.save` wrote the model.
        workers: number of processes.

    Raises:
        ExtractionError: a worker failed or died; names the batch it worked on.
    """
    crew = [_Worker(model_folder) for _ in range(workers)]
    try:
        yield from _in_order(enumerate(batches), crew)
    finally:
        for worker in crew:
            worker.stop()


class _Worker:
    """One process and the batch it is working on."""

    def __init__(self, model_folder: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process: SpawnProcess = context.Process(
            target=_work, args=(theirs, str(model_folder)), daemon=True
        )
        self.process.start()
        theirs.close()
        self.number = -1
        self.first_review = ""

    def give(self, number: int, batch: pa.RecordBatch) -> None:
        """Send a batch to be worked on."""
        self.number, self.first_review = number, str(batch.column("review_id")[0].as_py())
        try:
            self.connection.send_bytes(_to_bytes([pa.Table.from_batches([batch])]))
        except OSError:
            raise self._death() from None

    def take(self) -> Facts:
        """Receive the facts of the batch that was given."""
        try:
            message = self.connection.recv_bytes()
            if message == _FAILED:
                reason = self.connection.recv_bytes().decode()
                raise ExtractionError(f"Extraction failed on {self._place()}: {reason}.")
        except (EOFError, OSError):
            raise self._death() from None
        return Facts(**dict(zip(_FACTS, _from_bytes(message, len(_FACTS)), strict=True)))

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        self.connection.close()
        self.process.terminate()
        self.process.join()

    def _place(self) -> str:
        return f"batch {self.number} (its first review is {self.first_review!r})"

    def _death(self) -> ExtractionError:
        self.process.join(timeout=5)
        return ExtractionError(
            f"An extraction worker died (exit code {self.process.exitcode}) on {self._place()}.",
            remedy="It may have run out of memory: set text.workers to 1, then look at that batch.",
        )


def _in_order(
    batches: Iterator[tuple[int, pa.RecordBatch]], crew: list[_Worker]
) -> Iterator[Facts]:
    idle, busy = list(crew), list[_Worker]()
    done: dict[int, Facts] = {}
    following, exhausted = 0, False
    while True:
        while idle and not exhausted and len(done) < _MAX_AHEAD * len(crew):
            entry = next(batches, None)
            if entry is None:
                exhausted = True
            else:
                worker = idle.pop()
                worker.give(*entry)
                busy.append(worker)
        if not busy and not done:
            return
        ready = wait([worker.connection for worker in busy])
        for worker in [worker for worker in busy if worker.connection in ready]:
            done[worker.number] = worker.take()
            busy.remove(worker)
            idle.append(worker)
        while following in done:
            yield done.pop(following)
            following += 1


def _work(connection: Connection, model_folder: str) -> None:
    """Answer batches with facts until the other end closes; Ctrl-C is for the main process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    model = TextModel.load(Path(model_folder))
    with suppress(EOFError):
        while True:
            batch = _from_bytes(connection.recv_bytes(), 1)[0].combine_chunks().to_batches()[0]
            try:
                facts = model.extract(batch)
            except Exception as error:
                connection.send_bytes(_FAILED)
                connection.send_bytes(f"{type(error).__name__}: {error}".encode())
                raise
            connection.send_bytes(_to_bytes([getattr(facts, name) for name in _FACTS]))


def _to_bytes(tables: Iterable[pa.Table]) -> bytes:
    sink = pa.BufferOutputStream()
    for table in tables:
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
    return bytes(sink.getvalue())


def _from_bytes(message: bytes, count: int) -> list[pa.Table]:
    source = pa.BufferReader(message)
    return [pa.ipc.open_stream(source).read_all() for _ in range(count)]
