"""A run's publication into the graph, and what its :ModelRun tells of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from embeddings.gate import Judged, expectations
from embeddings.publication import FOLDER, Publication
from embeddings.publish import PublishReport
from embeddings.publish import publish as write_publication
from embeddings.settings import PublishSettings
from kg.errors import NotPublishedError
from kg.progress import Progress, no_progress
from kg.published import (
    PublishedRun,
    begin_publishing,
    end_publishing,
    keep_lists,
    published_runs,
)
from kg.runs import begin_run, finish_run, get_run, list_runs
from kg.store import Store
from recommender.artefacts import CHECKS, LEARNT, hashes_of
from recommender.config import Config
from recommender.fingerprints import code_versions
from recommender.report import write_report
from recommender.run_folder import write_whole

GATE = "gate.json"
SCORE = (
    "The model's own scale: higher is better for the same user; scores of two runs or two models"
    " are not comparable."
)
PROBABILITY = (
    "The chance that an item of this score in a user's list is among the user's held-out likes,"
    " for users who have some: learned on the validation part (isotonic regression with many hits,"
    " else logistic), by the model that was evaluated."
)
UNCALIBRATED = "Absent: the validation part had no hits to learn it from."


@dataclass(frozen=True, kw_only=True)
class Publishing:
    """One run that goes into the graph.

    Attributes:
        folder: the run's folder, with a publication and `metrics.json`.
        etl_run_id: the :EtlRun whose facts it learned from; empty where nobody knows.
        config: the run's own.
        force: publish also what the gate holds back, and note who did.
    """

    folder: Path
    run_id: str
    etl_run_id: str
    config: Config
    store: Store
    progress: Progress = no_progress
    force: bool = False

    def publish(self, *, now: datetime) -> PublishReport:
        """Publish what the run has just made, under a :ModelRun that begins and ends here.

        Raises:
            NotPublishedError: the gate holds it back.
        """
        publication, own, live = self._publication(), *self._before()
        forced_by = self._pass_gate(publication, live)
        begin_run(
            self.store,
            "ModelRun",
            self.run_id,
            now=now,
            config=self.config.model_dump(mode="json"),
            code_version=code_versions(),
        )
        report = self._write(publication, now, own, live)
        finish_run(
            self.store,
            "ModelRun",
            self.run_id,
            now=datetime.now(UTC),
            counts=report.counts,
            timings=report.seconds,
            metrics=self._told(publication),
            data_hash=self._document("snapshot/snapshot.json")["hash"],
            artefacts=hashes_of(self.folder, LEARNT),
            etl_run_id=self.etl_run_id or None,
        )
        self._end(_replaced(own, live), forced_by)
        return report

    def publish_again(self, *, now: datetime, back: bool = False) -> PublishReport:
        """Publish what the run made some time ago; what its :ModelRun tells of it stays.

        Args:
            back: it takes back the place that the present one took from it, so that what *it*
                replaced comes before it again; the gate is not asked.

        Raises:
            NotPublishedError: the gate holds it back.
        """
        publication, own, live = self._publication(), *self._before()
        if self.run_id not in {run.run_id for run in list_runs(self.store, "ModelRun")}:
            return self.publish(now=now)
        forced_by = None if back else self._pass_gate(publication, live)
        begin_publishing(self.store, self.run_id)
        report = self._write(publication, now, own, live)
        self._end(own.replaced if back and own else _replaced(own, live), forced_by)
        return report

    def _pass_gate(self, publication: Publication, live: PublishedRun | None) -> str | None:
        """Return who forces it through, None where nothing has to be forced.

        Raises:
            NotPublishedError: the gate holds it back, and nobody forces it.
        """
        metrics = self._document("metrics.json")
        figures = publication.figures
        new = Judged.of(
            self.run_id, publication.model, metrics["models"], metrics["split"], figures.first
        )
        found = expectations(figures, new, self._judged(live), self.config.publish.gate)
        write_whole(self.folder / GATE, json.dumps([asdict(each) for each in found], indent=1))
        failed = [each for each in found if each.met is False]
        if not failed:
            return None
        if self.force:
            return psutil.Process().username()
        told = "\n".join(f"  {each}" for each in failed)
        page = write_report(self.folder)
        raise NotPublishedError(
            f"Run {self.run_id} is not published, and nothing in the graph was changed:\n{told}",
            remedy=f"If it is right nonetheless: kgrec publish {self.run_id} --force"
            " (your name is kept with it). What is asked for: publish.gate in the config."
            f" All of it: {page}",
        )

    def _judged(self, live: PublishedRun | None) -> Judged | None:
        """Return how the published run did, from what its :ModelRun keeps."""
        if live is None or live.run_id == self.run_id:
            return None
        told = get_run(self.store, "ModelRun", live.run_id).metrics
        models, split, lists = (
            each if isinstance(each, Mapping) else {}
            for each in (told.get("evaluated"), told.get("split"), told.get("lists"))
        )
        return Judged.of(live.run_id, str(told.get("model")), models, split, lists.get("first"))

    def _publication(self) -> Publication:
        return Publication.load(self.folder / FOLDER)

    def _before(self) -> tuple[PublishedRun | None, PublishedRun | None]:
        """Return this run, if it was published before, and the one that is."""
        runs = published_runs(self.store)
        own = next((run for run in runs if run.run_id == self.run_id), None)
        return own, next((run for run in runs if run.live), None)

    def _write(
        self,
        publication: Publication,
        now: datetime,
        own: PublishedRun | None,
        live: PublishedRun | None,
    ) -> PublishReport:
        """Write it, or show what is there; the lists that it replaces stay if that is wanted."""
        there = own is not None and own.lists_there and not own.live
        keep = None
        if not there:
            keep = _replaced(own, live) if self.config.publish.keep_replaced else None
            keep_lists(self.store, keep)
        return write_publication(
            self.store,
            publication,
            run_id=self.run_id,
            now=now,
            keep=keep,
            there=there,
            progress=self.progress,
        )

    def _end(self, replaced: str | None, forced_by: str | None) -> None:
        end_publishing(
            self.store,
            self.run_id,
            now=datetime.now(UTC),
            by=psutil.Process().username(),
            forced_by=forced_by,
            replaced=replaced,
        )

    def _told(self, publication: Publication) -> dict[str, object]:
        """Return what the :ModelRun tells of what was published."""
        metrics = self._document("metrics.json")
        encoder = publication.encoder
        return {
            "published": f"{publication.model}, refitted on all data",
            "model": publication.model,
            "lists": publication.figures.model_dump(),
            "score": SCORE,
            "rank": _order(self.config.publish),
            "textVector": "None: no texts were encoded." if encoder is None else f"By {encoder}.",
            "probability": PROBABILITY if publication.calibrated else UNCALIBRATED,
            "split": metrics["split"],
            "evaluated": metrics["models"],
            "comparisons": metrics["comparisons"],
            **self._began_from(publication.model),
            **self._data_forced(),
        }

    def _began_from(self, model: str) -> dict[str, str]:
        """Return the run whose weights the published model began from, if it began from any."""
        place = f"models/published/{model}/start/start.json"
        told = self._document(place) if (self.folder / place).is_file() else {}
        return {"beganFrom": told["began_from"]} if told.get("began_from") else {}

    def _data_forced(self) -> dict[str, str]:
        """Return who had it learn from data that were not as expected, if somebody did."""
        known = (self.folder / CHECKS).is_file()
        forced_by = self._document(CHECKS)["forced_by"] if known else None
        return {"dataForcedBy": forced_by} if forced_by else {}

    def _document(self, name: str) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.folder / name).read_text(encoding="utf-8"))
        return content


def _replaced(own: PublishedRun | None, live: PublishedRun | None) -> str | None:
    """Return the run to go back to from `own` once it has replaced `live`."""
    if live is not None and (own is None or own.run_id != live.run_id):
        return live.run_id
    return own.replaced if own else None


def _order(publish: PublishSettings) -> str:
    """What the ranks of the published lists follow."""
    new, rerank = publish.new_items, publish.rerank
    if new.every:
        return (
            f"By score, best first; place {new.first} and each {new.every} further is kept for"
            " items that nobody has had yet."
        )
    if rerank.method == "none":
        return "By score, best first."
    kind = f" of {rerank.kind}" if rerank.kind else ""
    return (
        f"Re-ranked ({rerank.method}{kind}, weight {rerank.weight:g}, from the {rerank.candidates}"
        " best by score): score need not fall with rank."
    )
