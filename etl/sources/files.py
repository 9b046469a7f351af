"""Bytes to lines: unpacking, any encoding, exact line numbers, bounded memory.

Whatever the encoding, a file becomes a stream of UTF-8; a line that is not valid in the file's
encoding is set aside alone, the lines around it are kept.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import compress
from pathlib import Path
from typing import IO, Final, NamedTuple, cast

from etl.sources.base import MAX_RAW, Compression, FileSource, ReadSettings, Reason
from kg.errors import SourceError

_MAGIC: Final[dict[bytes, Compression]] = {b"\x1f\x8b": "gz", b"PK\x03\x04": "zip", b"BZh": "bz2"}
_BOM: Final = codecs.BOM_UTF8
_DAMAGED: Final = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError)
_LONE: Final = "\udcff"
"""Stands for undecodable bytes on the way to UTF-8, where it makes exactly its line invalid."""


class Reject(NamedTuple):
    """A row set aside."""

    line: int
    reason: Reason
    detail: str
    raw: str


@dataclass(frozen=True, kw_only=True)
class Block:
    """Some whole lines of a file.

    Attributes:
        lines: without their ends.
        numbers: 1-based line number of each.
        rejected: lines of the same stretch that could not be decoded or were too long.
        position: bytes of the (compressed) file consumed so far.
        last: nothing follows.
    """

    lines: list[str]
    numbers: list[int]
    rejected: list[Reject] = field(default_factory=list)
    position: int = 0
    last: bool = False

    def filled(self) -> Block:
        """Return the block without blank lines."""
        kept = [bool(line.strip()) for line in self.lines]
        if all(kept):
            return self
        lines, numbers = compress(self.lines, kept), compress(self.numbers, kept)
        return replace(self, lines=list(lines), numbers=list(numbers))

    def without_first(self) -> Block:
        """Return the block without its first line."""
        return replace(self, lines=self.lines[1:], numbers=self.numbers[1:])


def compression_of(place: Path) -> Compression:
    """Return how a file is packed, by its first bytes."""
    with place.open("rb") as stream:
        head = stream.read(4)
    return next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), "none")


def read_blocks(
    source: FileSource, place: Path, limits: ReadSettings, *, encoding: str | None = None
) -> Iterator[Block]:
    """Yield the lines of a file in blocks of about `limits.block` bytes.

    Raises:
        SourceError: the archive is damaged, lacks the member, or unpacks to too much.
    """
    with ExitStack() as stack:
        file = stack.enter_context(place.open("rb"))
        stream = stack.enter_context(_unpacked(file, source, place))
        chunks = _utf8(_bounded(stream, place, limits), encoding or source.encoding)
        splitter = _Splitter(limits)
        for chunk in chunks:
            if block := splitter.feed(chunk, file.tell()):
                yield block
        yield splitter.end(file.tell())


def head(source: FileSource, place: Path, size: int) -> bytes:
    """Return the first unpacked bytes of a file.

    Raises:
        SourceError: the archive is damaged or lacks the member.
    """
    limits = ReadSettings.model_validate({"block": max(size, 1_024)})
    with place.open("rb") as file, _unpacked(file, source, place) as stream:
        return next(_bounded(stream, place, limits), b"")[:size]


def members(place: Path) -> list[str]:
    """Return the names of the files in a zip archive.

    Raises:
        SourceError: it is no sound archive.
    """
    with place.open("rb") as file:
        return _names(_archive(file, place))


def _unpacked(file: IO[bytes], source: FileSource, place: Path) -> IO[bytes]:
    kind = compression_of(place) if source.compression == "auto" else source.compression
    if kind == "gz":
        return cast(IO[bytes], gzip.GzipFile(fileobj=file))
    if kind == "bz2":
        return cast(IO[bytes], bz2.BZ2File(file))
    if kind == "zip":
        return _zip_member(file, source.member, place)
    return file


def _zip_member(file: IO[bytes], wanted: str | None, place: Path) -> IO[bytes]:
    archive = _archive(file, place)
    names = _names(archive)
    found = [name for name in names if wanted is None or name == wanted]
    found = found or [name for name in names if wanted and name.endswith("/" + wanted)]
    if len(found) != 1:
        got = f"holds {len(found)} files" if wanted is None else f"has no single member {wanted!r}"
        raise SourceError(
            f"The archive {place} {got}.",
            remedy=f"Set `member` to one of: {', '.join(names[:20]) or '(the archive is empty)'}.",
        )
    try:
        return archive.open(found[0])
    except (RuntimeError, *_DAMAGED) as error:
        raise SourceError(f"{place}:{found[0]} cannot be unpacked: {error}.") from error


def _archive(file: IO[bytes], place: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (RuntimeError, *_DAMAGED) as error:
        raise SourceError(f"{place} is not a sound zip archive: {error}.") from error


def _names(archive: zipfile.ZipFile) -> list[str]:
    return [info.filename for info in archive.infolist() if not info.is_dir()]


def _bounded(stream: IO[bytes], place: Path, limits: ReadSettings) -> Iterator[bytes]:
    total = 0
    while True:
        try:
            chunk = stream.read(limits.block)
        except (RuntimeError, *_DAMAGED) as error:
            raise SourceError(
                f"{place} is damaged after {total:,} unpacked bytes: {error}.",
                remedy="Fetch the file again.",
            ) from error
        if not chunk:
            return
        total += len(chunk)
        if total > limits.max_file:
            raise SourceError(
                f"{place} unpacks to more than {limits.max_file:,} bytes.",
                remedy="If that is right, raise `read.max_file`.",
            )
        yield chunk


def _mark_undecodable(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError):
        return _LONE, error.end
    raise error


codecs.register_error("kgrec.mark", _mark_undecodable)


def _utf8(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """Yield the same text as UTF-8, without a byte order mark."""
    if codecs.lookup(encoding).name in ("utf-8", "utf-8-sig", "ascii"):
        recoded = chunks
    else:
        recoded = _recoded(chunks, encoding)
    head = b""
    for chunk in recoded:
        head += chunk
        if len(head) >= len(_BOM):
            yield head.removeprefix(_BOM)
            break
    else:
        yield head
        return
    yield from recoded


def _recoded(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("kgrec.mark")
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", "surrogatepass")
    yield decoder.decode(b"", True).encode("utf-8", "surrogatepass")


class _Splitter:
    """Cuts a stream of UTF-8 into blocks of whole lines."""

    def __init__(self, limits: ReadSettings) -> None:
        self._limits = limits
        self._rest = b""
        self._next = 1
        self._overlong: str | None = None

    def feed(self, chunk: bytes, position: int) -> Block | None:
        if self._overlong is not None:
            end = chunk.find(b"\n")
            if end < 0:
                return None
            rejected, chunk = [self._reject_overlong()], chunk[end + 1 :]
        else:
            rejected = []
        data = self._rest + chunk
        cut = data.rfind(b"\n") + 1
        self._rest = data[cut:]
        if len(self._rest) > self._limits.max_line:
            self._overlong, self._rest = _shown(self._rest), b""
        if not cut and not rejected:
            return None
        return self._block(data[:cut], rejected, position, last=False)

    def end(self, position: int) -> Block:
        rejected = [self._reject_overlong()] if self._overlong is not None else []
        return self._block(self._rest, rejected, position, last=True)

    def _reject_overlong(self) -> Reject:
        raw, self._overlong = self._overlong or "", None
        detail = f"a line of more than {self._limits.max_line:,} bytes"
        reject = Reject(self._next, Reason.TEXT_TOO_LONG, detail, raw)
        self._next += 1
        return reject

    def _block(self, data: bytes, rejected: list[Reject], position: int, *, last: bool) -> Block:
        first = self._next
        self._next += data.count(b"\n")
        try:
            lines = data.decode("utf-8").replace("\r\n", "\n").removesuffix("\n").split("\n")
            numbers = list(range(first, first + len(lines)))
        except UnicodeDecodeError:
            lines, numbers = [], []
            for number, raw in enumerate(data.split(b"\n"), first):
                try:
                    line = raw.decode("utf-8").removesuffix("\r")
                except UnicodeDecodeError as error:
                    detail = f"byte {raw[error.start]:#04x} at {error.start} is not valid text here"
                    rejected.append(Reject(number, Reason.BROKEN_ENCODING, detail, _shown(raw)))
                else:
                    lines.append(line)
                    numbers.append(number)
        return Block(
            lines=lines,
            numbers=numbers,
            rejected=rejected,
            position=position,
            last=last,
        )


def _shown(raw: bytes) -> str:
    return raw[:MAX_RAW].decode("utf-8", "backslashreplace")
