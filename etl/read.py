"""The read stage: all sources into typed staging tables, bad rows set aside and counted."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from etl.kept_rows import FOLDER, KeptRows, refuse_unknown
from etl.merging import Merged, Parts, merge
from etl.people import People
from etl.resolution import resolve_attributes
from etl.sources import ReadSettings, Source, read_source
from etl.sources.base import PATH_FIELDS, Batch, short_name
from etl.staging import Staging, parquet_writer
from etl.tables import REJECTED
from kg.errors import RejectedRowsError
from kg.progress import Progress, no_progress

__all__ = ["FileReport", "ReadReport", "ReadSettings", "fingerprint", "read_sources"]

REJECTED_FILE: Final = "rejected.parquet"


@dataclass
class FileReport:
    """How one file was read.

    Attributes:
        file: short name.
        rows: records read.
        accepted: records that were taken.
        rejected: reason → records set aside; `rows == accepted + sum(rejected)`.
        examples: reason → some of them, as `line 12: detail: raw row`.
        seconds: time it took.
    """

    file: str
    rows: int = 0
    accepted: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def rejected_share(self) -> float:
        """Return the share of rows set aside, 0 to 1."""
        return self.rejected.total() / self.rows if self.rows else 0.0

    @property
    def rows_per_second(self) -> float:
        """Return the speed of reading."""
        return self.rows / self.seconds if self.seconds else 0.0


@dataclass(frozen=True)
class ReadReport:
    """What reading gave.

    Attributes:
        files: one report per file, in the order of reading.
        merged: what became of the rows.
        resolved: spellings of attribute values that became another one.
        withheld: table → rows of people or reviews that were forgotten.
        carried: table → rows of `mode: append` that an earlier run read and no file tells now.
    """

    files: list[FileReport]
    merged: Merged
    resolved: int = 0
    withheld: Counter[str] = field(default_factory=Counter)
    carried: Counter[str] = field(default_factory=Counter)

    @property
    def rows(self) -> dict[str, int]:
        """Return table → rows in staging."""
        return self.merged.rows

    @property
    def rejected(self) -> Counter[str]:
        """Return reason → rows set aside, over all files."""
        return sum((report.rejected for report in self.files), Counter())


def read_sources(
    sources: Sequence[Source],
    *,
    base: Path,
    run: Path,
    limits: ReadSettings | None = None,
    people: People | None = None,
    earlier: Path | None = None,
    progress: Progress = no_progress,
) -> ReadReport:
    """Read all sources into `run/staging/*.parquet`, `run/kept/` and `run/rejected.parquet`.

    Every file is replaced whole when reading has succeeded; `rejected.parquet` also when too many
    rows were rejected.

    Args:
        sources: in the order of precedence: of what two say about an item, the first counts.
        base: where relative paths begin.
        run: the run's folder.
        limits: bounds, and how many bad rows are too many.
        people: what becomes of the keys of people.
        earlier: folder of the run before, read with the same `people`: of sources with
            `mode: append` its rows go on where no file tells them now.
        progress: told bytes read and bytes in all.

    Raises:
        SourceError: a file is missing, damaged, or not what the settings say; or a source of
            which rows were kept is not in the config.
        RejectedRowsError: a file has too many bad rows; staging is as it was.
    """
    limits = limits or ReadSettings()
    sizes = [sum(p.stat().st_size for p in source.paths(base)) for source in sources]
    staging = Staging(run / "staging")
    people, withheld, carried = people or People(), Counter[str](), Counter[str]()
    kept_before = earlier / FOLDER if earlier and (earlier / FOLDER).is_dir() else None
    with Parts(run / ".read") as parts, KeptRows(run / FOLDER, kept_before) as kept:
        refuse_unknown(kept, frozenset(source.kept_as for source in sources))
        reports: dict[str, FileReport] = {}
        with parquet_writer(run / REJECTED_FILE, REJECTED) as rejected:
            for place, source in enumerate(sources):
                ahead = _Ahead(progress, sum(sizes[:place]), sum(sizes))
                batches = (
                    people.apply(batch, withheld) for batch in read_source(source, base, limits)
                )
                keep = partial(kept.add, source.kept_as) if source.mode == "append" else None
                _read_one(batches, limits, parts, keep, rejected, reports, ahead)
                for tables in kept.carried(source.kept_as) if keep else ():
                    parts.append(tables)
                    carried.update({name: table.num_rows for name, table in tables.items()})
        parts.finish()
        _refuse_too_many(list(reports.values()), limits, run / REJECTED_FILE)
        merged = merge(
            parts,
            staging,
            only_interacted_items=limits.only_interacted_items,
            only_linked_items=limits.only_linked_items,
        )
    resolved = resolve_attributes(staging, limits.resolve)
    merged.rows["attributes"] = staging.count("attributes")
    return ReadReport(list(reports.values()), merged, resolved, withheld, carried)


def fingerprint(sources: Sequence[Source], base: Path) -> str:
    """Return a hash of the sources' settings and of their files' contents, as hex.

    Where the files are does not count, only their names do.

    Raises:
        SourceError: a file is missing.
    """
    whole = hashlib.sha256()
    for source in sources:
        named = {name: short_name(path) for name, path in source if name in PATH_FIELDS and path}
        whole.update(source.model_copy(update=named).model_dump_json(exclude={"hint"}).encode())
        for path in source.paths(base):
            with path.open("rb") as stream:
                whole.update(hashlib.file_digest(stream, "sha256").digest())
    return whole.hexdigest()


class _Ahead:
    """Progress over several files, in bytes."""

    def __init__(self, progress: Progress, before: int, total: int) -> None:
        self._progress = progress
        self._before = before
        self._total = total
        self._last = 0

    def __call__(self, position: int) -> None:
        if position < self._last:  # the source's next file
            self._before += self._last
        self._last = position
        self._progress(min(self._before + position, self._total), self._total, "bytes")


def _read_one(
    batches: Iterable[Batch],
    limits: ReadSettings,
    parts: Parts,
    keep: Callable[[Mapping[str, pa.Table]], None] | None,
    rejected: pq.ParquetWriter,
    reports: dict[str, FileReport],
    ahead: _Ahead,
) -> None:
    begin = perf_counter()
    for batch in batches:
        report = reports.setdefault(batch.file, FileReport(batch.file))
        report.rows += batch.rows
        report.accepted += batch.accepted
        parts.append(batch.tables)
        if keep:
            keep(batch.tables)
        if batch.rejected.num_rows:
            rejected.write_table(batch.rejected)
            _count(report, batch.rejected, limits.examples)
        now = perf_counter()
        report.seconds += now - begin
        begin = now
        ahead(batch.position)


def _count(report: FileReport, rejected: pa.Table, examples: int) -> None:
    report.rejected.update(rejected["reason"].to_pylist())
    for row in rejected.slice(0, 1_000).to_pylist():
        shown = report.examples.setdefault(row["reason"], [])
        if len(shown) < examples:
            shown.append(f"line {row['line']}: {row['detail']}: {row['raw'][:100]!r}")


def _refuse_too_many(reports: list[FileReport], limits: ReadSettings, kept: Path) -> None:
    allowed = limits.max_rejected_share
    refused = [report for report in reports if report.rejected_share > allowed]
    if not refused:
        return
    raise RejectedRowsError(
        "\n".join(_described(report, allowed) for report in refused),
        remedy=f"All of them are in {kept}. Correct the source in the config, "
        "or raise `read.max_rejected_share`. Nothing was loaded.",
    )


def _described(report: FileReport, allowed: float) -> str:
    counted = f"{report.file}: {report.rejected.total():,} of {report.rows:,} rows"
    lines = [
        f"{counted} ({report.rejected_share:.2%}) cannot be used, at most {allowed:.2%} may be."
    ]
    for reason, rows in report.rejected.most_common():
        lines.append(f"  {rows:>10,}  {reason}")
        lines += [f"              {example}" for example in report.examples.get(reason, ())]
    return "\n".join(lines)
