"""`kgrec publish RUN --new-only`: lists for those who came after the run."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from kg.progress import no_progress
from recommender.cli.bar import progress_bar
from recommender.run_folder import Runs
from recommender.run_log import set_up_logging


def publish_newcomers(
    name: str, runs_dir: Path, *, quiet: bool, json_logs: bool, verbose: bool
) -> None:
    """Give lists to those who have none, and tell of it."""
    set_up_logging(verbose=verbose, json_logs=json_logs)
    from recommender.graph import open_graph
    from recommender.new_only import publish_new

    runs = Runs(runs_dir)
    run = runs.get(name)
    bar = nullcontext(no_progress) if quiet or json_logs else progress_bar("nodes")
    with open_graph(run.record().dataset, runs_dir) as graph, bar as progress:
        done = publish_new(runs, run, graph, progress=progress)
        target = graph.target
    if json_logs:
        print(json.dumps({"run": run.id, **asdict(done)}))
        return
    if quiet:
        return
    console = Console(highlight=False, soft_wrap=True)
    console.print(
        f"{done.users:,} new users have a list now in the {target}, by the model of run"
        f" [bold]{run.id}[/]: {done.places:,} recommendations, {done.new_items:,} of them of items"
        f" that it was not trained on, {done.seconds:.1f} s. Other lists are as they were."
    )
    if done.without:
        console.print(f"{done.without:,} have none: nothing in the graph supports one.")
