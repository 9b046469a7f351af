"""Goes through the workflow: what is done stays done, the rest is done now, and each step recorded.

A run that was stopped or killed is found again by its fingerprint and continued; a run whose first
stages equal those of an earlier run takes their artefacts over.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from kg.errors import ConfigError, KgrecError
from kg.progress import Progress
from recommender.config import Config
from recommender.fingerprints import code_versions, fingerprints
from recommender.graph import Graph
from recommender.progress_file import ProgressFile
from recommender.run_folder import RunFolder, RunRecord, Runs, StageRecord, Status
from recommender.run_log import logging_to
from recommender.stage import Stage, StageContext

if TYPE_CHECKING:
    from etl.people import People

logger = logging.getLogger(__name__)


class Reporter(Protocol):
    """Who is told how the run goes."""

    def started(self, stage: Stage) -> None: ...

    def progressed(self, stage: Stage, done: int, total: int | None, unit: str) -> None: ...

    def ended(self, stage: Stage, record: StageRecord) -> None: ...


def up_to(stages: Sequence[Stage], last: str | None) -> Sequence[Stage]:
    """Return the stages up to and including `last`, or all of them."""
    names = [stage.name for stage in stages]
    return stages if last is None else stages[: names.index(last) + 1]


@dataclass(frozen=True, kw_only=True)
class Runner:
    """Everything a run needs to know, besides what it is to do.

    Attributes:
        stages: the workflow.
        cache: folder for what outlives runs.
        people: what reading does to the keys of people.
        privacy: hash of what `people` rests on; what was read otherwise is not taken over.
        force_data: learn from data also where they are not as expected.
        clock: tells the time.
        stop_asked: tells whether somebody wants the run to stop; looked at between stages and
            whenever a stage reports progress.
    """

    stages: Sequence[Stage]
    config: Config
    runs: Runs
    graph: Graph
    cache: Path
    people: People | None = None
    privacy: str = ""
    force_data: bool = False
    clock: Callable[[], datetime]
    reporter: Reporter
    stop_asked: Callable[[], bool] = lambda: False

    def run(
        self, *, until: str | None = None, force: bool = False, resume: bool = False
    ) -> Outcome:
        """Bring the workflow up to and including the stage `until`, or to its end.

        Args:
            force: do everything again, in a new run.
            resume: only continue an unfinished run, never begin one.

        Raises:
            ConfigError: `resume`, and there is nothing to resume.
            KgrecError: what a stage raised; the run's record says where it stopped.
            KeyboardInterrupt: stopped by hand; the same.
        """
        prints = fingerprints(self.stages, self.config, self.graph.target)
        run = None if force else self._same_run(prints)
        if resume and (run is None or run.record().status == "done"):
            raise ConfigError(
                f"There is no unfinished run of this config in {self.runs.path}.",
                remedy="Run without --resume.",
            )
        run = run or self._new_run(prints)
        told = ProgressFile(run.path, self.clock)
        with logging_to(run.path / "log.jsonl", run=run.id), closing(told):
            worked = self._through(run, up_to(self.stages, until), prints, told, reuse=not force)
        return Outcome(run=run, nothing_to_do=not worked)

    def _same_run(self, prints: Mapping[str, str]) -> RunFolder | None:
        return next((run for run in self._earlier() if self._fits(run.record(), prints)), None)

    def _earlier(self) -> Iterator[RunFolder]:
        """Yield the runs whose work may be used again, newest first.

        Where a source appends, what a run reads depends on the run before. So what went before the
        newest one that has read is not what it would be now.
        """
        appends = any(source.mode == "append" for source in self.config.sources)
        for run in self.runs:
            yield run
            told = run.record()
            read = told.stages.get("read")
            if appends and told.dataset == self.config.name and read and read.finished:
                return

    def _fits(self, record: RunRecord, prints: Mapping[str, str]) -> bool:
        same = record.fingerprint == list(prints.values())[-1]
        return same and record.privacy == self.privacy

    def _new_run(self, prints: Mapping[str, str]) -> RunFolder:
        now = self.clock()
        fingerprint = list(prints.values())[-1]
        run = self.runs.create(now=now, fingerprint=fingerprint)
        self.config.write(run.path / "config.yaml")
        run.save(
            RunRecord(
                id=run.id,
                dataset=self.config.name,
                target=self.graph.target,
                fingerprint=fingerprint,
                version=code_versions(),
                started_at=now,
                pid=os.getpid(),
                status="running",
                privacy=self.privacy,
            )
        )
        return run

    def _through(
        self,
        run: RunFolder,
        stages: Sequence[Stage],
        prints: Mapping[str, str],
        told: ProgressFile,
        *,
        reuse: bool,
    ) -> bool:
        """Go through `stages`; return whether there was any work."""
        worked = False
        for stage in stages:
            record = run.record()
            if self.stop_asked():
                run.save(record.model_copy(update={"status": "interrupted"}))
                raise KeyboardInterrupt
            kept = self._kept(run, record, stage, prints[stage.name], reuse=reuse)
            if kept is not None:
                if record.stages.get(stage.name) != kept:
                    record.stages[stage.name] = kept
                    run.save(record)
                    worked = True
                self.reporter.ended(stage, kept)
                continue
            context = self._context(run, record, stage, stages, told, anew=not reuse)
            self._do(run, record, stage, prints[stage.name], context, told)
            worked = True
        if worked:
            self._close(run)
        return worked

    def _close(self, run: RunFolder) -> None:
        record = run.record()
        missing = [
            stage.name
            for stage in self.stages
            if stage.name not in record.stages or not record.stages[stage.name].finished
        ]
        changes = {"finished_at": self.clock(), "error": ""}
        run.save(record.model_copy(update={"status": "partial" if missing else "done", **changes}))

    def _kept(
        self, run: RunFolder, record: RunRecord, stage: Stage, fingerprint: str, *, reuse: bool
    ) -> StageRecord | None:
        """Return the record of the same work done earlier, in this run or in another one."""
        own = record.stages.get(stage.name)
        if own and self._usable(run, own, stage, fingerprint):
            return own
        for other in self._earlier() if reuse else ():
            told = other.record()
            theirs = told.stages.get(stage.name) if told.privacy == self.privacy else None
            if other != run and theirs and self._usable(other, theirs, stage, fingerprint):
                run.remove(stage.files)
                run.take_over(other, stage.files)
                return theirs.model_copy(update={"status": "reused"})
        return None

    def _usable(self, run: RunFolder, record: StageRecord, stage: Stage, fingerprint: str) -> bool:
        return (
            record.finished
            and record.fingerprint == fingerprint
            and run.holds(stage.files)
            and (
                stage.run_kind is None
                or self.graph.holds(
                    stage.run_kind,
                    record.graph_run,
                    since=record.ended_at,
                    last="graph aggregates" in stage.assigns,
                )
            )
        )

    def _do(
        self,
        run: RunFolder,
        record: RunRecord,
        stage: Stage,
        fingerprint: str,
        context: StageContext,
        told: ProgressFile,
    ) -> None:
        started, clock = self.clock(), time.perf_counter()
        entry = StageRecord(
            fingerprint=fingerprint, status="running", by=run.id, started_at=started
        )

        def save(status: Status, error: str = "", **changes: object) -> StageRecord:
            seconds = round(time.perf_counter() - clock, 3)
            new = entry.model_copy(update={"status": status, "seconds": seconds, **changes})
            record.stages[stage.name] = new
            run_status: Status = "running" if status == "done" else status
            run.save(
                record.model_copy(update={"status": run_status, "pid": os.getpid(), "error": error})
            )
            return new

        run.remove(stage.files)
        save("running")
        told.began(stage.name, context.stages)
        self.reporter.started(stage)
        logger.info("stage %s began", stage.name)
        try:
            result = stage.function(context)
        except (KeyboardInterrupt, Exception) as error:
            if self.stop_asked() or _stopped_by_hand(error):
                logger.info("stage %s was stopped by hand", stage.name, exc_info=True)
                self.reporter.ended(stage, save("interrupted", "stopped by hand"))
                raise KeyboardInterrupt from error
            logger.exception("stage %s failed", stage.name)
            first = str(error.message if isinstance(error, KgrecError) else error)
            self.reporter.ended(stage, save("failed", f"{stage.name}: {error}", summary=first))
            raise
        done = save(
            "done",
            summary=result.summary,
            counts=dict(result.counts),
            graph_run=result.graph_run,
        )
        logger.info("stage %s ended: %s", stage.name, result.summary)
        self.reporter.ended(stage, done)

    def _context(
        self,
        run: RunFolder,
        record: RunRecord,
        stage: Stage,
        stages: Sequence[Stage],
        told: ProgressFile,
        *,
        anew: bool,
    ) -> StageContext:
        def progress(done: int, total: int | None = None, unit: str = "rows") -> None:
            if self.stop_asked():
                raise KeyboardInterrupt
            told.progressed(done, total, unit)
            self.reporter.progressed(stage, done, total, unit)

        reported: Progress = progress
        loaded = record.stages.get("load")
        return StageContext(
            config=self.config,
            folder=run.path,
            stages=[each.name for each in stages],
            run_id=run.id,
            etl_run_id=loaded.graph_run if loaded else "",
            graph=self.graph,
            cache=self.cache,
            now=record.started_at,
            progress=reported,
            anew=anew,
            people=self.people,
            force_data=self.force_data,
        )


def _stopped_by_hand(error: BaseException) -> bool:
    """Whether a Ctrl-C is at the root of an error: it can break a library's own cleaning up."""
    at: BaseException | None = error
    while at is not None:
        if isinstance(at, KeyboardInterrupt):
            return True
        at = at.__cause__ or at.__context__
    return False


@dataclass(frozen=True)
class Outcome:
    """The run, and whether everything had been done before."""

    run: RunFolder
    nothing_to_do: bool
