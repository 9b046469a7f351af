"""An earlier run into the graph again, without training: `kgrec publish RUN`, `rollback`."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from embeddings.publication import FOLDER
from embeddings.publish import PublishReport
from kg.errors import ConfigError
from kg.progress import Progress
from kg.published import live_run
from kg.runs import claim_dataset
from recommender.config import read_config
from recommender.graph import Graph
from recommender.job import alone
from recommender.publishing import Publishing
from recommender.run_folder import RunFolder, Runs


@dataclass(frozen=True)
class Republished:
    """What was published, and in whose place.

    Attributes:
        instead_of: the run that was published until now; None for none, or the same.
    """

    run_id: str
    instead_of: str | None
    report: PublishReport
    seconds: float


def republish(
    runs: Runs,
    run: RunFolder,
    graph: Graph,
    *,
    progress: Progress,
    back: bool = False,
    force: bool = False,
) -> Republished:
    """Publish a run that has its lists in its folder.

    Args:
        back: it was published before the present one.
        force: also against the gate.

    Raises:
        ConfigError: it has none, or was made for another graph.
        BusyError: another run is at work.
        NotPublishedError: the gate holds it back.
    """
    record = run.record()
    if record.target != graph.target:
        raise ConfigError(
            f"Run {run.id} was made for the {record.target}, not for the {graph.target}.",
            remedy="Let NEO4J_URI and NEO4J_DATABASE name the graph that it was made for.",
        )
    if not (run.path / FOLDER).is_dir():
        raise ConfigError(
            f"Run {run.id} has no lists to publish: {run.path / FOLDER} is missing.",
            remedy="Its stage `score` makes them: kgrec publish CONFIG with the run's config.",
        )
    config = read_config(run.path / "config.yaml", (), {})
    loaded = record.stages.get("load")
    began = time.perf_counter()
    with alone(runs, graph):
        claim_dataset(graph.store, record.dataset)
        live = live_run(graph.store)
        report = Publishing(
            folder=run.path,
            run_id=run.id,
            etl_run_id=loaded.graph_run if loaded else "",
            config=config,
            store=graph.store,
            progress=progress,
            force=force,
        ).publish_again(now=datetime.now(UTC), back=back)
        _note(run, report)
    return Republished(
        run_id=run.id,
        instead_of=live.run_id if live and live.run_id != run.id else None,
        report=report,
        seconds=time.perf_counter() - began,
    )


def _note(run: RunFolder, report: PublishReport) -> None:
    """Let the run's record say so, where its own stage was held back or broke off."""
    record = run.record()
    stage = record.stages.get("publish")
    if stage is None or stage.finished:
        return
    done = {
        "status": "done",
        "started_at": datetime.now(UTC),
        "seconds": 0.0,
        "summary": f"{report.counts['RECOMMENDED']:,} recommendations, by kgrec publish",
        "counts": dict(report.counts),
        "graph_run": run.id,
    }
    record.stages["publish"] = stage.model_copy(update=done)
    run.save(record.model_copy(update={"status": "partial", "error": ""}))


def run_before(runs: Runs, graph: Graph) -> RunFolder:
    """Return the run that was published before the present one.

    Raises:
        ConfigError: there is none, or its folder is gone.
    """
    live = live_run(graph.store)
    if live is None:
        raise ConfigError(
            f"No run is published in the {graph.target}: there is nothing to go back from.",
            remedy="Publish one: kgrec publish CONFIG",
        )
    if live.replaced is None:
        raise ConfigError(
            f"Run {live.run_id}, which is published, replaced no other one.",
            remedy="`kgrec runs list` shows the runs; kgrec publish RUN takes any of them.",
        )
    found = next((run for run in runs if run.id == live.replaced), None)
    if found is None:
        raise ConfigError(
            f"Run {live.replaced}, which was published before {live.run_id}, is not in"
            f" {runs.path}: its lists are lost.",
            remedy="Name the folder that holds it (--runs-dir), or publish another run.",
        )
    return found
