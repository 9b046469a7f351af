"""`kgrec graph`: the graph server, and what is in it."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from recommender.cli.options import DEFAULT_RUNS, Dataset, RunsDir

app = typer.Typer(
    help="The graph server: your own where NEO4J_URI names one, else the embedded graph.\n\n"
    "[bold]Examples[/]\n\n"
    "kgrec graph status\n\n"
    "kgrec graph start   (a run does this by itself)\n\n"
    "kgrec graph clear --dataset my-shop",
    no_args_is_help=True,
)


@app.command("start")
def start(
    dataset: Annotated[str, typer.Option("--dataset", help="A database to have ready.")] = "kgrec",
) -> None:
    """Start the embedded graph, if none is up, and say how to reach it."""
    from kg import embedded
    from recommender.environment import Environment

    environment = Environment.read()
    if environment.embedded:
        embedded.start(environment.home, database=dataset)
    status()


@app.command("stop")
def stop() -> None:
    """Stop the embedded graph cleanly; what it holds stays on disk."""
    from kg import embedded
    from recommender.environment import Environment

    environment = Environment.read()
    if not environment.embedded:
        print(f"NEO4J_URI names your own server, {environment.uri}: kgrec does not stop that.")
    elif embedded.stop(environment.home):
        print("The embedded graph has stopped.")
    else:
        print("No embedded graph was running.")


@app.command("status")
def status() -> None:
    """Tell which server is used, whether it answers, and how to sign in to it."""
    from kg import embedded
    from recommender.environment import Environment
    from recommender.graph import Graph

    environment = Environment.read()
    console = Console(highlight=False, soft_wrap=True)
    if not environment.embedded:
        with Graph(environment, "") as graph:
            said = graph.store.capabilities
        console.print(f"{graph.target}: {said.product} {said.version} {said.edition}, answers")
        return
    folder = embedded.Folder.of(environment.home)
    running = embedded.status(environment.home)
    if running is None:
        console.print(f"The embedded graph is not running. Its files: {folder.path}")
        return
    console.print(
        f"The embedded graph runs as process {running.pid} "
        f"({running.memory / 2**20:,.0f} MB of memory).\n"
        f"Bolt      {running.uri}\n"
        f"User      {embedded.USERNAME}\n"
        f"Password  in {folder.password}\n"
        f"Files     {folder.path}\n"
        f"Datasets  {', '.join(folder.datasets) or 'none'}"
    )


@app.command("clear")
def clear(
    dataset: Dataset = None,
    runs_dir: RunsDir = DEFAULT_RUNS,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete everything that a dataset's graph holds. The folders of runs stay."""
    from recommender.graph import open_graph

    with open_graph(dataset, runs_dir) as graph:
        if not yes:
            typer.confirm(f"Delete everything in the {graph.target}?", abort=True)
        graph.store.clear()
    print(f"The {graph.target} is empty now.")
