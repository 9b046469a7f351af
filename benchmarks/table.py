"""Ratios from measurements, as a table for people and as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from statistics import median

from rich import box
from rich.table import Table

from benchmarks.measure import Measurement
from benchmarks.suite import Benchmark


@dataclass(frozen=True)
class Row:
    """One benchmark on one server: medians of `repeats` interleaved measurements of each side.

    Attributes:
        ratio: seconds of the floor / our seconds; 1 is as fast as the bare libraries.
        lowest, highest: the same of each interleaved couple.
        ours_mb, floor_mb: peak memory of the measuring process (a graph server's is not in it).
    """

    benchmark: str
    where: str
    size: int
    unit: str
    repeats: int
    things: int
    ours_seconds: float
    floor_seconds: float
    ratio: float
    lowest: float
    highest: float
    aim: float
    ours_mb: float
    floor_mb: float


def make_row(
    benchmark: Benchmark,
    where: str,
    size: int,
    couples: list[tuple[Measurement, Measurement]],
) -> Row:
    """The medians of couples of (ours, floor)."""
    ratios = [floor.seconds / ours.seconds for ours, floor in couples]
    ours_seconds = median(ours.seconds for ours, _ in couples)
    floor_seconds = median(floor.seconds for _, floor in couples)
    return Row(
        benchmark=benchmark.name,
        where=where,
        size=size,
        unit=benchmark.unit,
        repeats=len(couples),
        things=couples[0][0].things,
        ours_seconds=ours_seconds,
        floor_seconds=floor_seconds,
        ratio=floor_seconds / ours_seconds,
        lowest=min(ratios),
        highest=max(ratios),
        aim=benchmark.aim,
        ours_mb=median(ours.peak_mb for ours, _ in couples),
        floor_mb=median(floor.peak_mb for _, floor in couples),
    )


def render(rows: list[Row], repeats: int) -> Table:
    """The table of ratios, for a terminal of 80 columns."""
    table = Table(
        title="Speed as a share of the raw floor",
        caption=f"Medians of {repeats} interleaved couples, each in processes of their own; "
        "seconds and peak MB of ours / of the floor.",
        box=box.SIMPLE_HEAD,
        padding=0,
    )
    for heading in ("benchmark", "graph", "size"):
        table.add_column(heading, no_wrap=True)
    for heading in ("seconds", "ratio", "couples", "aim", "peak MB"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        colour = "green" if row.ratio >= row.aim else "red"
        table.add_row(
            row.benchmark,
            row.where,
            f"{row.size:,} {row.unit}",
            f"{row.ours_seconds:.3g} / {row.floor_seconds:.3g}",
            f"[{colour}]{row.ratio:.2f}[/]",
            f"{row.lowest:.2f}–{row.highest:.2f}",
            f"{row.aim:.1f}",
            f"{row.ours_mb:.0f} / {row.floor_mb:.0f}",
        )
    return table


def as_json(rows: list[Row]) -> list[dict[str, object]]:
    """The rows as plain values."""
    return [asdict(row) for row in rows]
