"""`kgrec status`: what runs now, and how far it is."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from recommender.cli.options import DEFAULT_RUNS, RunsDir
from recommender.locks import holder
from recommender.progress_file import Progressed, read_progress
from recommender.run_folder import LOCK, RunFolder, Runs
from recommender.terminal import plain


def status(
    runs_dir: RunsDir = DEFAULT_RUNS,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False,
) -> None:
    """Show what runs now: stage, how far it is, rate and time left; else how the last run ended.

    Works from another terminal while a run is at work. The time left is that of the stage, at the
    rate that it has had so far.

    [bold]Examples[/]

    kgrec status

    watch -n 5 kgrec status
    """
    runs, pid = list(Runs(runs_dir)), holder(runs_dir / LOCK)
    at_work = [run for run in runs if pid is not None and run.record().pid == pid]
    if not runs:
        print(json.dumps({"status": "no run"}) if as_json else f"There is no run in {runs_dir}.")
        return
    told = facts((at_work or runs)[0], at_work=bool(at_work), now=datetime.now(UTC))
    print(json.dumps(told) if as_json else "\n".join(_lines(told)))


def facts(run: RunFolder, *, at_work: bool, now: datetime) -> dict[str, object]:
    """Return what is known of a run: names and seconds, for people and programs.

    Args:
        at_work: whether its process is alive and holds the folder of runs.
    """
    record = run.record()
    status = record.status if at_work or record.status != "running" else "killed"
    told: dict[str, object] = {
        "run": record.id,
        "dataset": record.dataset,
        "graph": record.target,
        "status": status,
        "started_at": record.started_at.isoformat(),
    }
    if record.error:
        told["error"] = record.error
    if not at_work:
        return told
    told |= {"pid": record.pid, "seconds": round((now - record.started_at).total_seconds(), 1)}
    progress = read_progress(run.path)
    return told if progress is None else told | _of_stage(progress, now)


def _of_stage(progress: Progressed, now: datetime) -> dict[str, object]:
    left = progress.left
    return {
        "stage": progress.stage,
        "place": progress.place,
        "stages": progress.stages,
        "stage_seconds": round((now - progress.since).total_seconds(), 1),
        "done": progress.done,
        "total": progress.total,
        "unit": progress.unit,
        "rate": None if progress.rate is None else round(progress.rate, 3),
        "seconds_left": None if left is None else round(left.total_seconds(), 1),
    }


def _lines(told: dict[str, object]) -> list[str]:
    lines = [f"{told['run']}  {told['dataset']}  {told['status']}  on {told['graph']}"]
    if "error" in told:
        lines.append(f"error: {plain(str(told['error']))}")
    if told["status"] == "killed":
        lines.append("Its process is gone; the same command goes on where it stopped.")
    if "pid" in told:
        lines.append(f"process {told['pid']}, since {_span(told['seconds'])}")
    if "stage" in told:
        lines.append(
            f"stage {told['stage']} ({told['place']} of {told['stages']}), "
            f"since {_span(told['stage_seconds'])}"
        )
    if told.get("unit"):
        of = f" of {told['total']:,}" if told["total"] else ""
        rate = f", {told['rate']:,} a second" if told["rate"] else ""
        left = "" if told["seconds_left"] is None else f", {_span(told['seconds_left'])} left"
        lines.append(f"{told['done']:,}{of} {told['unit']}{rate}{left}")
    return lines


def _span(seconds: object) -> str:
    """Hours, minutes and seconds, such as 1:02:05."""
    return str(timedelta(seconds=round(float(str(seconds)))))
