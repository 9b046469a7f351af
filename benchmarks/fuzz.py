"""Mutated rows through every kind of source: each is taken, or set aside with a reason.

    python -m benchmarks.fuzz --rows 10000
    python -m benchmarks.fuzz --only csv jsonl --seed 7
    python -m benchmarks.fuzz --only csv --atheris --seconds 60

Hypothesis chooses the files and, where something breaks, the shortest one that breaks it.
With --atheris (`pip install atheris`) coverage chooses them, one kind at a time, until the seconds
are over. A file that is refused whole, with a message, counts its lines as refused.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from types import FunctionType
from typing import Final

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from benchmarks.fuzz_parquet import parquet_file
from benchmarks.fuzz_world import KINDS, Kind
from etl.sources import ReadSettings, Reason, Source, read_source
from kg.errors import SourceError

PARQUET: Final = "parquet"
ALL: Final = (*KINDS, PARQUET)
TOKENS: Final = tuple(
    token.encode("utf-8", "surrogatepass")
    for token in (
        *("", " ", "\t", "\n", "\r", "\r\n", "\0", "\x1a", "\x1b[2J", "\x85", "\u2028", "\ufeff"),
        *(
            '"',
            '""',
            "'",
            "`",
            "\\",
            "\\u",
            "\\ud800",
            "\\U0000d800",
            "\\x00",
            "/",
            "../",
            "|",
            ",",
        ),
        *("{", "}", "[", "]", "[[", "{}", "[]", '{"a":', "null", "true", "NaN", "Infinity", "-0"),
        *(
            "0",
            "-1",
            "1e999",
            "1e300",
            "9" * 25,
            "9" * 400,
            "0x1f",
            "1_000",
            "1,5",
            "\u0661",
            "4.5.6",
        ),
        *("1700-01-01", "9999-12-31", "0000-00-00", "2024-02-30", "24:00", "+99:99", "%Y", "@"),
        *(
            "&#",
            "&#99999999999;",
            "&#x110000;",
            "&quot",
            "<br",
            "<br>",
            "<" * 30,
            "&#" + "1" * 4_400,
        ),
        *("\u202e", "\ud800", "\U0010ffff", "e\u0301", "\u0130", "ß", "=1+1", "'}) DETACH", "$x"),
        *("<", ">", "_:", "^^", "@en", " .", "b'1'", "{1}", "1j", "(" * 90, "[" * 900, "-" * 900),
    )
)
_TYPED: Final[TypeAdapter[Source]] = TypeAdapter(Source)
_LIMITS: Final = ReadSettings(block=8_192, max_line=20_000, max_text=10_000)
_PER_FILE: Final = 400
_LONGEST: Final = 4_096
"""Bytes of a file that coverage leads to."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Fuzz the kinds that the arguments name, and print a line for each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000, help="of each kind, at least")
    parser.add_argument("--only", nargs="+", choices=ALL, default=ALL)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--atheris", action="store_true", help="let coverage choose the mutations")
    parser.add_argument("--seconds", type=int, default=60, help="of --atheris")
    options = parser.parse_args(arguments)
    if options.atheris:
        if len(options.only) != 1:
            parser.error("--atheris takes one kind at a time: --only KIND")
        with TemporaryDirectory(prefix="kgrec-fuzz-") as folder:
            guided(options.only[0], Path(folder), seconds=options.seconds, seed_=options.seed)
    for kind in options.only:
        begin = perf_counter()
        counts = fuzz(kind, rows=options.rows, seed_=options.seed)
        rows = counts.total() - counts["files"]
        told = ", ".join(f"{count:,} {what}" for what, count in counts.most_common())
        print(f"{kind}: {rows:,} rows in {perf_counter() - begin:.0f} s: {told}")


def fuzz(kind: str, *, rows: int, seed_: int) -> Counter[str]:
    """Return how many mutated rows were taken, and set aside for which reason.

    Raises:
        Exception: a reader broke; Hypothesis says with which file.
    """
    counts: Counter[str] = Counter()
    round_ = 0
    while counts.total() - counts["files"] < rows:
        _examples(kind, 10, seed_ + round_, counts)
        round_ += 1
    return counts


def _examples(kind: str, number: int, seed_: int, counts: Counter[str]) -> None:
    with TemporaryDirectory(prefix="kgrec-fuzz-") as temporary:
        folder = Path(temporary)

        @seed(seed_)
        @settings(
            max_examples=number,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink),
        )
        @given(st.integers(0, 2**63), st.integers(1, _PER_FILE))
        def example(luck: int, lines: int) -> None:
            counts.update(outcome(kind, content(kind, random.Random(luck), lines), folder))

        example()


def content(kind: str, luck: random.Random, lines: int) -> bytes:
    """Return a file of so many rows; one of fewer, by the same luck, is its beginning."""
    if kind == PARQUET:
        return parquet_file(luck, lines)
    return mutated_file(KINDS[kind], luck, lines)


def outcome(kind: str, file: bytes, folder: Path) -> Counter[str]:
    """Read a file, and return what became of its rows.

    Raises:
        AssertionError: a row was lost, or set aside without a reason.
        Exception: whatever a reader raised that is no message for people.
    """
    source = _source(kind, file, folder)
    counts: Counter[str] = Counter(files=1)
    lines = file.count(b"\n") + 1
    try:
        for batch in read_source(source, folder, _LIMITS):
            if batch.rows != batch.accepted + batch.rejected.num_rows:
                raise AssertionError(f"{batch.rows} rows, {batch.accepted} taken: some are lost")
            counts["taken"] += batch.accepted
            for row in batch.rejected.to_pylist():
                counts[str(Reason(row["reason"]))] += 1
            for table in batch.tables.values():
                table.validate(full=True)
    except (SourceError, ValidationError) as refused:
        if not str(refused).strip():
            raise AssertionError("a file was refused without a message") from refused
        return Counter({"files": 1, "in refused files": lines})
    return counts


def _source(kind: str, file: bytes, folder: Path) -> Source:
    known = KINDS.get(kind) or Kind("x.parquet", KINDS["jsonl"].settings, ())
    for name, other in known.others.items():
        (folder / name).write_bytes(other)
    (folder / known.path).write_bytes(file)
    return _TYPED.validate_python({"compression": "none", "path": known.path, **known.settings})


def mutated_file(kind: Kind, luck: random.Random, number: int) -> bytes:
    """Return a file of so many lines, each of them a sound one that was mutated."""
    end = luck.choice((b"\n", b"\n", b"\n", b"\r\n"))
    lines = [
        mutated(line, kind.lines, luck) if luck.random() < 0.02 else line
        for line in kind.lines[: kind.fixed]
    ]
    body = kind.lines[kind.fixed :]
    number = min(number, 5) if kind is KINDS["turtle"] else number  # a bad line spoils them all
    lines += [mutated(luck.choice(body), body, luck) for _ in range(number)]
    return end.join(lines)


def mutated(line: bytes, others: Sequence[bytes], luck: random.Random) -> bytes:
    """Return a line after none to three mutations."""
    for _ in range(luck.randint(0, 3)):
        line = luck.choice(_MUTATIONS)(line, others, luck)
    return line


def _put_token(line: bytes, _: Sequence[bytes], luck: random.Random) -> bytes:
    at = luck.randint(0, len(line))
    return line[:at] + luck.choice(TOKENS) + line[at:]


def _replace_field(line: bytes, _: Sequence[bytes], luck: random.Random) -> bytes:
    mark = luck.choice((b",", b"\t", b" ", b'"', b"<", b":"))
    fields = line.split(mark)
    fields[luck.randrange(len(fields))] = luck.choice(TOKENS)
    return mark.join(fields)


def _flip(line: bytes, _: Sequence[bytes], luck: random.Random) -> bytes:
    if not line:
        return line
    at = luck.randrange(len(line))
    return line[:at] + bytes([luck.randrange(256)]) + line[at + 1 :]


def _cut(line: bytes, _: Sequence[bytes], luck: random.Random) -> bytes:
    begin, end = sorted((luck.randint(0, len(line)), luck.randint(0, len(line))))
    return line[:begin] + line[end:]


def _repeat(line: bytes, _: Sequence[bytes], luck: random.Random) -> bytes:
    begin, end = sorted((luck.randint(0, len(line)), luck.randint(0, len(line))))
    return line[:end] + line[begin:end] * luck.choice((1, 2, 50)) + line[end:]


def _cross(line: bytes, others: Sequence[bytes], luck: random.Random) -> bytes:
    other = luck.choice(others)
    return line[: luck.randint(0, len(line))] + other[luck.randint(0, len(other)) :]


_MUTATIONS: Final[tuple[Callable[[bytes, Sequence[bytes], random.Random], bytes], ...]] = (
    _put_token,
    _replace_field,
    _flip,
    _cut,
    _repeat,
    _cross,
)


def guided(kind: str, folder: Path, *, seconds: int, seed_: int) -> None:
    """Let atheris mutate whole files of a kind, led by coverage of our readers; never returns."""
    import atheris

    corpus = folder / "corpus"
    corpus.mkdir()
    luck = random.Random(seed_)
    for place in range(50):
        (corpus / str(place)).write_bytes(content(kind, luck, 5)[:_LONGEST])
    counts: Counter[str] = Counter()

    def one(file: bytes) -> None:
        counts.update(outcome(kind, file, folder))
        if counts["files"] % 100 == 0:
            print(f"{kind}: {dict(counts)}", flush=True)

    for name, module in list(sys.modules.items()):
        if name.startswith("etl.sources"):
            for known in vars(module).values():
                if isinstance(known, FunctionType) and known.__module__ == name:
                    atheris.instrument_func(known)
    told = ["fuzz", f"-max_total_time={seconds}", f"-seed={seed_}", f"-max_len={_LONGEST}"]
    atheris.Setup([*told, "-verbosity=0", str(corpus)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    logging.disable(logging.WARNING)  # what readers say of each file
    main(sys.argv[1:])
