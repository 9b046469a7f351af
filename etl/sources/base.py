"""What all sources share: a file's settings, the limits, the reasons, what a reader yields."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path, PurePath
from typing import Annotated, Final, Literal

import pyarrow as pa
from pydantic import Field, StringConstraints, field_validator

from etl.settings import ResolveSettings
from etl.tables import REJECTED
from kg.errors import SourceError
from kg.settings import Settings

Kind = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9]{0,31}$")]
"""A label of the graph that a config declares: Genre, Brand."""
Behaviour = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,31}$")]
"""A relationship type of the graph that a config declares: RATED, ALSO_VIEWED."""
Part = Literal["train", "valid", "test"]
Compression = Literal["auto", "none", "gz", "zip", "bz2"]

PATH_FIELDS: Final = frozenset({"path", "metadata", "links", "entity_names"})
"""Settings of sources that name files."""
MAX_KEY = 1_000
"""Longest business key or attribute value, in characters: they are indexed in the graph."""
MAX_RAW = 2_000
"""Characters of a rejected row that are kept."""


class Reason(StrEnum):
    """Why a row was set aside."""

    MISSING_KEY = "missing key"
    BAD_NUMBER = "bad number"
    BAD_DATE = "bad date"
    RATING_OUT_OF_RANGE = "rating out of range"
    UNKNOWN_VALUE = "unknown value"
    BROKEN_ENCODING = "broken encoding"
    BROKEN_JSON = "broken JSON"
    BROKEN_RDF = "broken RDF"
    BROKEN_QUOTES = "broken quotes"
    TEXT_TOO_LONG = "text too long"
    WRONG_COLUMN_COUNT = "wrong column count"
    DUPLICATE = "exact duplicate"


class ReadSettings(Settings):
    """How files are read, and how many bad rows are too many."""

    max_rejected_share: float = Field(default=0.05, ge=0, le=1)
    """Largest share of a file's rows that may be rejected before the run stops."""
    max_text: int = Field(default=100_000, ge=1, le=131_072)
    """Longest text of one field in characters; rows with a longer one are rejected."""
    max_line: int = Field(default=16_777_216, ge=1_024)
    """Longest row in bytes; a longer one is rejected without being held in memory."""
    max_file: int = Field(default=68_719_476_736, ge=1)
    """Most bytes that one file may unpack to (64 GiB): a guard against zip bombs."""
    block: int = Field(default=4_194_304, ge=1_024)
    """Bytes of text that are parsed at a time; memory grows with it."""
    only_interacted_items: bool = False
    """Leave out items that no interaction mentions, with all that is said about them."""
    only_linked_items: bool = False
    """Leave out items that no `links` file names, with all that is said and done about them."""
    examples: int = Field(default=3, ge=0)
    """Rejected rows that a message shows for each reason."""
    pseudonymize: bool = False
    """Exchange the keys of users and reviews for keyed hashes (HMAC-SHA256) before anything is
    written, with the secret of KGREC_SALT or of the file `salt` in the home folder. Raw rows that
    are set aside are not kept. Texts and traits stay as they are."""
    resolve: ResolveSettings = ResolveSettings()
    """Spellings of attribute values that are one thing."""


class FileSource(Settings):
    """A file, and how its bytes become text."""

    path: str
    """The file; relative to the config. In a zip archive with several files add `member`."""
    encoding: str = "utf-8"
    """Any encoding that Python knows by name: utf-8, latin-1, cp1252, gb18030, utf-16 …"""
    compression: Compression = "auto"
    """`auto` looks at the first bytes."""
    member: str | None = None
    """Which file of a zip archive that holds several; its name or the end of it."""
    part: Part | None = None
    """The part of a ready-made split that all interactions of this file belong to."""
    mode: Literal["snapshot", "append"] = "snapshot"
    """What a row that the file tells no more means. `snapshot`: it is gone. `append`: it stays, as
    the run before read it; one that comes again under the same key replaces it."""
    name: str = ""
    """What the rows of `mode: append` are kept under; unset: the file's name with its last folder.
    Name a source whose file has another name every day."""
    hint: str = ""
    """Where the file can be had; shown when it is missing."""

    @property
    def kept_as(self) -> str:
        """What its rows are kept under."""
        return self.name or short_name(self.path, self.member)

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, encoding: str) -> str:
        try:
            text: object = codecs.getincrementaldecoder(encoding)("replace").decode(b"a", True)
            if not isinstance(text, str):
                raise LookupError(encoding)
        except Exception:  # codecs that are not of text raise errors of many kinds
            raise ValueError(f"{encoding!r} is no text encoding; try utf-8 or cp1252") from None
        return encoding

    def paths(self, folder: Path) -> list[Path]:
        """Return all files of the source.

        Raises:
            SourceError: one does not exist.
        """
        return [self.find(folder)]

    def find(self, folder: Path, path: str | None = None) -> Path:
        """Return where the file is.

        Raises:
            SourceError: there is no such file; says where it can be had.
        """
        place = folder / (path or self.path)
        if not place.is_file():
            what = "is a folder, not a file" if place.is_dir() else "does not exist"
            remedy = self.hint or "Correct `path` in the config, or put the file there."
            raise SourceError(f"The source file {place} {what}.", remedy=remedy)
        return place


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Some rows of one file, typed.

    Attributes:
        file: short name of the file.
        rows: records read: `rows == accepted + rejected.num_rows`.
        accepted: records that gave at least one table row or are known already (a bare user).
        tables: table name → rows, of the schemas in `etl.tables.SOURCE_TABLES`.
        rejected: rows set aside, schema `REJECTED`.
        position: bytes of the (compressed) file consumed so far.
    """

    file: str
    rows: int
    accepted: int
    tables: dict[str, pa.Table] = field(default_factory=dict)
    rejected: pa.Table = field(default_factory=REJECTED.empty_table)
    position: int = 0


Batches = Iterator[Batch]


@dataclass(frozen=True, kw_only=True)
class Declared:
    """Labels and relationship types that a config brings into the graph."""

    behaviours: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    relations: frozenset[str] = frozenset()

    def __or__(self, other: Declared) -> Declared:
        return Declared(
            behaviours=self.behaviours | other.behaviours,
            kinds=self.kinds | other.kinds,
            relations=self.relations | other.relations,
        )


def usable_column(name: str) -> bool:
    """Tell whether a column may have this name; readers name columns of their own otherwise."""
    return not name.startswith("=") and "\0" not in name


def short_name(path: str, member: str | None = None) -> str:
    """Return the name a file goes by in the graph: its last folder and its own name."""
    name = "/".join(PurePath(path).parts[-2:])
    return f"{name}:{PurePath(member).name}" if member else name
