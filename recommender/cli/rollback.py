"""`kgrec rollback`, and `kgrec publish RUN`: an earlier run's lists into the graph again."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from kg.progress import no_progress
from recommender.cli.bar import progress_bar
from recommender.cli.options import (
    DEFAULT_RUNS,
    Dataset,
    JsonLogs,
    Quiet,
    RunsDir,
    Verbose,
)
from recommender.run_folder import RunFolder, Runs
from recommender.run_log import set_up_logging

if TYPE_CHECKING:
    from recommender.graph import Graph
    from recommender.republish import Republished


def rollback(
    dataset: Dataset = None,
    runs_dir: RunsDir = DEFAULT_RUNS,
    quiet: Quiet = False,
    json_logs: JsonLogs = False,
    verbose: Verbose = False,
) -> None:
    """Publish the run again that was published before the present one.

    Nothing is trained: its lists lie in its folder. Once more goes one run further back.

    [bold]Example[/]

    kgrec rollback
    """
    set_up_logging(verbose=verbose, json_logs=json_logs)
    from recommender.graph import open_graph
    from recommender.republish import run_before

    runs = Runs(runs_dir)
    with open_graph(dataset, runs_dir) as graph:
        run = run_before(runs, graph)
        _publish(runs, run, graph, back=True, force=False, quiet=quiet, as_json=json_logs)


def publish_run(
    name: str, runs_dir: Path, *, force: bool, quiet: bool, json_logs: bool, verbose: bool
) -> None:
    """Publish one run of the folder."""
    set_up_logging(verbose=verbose, json_logs=json_logs)
    from recommender.graph import open_graph

    runs = Runs(runs_dir)
    run = runs.get(name)
    with open_graph(run.record().dataset, runs_dir) as graph:
        _publish(runs, run, graph, back=False, force=force, quiet=quiet, as_json=json_logs)


def _publish(
    runs: Runs, run: RunFolder, graph: Graph, *, back: bool, force: bool, quiet: bool, as_json: bool
) -> None:
    from recommender.republish import republish

    with nullcontext(no_progress) if quiet or as_json else progress_bar("users") as progress:
        done = republish(runs, run, graph, progress=progress, back=back, force=force)
    if as_json:
        told = {"run": done.run_id, "instead_of": done.instead_of, "seconds": done.seconds}
        print(json.dumps(told | {"counts": done.report.counts}))
    elif not quiet:
        _say(done, graph)


def _say(done: Republished, graph: Graph) -> None:
    counts = done.report.counts
    console = Console(highlight=False, soft_wrap=True)
    instead = f" instead of {done.instead_of}" if done.instead_of else ""
    console.print(
        f"Run [bold]{done.run_id}[/] is published{instead} in the {graph.target}:"
        f" {counts['RECOMMENDED']:,} recommendations for {counts['users']:,} users,"
        f" {done.seconds:.1f} s."
    )
    if counts["users gone"] or counts["places gone"]:
        console.print(
            f"Left out, as they are in the graph no more: {counts['users gone']:,} users;"
            f" {counts['places gone']:,} places in all."
        )
