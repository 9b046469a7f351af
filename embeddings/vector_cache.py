"""Vectors of texts that were encoded before, on disk, shared by all runs.

One SQLite file in WAL mode: processes may read and write it at the same time, a killed one
leaves it whole, and only the rows that are asked for are read into memory.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from kg.errors import ModelError

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS spaces (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, width INTEGER NOT NULL, UNIQUE (name, width)
);
CREATE TABLE IF NOT EXISTS vectors (
    space INTEGER NOT NULL, hash BLOB NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (space, hash)
) WITHOUT ROWID;
"""
CACHE: Final = "text_vectors.sqlite"
"""Its usual name."""
_ASKED_AT_ONCE: Final = 500
_WAIT_SECONDS: Final = 60.0


class VectorCache:
    """Vectors by space (which encoder, how set) and hash of the text. Close it after use.

    Vectors are kept in half precision: of vectors of length one that costs less than 0.0001 % of
    any cosine and half the room.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        with self._errors():
            self._database = sqlite3.connect(path, timeout=_WAIT_SECONDS)
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = NORMAL")
            self._database.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def read(
        self, space: str, hashes: NDArray[np.void], width: int
    ) -> tuple[NDArray[np.bool_], NDArray[np.float16]]:
        """Return which of the hashes are known, (n,), and their vectors, (n, width), else zeros.

        Args:
            space: name of the encoder with all that changes its vectors.
            hashes: of texts, (n,), each once.
            width: of the vectors.
        """
        vectors = np.zeros((len(hashes), width), np.float16)
        known = np.zeros(len(hashes), np.bool_)
        place = {hashed.tobytes(): row for row, hashed in enumerate(hashes)}
        with self._errors():
            for found, vector in self._find(self._space(space, width), list(place)):
                known[place[found]] = True
                vectors[place[found]] = np.frombuffer(vector, np.float16)
        return known, vectors

    def write(self, space: str, hashes: NDArray[np.void], vectors: NDArray[np.float16]) -> None:
        """Keep vectors (n, width); what is known already stays as it is."""
        with self._errors(), self._database:
            number = self._space(space, vectors.shape[1])
            self._database.executemany(
                "INSERT OR IGNORE INTO vectors VALUES (?, ?, ?)",
                (
                    (number, hashed.tobytes(), vector.tobytes())
                    for hashed, vector in zip(hashes, vectors, strict=True)
                ),
            )

    def forget(self, hashes: NDArray[np.void]) -> int:
        """Remove the vectors of these texts in every space, and their bytes from the file.

        Returns:
            How many there were.
        """
        with self._errors():
            self._database.execute("PRAGMA secure_delete = ON")
            with self._database:
                gone = self._database.executemany(
                    "DELETE FROM vectors WHERE hash = ?",
                    ((hashed.tobytes(),) for hashed in hashes),
                ).rowcount
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return max(0, gone)

    def _find(self, space: int, hashes: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
        for start in range(0, len(hashes), _ASKED_AT_ONCE):
            asked = hashes[start : start + _ASKED_AT_ONCE]
            marks = ", ".join("?" * len(asked))
            yield from self._database.execute(
                f"SELECT hash, vector FROM vectors WHERE space = ? AND hash IN ({marks})",  # noqa: S608 - only question marks are filled in
                (space, *asked),
            )

    def _space(self, name: str, width: int) -> int:
        self._database.execute(
            "INSERT OR IGNORE INTO spaces (name, width) VALUES (?, ?)", (name, width)
        )
        (number,) = self._database.execute(
            "SELECT id FROM spaces WHERE name = ? AND width = ?", (name, width)
        ).fetchone()
        return int(number)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise ModelError(
                f"The cache of text vectors {self._path} cannot be used: {error}.",
                remedy="Delete the file (its vectors are then computed again), or check its disk.",
            ) from error
