"""`kgrec graph`: the graph server, and what is in it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from kg.errors import ConfigError
from recommender.cli.options import DEFAULT_RUNS, Dataset, Param, RunsDir
from recommender.cli.query import parse_parameters

app = typer.Typer(
    help="The graph server: your own where NEO4J_URI names one, else the embedded graph.\n\n"
    "[bold]Examples[/]\n\n"
    "kgrec graph status\n\n"
    "kgrec graph start   (a run does this by itself)\n\n"
    "kgrec graph picture u-1 -o u-1.html\n\n"
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
        with graph.alone():
            graph.store.clear()
    print(f"The {graph.target} is empty now.")


@app.command("picture")
def picture(
    what: Annotated[
        str, typer.Argument(help="A user's key, an item's key, or a query that returns paths.")
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="The file: .html to click in; .png, .svg or .pdf."),
    ],
    param: Param = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, help="Relationships of a user or item, at most.")
    ] = 30,
    dataset: Dataset = None,
    runs_dir: RunsDir = DEFAULT_RUNS,
) -> None:
    """Draw a part of the graph: a user's or an item's neighbourhood, or what a query finds.

    Circles grow with what they have in the picture, :RECOMMENDED lines with their score. Needs
    the extra `pictures`.

    [bold]Examples[/]

    kgrec graph picture u-1 -o u-1.html

    kgrec graph picture browse/why_paths -p userId=u-1 -p itemId=i-7 -o why.pdf
    """
    from kg.catalogue import Catalogue
    from recommender.graph import open_graph
    from recommender.picture import neighbourhood
    from recommender.picture.drawing import drawing_of
    from recommender.picture.files import writer_of

    write = writer_of(output)
    catalogue = Catalogue()
    with open_graph(dataset, runs_dir) as graph:
        if what in catalogue:
            parameters, identifiers = parse_parameters(catalogue[what], param or ())
            rows = graph.store.read(what, identifiers=identifiers, **parameters)
        else:
            rows = neighbourhood.of_key(graph.store, what, limit)
    drawing = drawing_of(rows)
    if not drawing.circles:
        raise ConfigError(
            f"There is nothing to draw for {what!r}: no path was found.",
            remedy="`kgrec queries` names the queries that draw: those that return `path`.",
        )
    write(drawing, output)
    print(f"{output}: {len(drawing.circles)} circles, {len(drawing.lines)} lines")
