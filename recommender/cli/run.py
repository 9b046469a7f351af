"""`kgrec run`: from source files to recommendations in the graph."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from recommender.cli.options import DEFAULT_RUNS, ForceData, JsonLogs, Quiet, RunsDir, Set, Verbose


def run(
    config: Annotated[
        Path | None, typer.Argument(help="The config, a YAML file.", show_default=False)
    ] = None,
    sample: Annotated[bool, typer.Option("--sample", help="Run the bundled sample shop.")] = False,
    set_: Set = None,
    force: Annotated[
        bool, typer.Option("--force", help="Do everything again, whatever is done already.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Only continue an unfinished run; never begin one.")
    ] = False,
    force_data: ForceData = False,
    runs_dir: RunsDir = DEFAULT_RUNS,
    quiet: Quiet = False,
    json_logs: JsonLogs = False,
    verbose: Verbose = False,
) -> None:
    """Read, split, extract, load, train, evaluate, publish: the whole way.

    A run that was stopped or killed is continued by the same command.

    What this run or an earlier one with equal settings and data has done is not done again.

    [bold]Examples[/]

    kgrec run --sample

    kgrec run my.yaml --set model.epochs=50 --set publish.top_k=20

    NEO4J_URI=bolt://localhost:7687 NEO4J_PASSWORD=… kgrec run my.yaml
    """
    from recommender.job import Job, run_job

    run_job(
        Job(
            config=config,
            sample=sample,
            overrides=tuple(set_ or ()),
            runs_dir=runs_dir,
            force_data=force_data,
        ),
        until=None,
        force=force,
        resume=resume,
        quiet=quiet,
        json_logs=json_logs,
        verbose=verbose,
    )
