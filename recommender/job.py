"""A run from the command line: config, locks, display, the workflow, and the closing words."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.console import Console

from kg.errors import ConfigError
from recommender.config import Config, read_config
from recommender.display import reporter
from recommender.environment import Environment
from recommender.graph import Graph
from recommender.locks import exclusive
from recommender.people import Privacy
from recommender.run_folder import LOCK, Runs
from recommender.run_log import set_up_logging
from recommender.runner import Outcome, Runner, up_to
from recommender.sample import CONFIG
from recommender.stopping import stopped_by_signals
from recommender.summary import print_summary
from recommender.terminal import escape
from recommender.tracking import require_trackers, track
from recommender.workflow import WORKFLOW

INTERRUPTED = 130


@dataclass(frozen=True, kw_only=True)
class Job:
    """What to run, and where its folder goes."""

    config: Path | None
    sample: bool
    overrides: tuple[str, ...]
    runs_dir: Path
    force_data: bool = False

    def read(self, environment: Environment) -> Config:
        """Read the config.

        Raises:
            ConfigError: neither or both of a config and the sample were asked for, or it is wrong.
        """
        if self.sample == (self.config is not None):
            got = "both a config and --sample" if self.sample else "neither a config nor --sample"
            raise ConfigError(
                f"Got {got}; wanted one of the two.",
                remedy="Try `kgrec run --sample`, or `kgrec init FILE… > my.yaml` for your data.",
            )
        return read_config(self.config or CONFIG, self.overrides, environment.variables)


def run_job(
    job: Job,
    *,
    until: str | None,
    force: bool,
    resume: bool,
    quiet: bool,
    json_logs: bool,
    verbose: bool,
) -> Outcome:
    """Run the workflow, up to the stage `until` if there is one, and print what came of it.

    Raises:
        KgrecError: what a stage raised, or another run is busy.
        typer.Exit: stopped by hand.
    """
    set_up_logging(verbose=verbose, json_logs=json_logs)
    environment = Environment.read()
    config = job.read(environment)
    require_trackers(config.tracking)
    runs = Runs(job.runs_dir)
    with (
        Graph(environment, config.name) as graph,
        alone(runs, graph),
    ):
        privacy = Privacy(environment, config.name, config.read.pseudonymize)
        try:
            with (
                reporter(up_to(WORKFLOW, until), quiet=quiet, json_logs=json_logs) as shown,
                stopped_by_signals(quiet=quiet or json_logs) as stop_asked,
            ):
                outcome = Runner(
                    stages=WORKFLOW,
                    config=config,
                    runs=runs,
                    graph=graph,
                    cache=environment.cache,
                    people=privacy.people,
                    privacy=privacy.digest,
                    force_data=job.force_data,
                    clock=lambda: datetime.now(UTC),
                    reporter=shown,
                    stop_asked=stop_asked,
                ).run(until=until, force=force, resume=resume)
        except KeyboardInterrupt:
            _say_how_to_go_on(runs)
            raise typer.Exit(INTERRUPTED) from None
        for line in track(outcome.run, config):
            Console(stderr=True, highlight=False, soft_wrap=True).print(f"warning: {escape(line)}")
        if not quiet:
            print_summary(outcome, graph, samples=job.sample, as_json=json_logs)
    return outcome


@contextmanager
def alone(runs: Runs, graph: Graph) -> Iterator[None]:
    """Hold the folder of runs and the graph while the block runs.

    Raises:
        BusyError: another process is at work on one of them.
        GraphError: the server, which is not the embedded one, does not answer.
    """
    now = datetime.now(UTC)
    with exclusive(runs.path / LOCK, what=f"the runs in {runs.path}", now=now), graph.alone():
        yield


def _say_how_to_go_on(runs: Runs) -> None:
    stopped = next(iter(runs), None)
    where = f" Its folder is {escape(str(stopped.path))}." if stopped else ""
    command = escape(shlex.join(["kgrec", *sys.argv[1:]]))
    Console(stderr=True, highlight=False, soft_wrap=True).print(
        f"\n[yellow]Stopped.[/] The graph is consistent: every batch is one transaction.{where}\n"
        f"Go on with the same command:  [bold]{command}[/]"
    )
