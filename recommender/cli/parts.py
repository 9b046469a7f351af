"""`kgrec etl`, `train` and `evaluate`: the parts of a run, each up to its last stage.

They share the run's folder with `kgrec run`: what an earlier part did is taken, what is missing is
done first.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from recommender.cli.options import DEFAULT_RUNS, ForceData, JsonLogs, Quiet, RunsDir, Set, Verbose

ConfigFile = Annotated[
    Path | None, typer.Argument(help="The config, a YAML file.", show_default=False)
]
Sample = Annotated[bool, typer.Option("--sample", help="The bundled sample shop.")]
Force = Annotated[bool, typer.Option("--force", help="Do it all again, in a new run.")]


def etl(
    config: ConfigFile = None,
    sample: Sample = False,
    set_: Set = None,
    force: Force = False,
    runs_dir: RunsDir = DEFAULT_RUNS,
    quiet: Quiet = False,
    json_logs: JsonLogs = False,
    verbose: Verbose = False,
) -> None:
    """Read, split, extract, load and derive: files to facts in the graph.

    [bold]Example[/]

    kgrec etl my.yaml
    """
    from recommender.job import Job, run_job

    run_job(
        Job(config=config, sample=sample, overrides=tuple(set_ or ()), runs_dir=runs_dir),
        until="derive",
        force=force,
        resume=False,
        quiet=quiet,
        json_logs=json_logs,
        verbose=verbose,
    )


def _learning(name: str, text: str) -> Callable[..., None]:
    """A part that learns from data, up to the stage of its name."""

    def part(
        config: ConfigFile = None,
        sample: Sample = False,
        set_: Set = None,
        force: Force = False,
        force_data: ForceData = False,
        runs_dir: RunsDir = DEFAULT_RUNS,
        quiet: Quiet = False,
        json_logs: JsonLogs = False,
        verbose: Verbose = False,
    ) -> None:
        from recommender.job import Job, run_job

        run_job(
            Job(
                config=config,
                sample=sample,
                overrides=tuple(set_ or ()),
                runs_dir=runs_dir,
                force_data=force_data,
            ),
            until=name,
            force=force,
            resume=False,
            quiet=quiet,
            json_logs=json_logs,
            verbose=verbose,
        )

    part.__name__ = name
    part.__doc__ = f"{text}\n\n[bold]Example[/]\n\nkgrec {name} my.yaml"
    return part


train = _learning("train", "Snapshot, encode and train, after what `etl` does.")
evaluate = _learning("evaluate", "Rank the test part in full, after what `train` does.")
