"""`kgrec browser`: a pack for Neo4j Browser."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from recommender.cli.options import DEFAULT_RUNS, Dataset, RunsDir


def browser(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The folder for the pack.", show_default=True)
    ] = Path("neo4j-browser"),
    serve: Annotated[
        bool, typer.Option("--serve", help="Then serve it on this machine, until Ctrl-C.")
    ] = False,
    port: Annotated[
        int, typer.Option("--port", min=1, max=65535, help="Where to serve it.", show_default=True)
    ] = 7475,
    dataset: Dataset = None,
    runs_dir: RunsDir = DEFAULT_RUNS,
) -> None:
    """Write style, saved queries and a guide for Neo4j Browser, made from the live graph.

    Names and numbers in them are those of the graph. README.md in the folder says how to bring
    each in. Browser takes guides from addresses only: --serve gives the folder one, for pages of
    this machine and of the graph server.

    [bold]Examples[/]

    kgrec browser

    kgrec browser --serve   (then, in Browser: :guide http://localhost:7475/guide.html)
    """
    from urllib.parse import urlsplit

    from recommender.browser import write_pack
    from recommender.graph import open_graph

    address = f"http://localhost:{port}"
    with open_graph(dataset, runs_dir) as graph:
        pack = write_pack(
            graph.store,
            output,
            now=datetime.now(UTC),
            address=address,
        )
        host = urlsplit(graph.environment.uri or "").hostname
    console = Console(highlight=False, soft_wrap=True)
    for place in pack.files:
        console.print(place)
    console.print(f"{pack.queries} saved queries; README.md says how to bring all this in.")
    if pack.left_out:
        console.print(f"[dim]Nothing in the graph to fill with: {', '.join(pack.left_out)}[/]")
    if serve:
        console.print(f"In Browser: :guide {address}/guide.html   (Ctrl-C ends it)")
        _serve(output, port, [host] if host else [])


def _serve(folder: Path, port: int, hosts: list[str]) -> None:
    from kg.errors import ConfigError
    from recommender.browser.serve import make_server

    try:
        server = make_server(folder, port, hosts)
    except OSError as error:
        raise ConfigError(
            f"Port {port} of this machine cannot be served at: {error.strerror}.",
            remedy="Name a free one with --port.",
        ) from error
    with server:
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("The pack is no longer served; its files stay.")
