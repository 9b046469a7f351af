"""`kgrec publish`: a config the whole way, or a run that was made before."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kg.errors import ConfigError
from recommender.cli.options import DEFAULT_RUNS, ForceData, JsonLogs, Quiet, RunsDir, Set, Verbose

_CONFIGS = (".yaml", ".yml")


def publish(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="CONFIG|RUN",
            help="A config, a YAML file; or a run's id, the beginning of one, or `latest`.",
            show_default=False,
        ),
    ] = None,
    sample: Annotated[bool, typer.Option("--sample", help="The bundled sample shop.")] = False,
    set_: Set = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="A run that the gate held back; your name is kept with it."),
    ] = False,
    new_only: Annotated[
        bool,
        typer.Option(
            "--new-only", help="With the published run: lists for those who came after it."
        ),
    ] = False,
    force_data: ForceData = False,
    runs_dir: RunsDir = DEFAULT_RUNS,
    quiet: Quiet = False,
    json_logs: JsonLogs = False,
    verbose: Verbose = False,
) -> None:
    """Write lists and reasons into the graph: those of a config's run, or of an earlier run.

    With a config: refit on everything, score and publish, after what `evaluate` does.

    With a run: nothing is trained; the lists that lie in its folder are published again.
    `kgrec rollback` does so with the run that was published before.

    With --new-only, after `kgrec etl` has loaded more: users whom the published run's model was not
    trained on get a list by it, marked `coldStart`. Nothing is trained; other lists stay.

    A run that is worse than the published one, or whose lists look wrong, is held back
    (`publish.gate` in the config).

    [bold]Examples[/]

    kgrec publish my.yaml

    kgrec publish 20260301-12

    kgrec publish latest --force

    kgrec publish 20260301-12 --new-only
    """
    if what is None or Path(what).suffix in _CONFIGS or Path(what).is_file():
        if new_only:
            raise ConfigError(
                "--new-only goes with the id of the run that is published; a config makes one.",
                remedy="kgrec runs list shows the runs.",
            )
        if force:
            raise ConfigError(
                "--force goes with the id of a run: what a config makes is not known before.",
                remedy="kgrec publish CONFIG, then kgrec publish latest --force;"
                " to do everything again: kgrec run CONFIG --force",
            )
        from recommender.job import Job, run_job

        run_job(
            Job(
                config=Path(what) if what else None,
                sample=sample,
                overrides=tuple(set_ or ()),
                runs_dir=runs_dir,
                force_data=force_data,
            ),
            until=None,
            force=False,
            resume=False,
            quiet=quiet,
            json_logs=json_logs,
            verbose=verbose,
        )
        return
    if sample or set_ or force_data:
        raise ConfigError(
            f"--sample, --set and --force-data go with a config, and {what} is the id of a run.",
            remedy="Name a YAML file to publish with other settings.",
        )
    if new_only:
        if force:
            raise ConfigError(
                "--new-only asks no gate, so there is nothing to --force.",
                remedy=f"kgrec publish {what} --new-only",
            )
        from recommender.cli.newcomers import publish_newcomers

        publish_newcomers(what, runs_dir, quiet=quiet, json_logs=json_logs, verbose=verbose)
        return
    from recommender.cli.rollback import publish_run

    publish_run(what, runs_dir, force=force, quiet=quiet, json_logs=json_logs, verbose=verbose)
