"""read: source files → typed staging tables, bad rows set aside."""

from __future__ import annotations

from pathlib import Path

from etl.read import read_sources
from recommender.stage import StageContext, StageResult


def read(context: StageContext) -> StageResult:
    """Read every source of the config; its paths are absolute."""
    report = read_sources(
        context.config.sources,
        base=Path(),
        run=context.folder,
        limits=context.config.read,
        people=context.people,
        progress=context.progress,
    )
    rows = {name: count for name, count in report.rows.items() if count}
    rejected = report.rejected.total()
    told = ", ".join(f"{count:,} {name}" for name, count in rows.items())
    aside = f"; {rejected:,} rows set aside" if rejected else ""
    reasons = {f"rejected: {reason}": count for reason, count in report.rejected.items()}
    merged = {f"merged {name}": n for name, n in report.merged.merged.items() if n}
    if report.resolved:
        merged["spellings merged"] = report.resolved
    gone = {f"withheld {name}": count for name, count in report.withheld.items() if count}
    counts = {**rows, **merged, "rejected": rejected, **reasons, **gone}
    return StageResult(f"{told}{aside}", counts)
