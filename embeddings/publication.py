"""What a run publishes, as files: rows for the graph, made once and written as often as wanted.

    publication/publication.json  which table goes through which query, hashes, figures of lists
                lists.parquet     one row per user: the list, best first
                similar.parquet, attention-1.parquet …

So that publishing a run again needs no model, and what is published can be looked at before.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Final, Literal, Self

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from kg.errors import ModelError

FOLDER: Final = "publication"
LISTS: Final = "lists.parquet"
BATCH_PLACES: Final = 20_000
"""Relationships in one transaction; a user's list is never cut."""
_INDEX: Final = "publication.json"

FileName = Annotated[str, StringConstraints(pattern=r"^[\w-]+\.parquet$")]
WrittenBy = Literal[
    "write/lists",
    "write/similar_items",
    "write/attention",
    "write/attention_of_triples",
    "write/embeddings",
    "write/text_vectors",
]
"""The queries that a publication may name: its index is a file, and files can be changed."""

LIST_SCHEMA: Final = pa.schema(
    {
        "user_id": pa.string(),
        "items": pa.list_(pa.string()),
        "score": pa.list_(pa.float64()),
        "probability": pa.list_(pa.float64()),
        "rating": pa.list_(pa.float64()),
        "reasons": pa.list_(pa.list_(pa.string())),
        "cold_start": pa.list_(pa.bool_()),
    }
)
"""One row per user, also for those whose list is empty; rank n is the n-th of each list."""


class Part(BaseModel):
    """One table of a publication, and the query that writes it.

    Attributes:
        kind: what its rows count as ("SIMILAR_TO", "attention", "embeddings", "text vectors").
        key: the column that rows are sorted and batched by.
        size: relationships or nodes that the rows speak of.
        sha256: of the file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    file: FileName
    query: WrittenBy
    key: str
    size: int
    rows: int
    sha256: str
    identifiers: dict[str, str] = {}


class ListFigures(BaseModel):
    """What the lists of a publication look like as a whole.

    Attributes:
        users, items: of the graph that the model knows.
        users_with_list, items_listed: those of them that have, or are on, a list.
        places: on all lists.
        unexplained: places left out because nothing in the graph supports them.
        infinite: places whose score is no finite number.
        least, greatest: of the finite scores; null where there are none.
        alike: lists of several places whose scores are all the same.
        first: mean probability of the first places; null where none has a probability.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    users: int
    items: int
    users_with_list: int
    items_listed: int
    places: int
    unexplained: int
    infinite: int
    least: float | None
    greatest: float | None
    alike: int = 0
    first: float | None = None


class _Index(BaseModel):
    model_config = ConfigDict(extra="forbid")

    model: str
    encoder: str | None
    calibrated: bool
    figures: ListFigures
    lists: Part
    parts: tuple[Part, ...]


@dataclass(frozen=True, kw_only=True)
class Publication:
    """A publication that is whole.

    Attributes:
        folder: where its files are.
        model: whose scores these are.
        encoder: what made the text vectors; None where there are none.
        calibrated: whether places have a probability.
        lists: the lists' table, whose row groups are transactions.
        parts: everything else.
    """

    folder: Path
    model: str
    encoder: str | None
    calibrated: bool
    figures: ListFigures
    lists: Part
    parts: tuple[Part, ...]

    def save(self) -> None:
        """Write the index: from then on the publication is whole."""
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        del told["folder"]
        index = _Index(**told)
        place = self.folder / _INDEX
        part = place.with_name(f".{place.name}.{os.getpid()}")
        part.write_text(index.model_dump_json(indent=1), encoding="utf-8")
        part.replace(place)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the index and check that every file is what was written.

        Raises:
            ModelError: a file is missing or was changed, or there is no publication.
        """
        place = folder / _INDEX
        try:
            index = _Index.model_validate_json(place.read_bytes())
            changed = [
                part.file
                for part in (index.lists, *index.parts)
                if sha256(folder / part.file) != part.sha256
            ]
        except (OSError, ValidationError) as error:
            raise ModelError(
                f"{folder} holds no whole publication: {error}",
                remedy="Run its config again with `kgrec run`, or publish another run.",
            ) from error
        if changed:
            raise ModelError(
                f"In {folder} these files are not as they were written: {', '.join(changed)}.",
                remedy="Publish another run, or make these lists again with `kgrec run`.",
            )
        return cls(folder=folder, **dict(index))

    def read(self, part: Part) -> pa.Table:
        """Return a part's rows."""
        return pq.read_table(self.folder / part.file)

    def list_blocks(self) -> Iterator[pa.Table]:
        """Yield the lists, the users of one transaction at a time."""
        with pq.ParquetFile(self.folder / self.lists.file) as file:
            for group in range(file.num_row_groups):
                yield file.read_row_group(group)


def write_part(
    folder: Path,
    file: str,
    table: pa.Table,
    *,
    kind: str,
    query: WrittenBy,
    key: str,
    size: int,
    identifiers: dict[str, str] | None = None,
) -> Part:
    """Write a table of a publication, and return what the index says of it."""
    pq.write_table(table, folder / file, compression="zstd")
    return Part(
        kind=kind,
        file=file,
        query=query,
        key=key,
        size=size,
        rows=table.num_rows,
        sha256=sha256(folder / file),
        identifiers=identifiers or {},
    )


def sha256(path: Path) -> str:
    """Return the hash of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
