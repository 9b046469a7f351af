"""How a run shows itself: a live table on a terminal, plain lines elsewhere, JSON lines when asked.

All of it goes to standard error; what a command answers goes to standard output.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.table import Column
from rich.text import Text

from recommender.run_folder import StageRecord
from recommender.run_log import run_at_work
from recommender.runner import Reporter
from recommender.stage import Stage
from recommender.terminal import escape, json_text, plain

MARKS = {
    "done": "[green]✓[/]",
    "reused": "[green]=[/]",
    "interrupted": "[yellow]■[/]",
    "failed": "[red]✗[/]",
}
PLAIN_EVERY_SECONDS = 10.0


@contextmanager
def reporter(stages: Sequence[Stage], *, quiet: bool, json_logs: bool) -> Iterator[Reporter]:
    """Yield the reporter that fits the terminal and the flags."""
    if json_logs:
        yield JsonReporter(sys.stderr)
    elif quiet:
        yield SilentReporter()
    elif sys.stderr.isatty():
        with LiveTable(stages) as table:
            yield table
    else:
        yield PlainLines(sys.stderr)


class SilentReporter:
    """Says nothing."""

    def started(self, stage: Stage) -> None:
        """Do nothing."""

    def progressed(self, stage: Stage, done: int, total: int | None, unit: str) -> None:
        """Do nothing."""

    def ended(self, stage: Stage, record: StageRecord) -> None:
        """Do nothing."""


class PlainLines:
    """One line when a stage ends, and one every ten seconds while it works."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.said = time.monotonic()

    def started(self, stage: Stage) -> None:
        """Say what begins."""
        self.said = time.monotonic()
        self._say(f"{stage.name:<9} … {stage.does}")

    def progressed(self, stage: Stage, done: int, total: int | None, unit: str) -> None:
        """Say how far it is, now and then."""
        if time.monotonic() - self.said >= PLAIN_EVERY_SECONDS:
            self.said = time.monotonic()
            of = f" of {total:,}" if total else ""
            self._say(f"{stage.name:<9} … {done:,}{of} {unit}")

    def ended(self, stage: Stage, record: StageRecord) -> None:
        """Say what came of it."""
        self._say(f"{stage.name:<9} {record.status:<11} {record.seconds:7.1f} s  {record.summary}")

    def _say(self, line: str) -> None:
        print(plain(line), file=self.stream, flush=True)


class JsonReporter:
    """One JSON object for each event; progress at most once a second."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.said = 0.0

    def started(self, stage: Stage) -> None:
        """Tell that a stage began."""
        self._say({"event": "stage started", "stage": stage.name})

    def progressed(self, stage: Stage, done: int, total: int | None, unit: str) -> None:
        """Tell how far it is."""
        if time.monotonic() - self.said >= 1:
            self.said = time.monotonic()
            self._say(
                {
                    "event": "stage progressed",
                    "stage": stage.name,
                    "done": done,
                    "total": total,
                    "unit": unit,
                }
            )

    def ended(self, stage: Stage, record: StageRecord) -> None:
        """Tell how it ended, with its counts."""
        self._say(
            {
                "event": "stage ended",
                "stage": stage.name,
                "status": record.status,
                "seconds": record.seconds,
                "summary": record.summary,
                "counts": record.counts,
            }
        )

    def _say(self, event: dict[str, object]) -> None:
        line = json_text(run_at_work() | event)
        print(line, file=self.stream, flush=True)


class LiveTable:
    """A row for each stage: bar, rate, time left, seconds, and in the end one line of result."""

    def __init__(self, stages: Sequence[Stage]) -> None:
        self.table = Progress(
            TextColumn("{task.fields[mark]}"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=18, finished_style="green"),
            _Rate(),
            _Left(),
            _Seconds(),
            TextColumn("{task.fields[result]}", table_column=Column(ratio=1, no_wrap=True)),
            console=Console(stderr=True),
            expand=True,
            refresh_per_second=5,
        )
        self.rows: dict[str, TaskID] = {
            stage.name: self.table.add_task(
                stage.name,
                start=False,
                total=None,
                mark="[dim]·[/]",
                result=f"[dim]{stage.does}[/]",
                unit="",
                seconds=None,
                visible=True,
            )
            for stage in stages
        }

    def __enter__(self) -> LiveTable:
        self.table.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.table.stop()

    def started(self, stage: Stage) -> None:
        """Start the row's clock."""
        row = self.rows[stage.name]
        self.table.start_task(row)
        self.table.update(row, mark="[cyan]▸[/]")

    def progressed(self, stage: Stage, done: int, total: int | None, unit: str) -> None:
        """Move the row's bar."""
        self.table.update(self.rows[stage.name], completed=done, total=total, unit=unit)

    def ended(self, stage: Stage, record: StageRecord) -> None:
        """Fill the row's bar and put the result beside it."""
        row = self.rows[stage.name]
        if record.finished:
            self.table.update(row, total=1, completed=1)
        self.table.update(
            row,
            mark=MARKS.get(record.status, ""),
            result=escape(record.summary),
            unit="",
            seconds=record.seconds,
        )
        self.table.stop_task(row)


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        """Return the speed with its unit."""
        unit = task.fields["unit"]
        if not unit or not task.speed:
            return Text("")
        return Text(f"{_short(task.speed)} {unit}/s", style="dim")


class _Left(ProgressColumn):
    def render(self, task: Task) -> Text:
        """Return the time left while it is known."""
        if task.fields["seconds"] is not None or not task.time_remaining:
            return Text("")
        minutes, seconds = divmod(int(task.time_remaining), 60)
        return Text(f"{minutes}:{seconds:02d} left", style="cyan")


class _Seconds(ProgressColumn):
    def render(self, task: Task) -> Text:
        """Return the seconds that the stage took, or has taken so far."""
        seconds = task.fields["seconds"]
        seconds = task.elapsed if seconds is None else seconds
        return Text("" if seconds is None else f"{seconds:.1f} s", justify="right")


def _short(number: float) -> str:
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.1f}{letter}"
    return f"{number:.1f}" if number < 10 else f"{number:.0f}"
