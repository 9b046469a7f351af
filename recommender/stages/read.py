"""read: source files → typed staging tables, bad rows set aside."""

from __future__ import annotations

from pathlib import Path

from etl.read import read_sources
from kg.errors import ConfigError
from recommender.run_folder import RunFolder, Runs
from recommender.stage import StageContext, StageResult


def read(context: StageContext) -> StageResult:
    """Read every source of the config; its paths are absolute."""
    report = read_sources(
        context.config.sources,
        base=Path(),
        run=context.folder,
        limits=context.config.read,
        people=context.people,
        earlier=_run_before(context),
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
    carried = {f"carried {name}": count for name, count in report.carried.items()}
    counts = {**rows, **merged, "rejected": rejected, **reasons, **gone, **carried}
    return StageResult(f"{told}{aside}", counts)


def _run_before(context: StageContext) -> Path | None:
    """Return the folder of the newest other run of this dataset that has read its sources.

    Raises:
        ConfigError: a source adds to what that run kept, and its keys are other pseudonyms.
    """
    runs = Runs(context.folder.parent)
    before = next(runs.others(context.folder, context.config.name, "read"), None)
    appends = any(source.mode == "append" for source in context.config.sources)
    if before is None or not appends:
        return None
    if before.record().privacy != RunFolder(context.folder).record().privacy:
        raise ConfigError(
            f"The run {before.id} kept rows of sources with mode: append, with other pseudonyms or"
            " another list of the forgotten than this one has.",
            remedy="Use the salt and the home folder of that run, or another dataset `name`.",
        )
    return before.path
