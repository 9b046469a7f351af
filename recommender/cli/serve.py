"""`kgrec serve`: recommendations, explanations and search over HTTP."""

from __future__ import annotations

import logging
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from recommender.cli.options import DEFAULT_RUNS, Dataset, JsonLogs, RunsDir


def serve(
    host: Annotated[
        str, typer.Option("--host", help="Where to listen; elsewhere than here needs a key.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: any free one.")] = 8000,
    key_file: Annotated[
        Path | None,
        typer.Option("--key-file", help="A file with the API key, for its owner alone (0600)."),
    ] = None,
    rate: Annotated[
        float, typer.Option("--rate", min=0, help="Requests a second of one client; 0: any.")
    ] = 100.0,
    dataset: Dataset = None,
    runs_dir: RunsDir = DEFAULT_RUNS,
    json_logs: JsonLogs = False,
) -> None:
    """Answer over HTTP, reading only, until Ctrl-C: /recommend, /explain, /search.

    /docs shows what can be asked; /health and /metrics are for those who look after it.

    Without a key (KGREC_API_KEY or --key-file) it listens on this machine only.

    It needs an extra: pip install 'kgrec\\[serve]'

    [bold]Examples[/]

    kgrec serve

    KGREC_API_KEY=… kgrec serve --host 0.0.0.0 --port 8080

    curl 'http://127.0.0.1:8000/recommend/u-1?top=5'
    """
    _require_extra()
    from recommender.graph import open_graph
    from recommender.run_log import set_up_logging
    from recommender.service.access import Access
    from recommender.service.app import Service, make_app
    from recommender.service.live_graph import LiveGraph
    from recommender.service.rate import Buckets
    from recommender.service.server import address, listen
    from recommender.service.server import serve as serve_app
    from recommender.service.text_encoder import PublishedEncoder

    set_up_logging(verbose=True, json_logs=json_logs)
    logging.getLogger("neo4j").setLevel(logging.CRITICAL)  # LiveGraph tells once what is away
    graph = open_graph(dataset, runs_dir)
    access = Access.of(host, graph.environment.api_key, key_file)
    encoder = PublishedEncoder(runs_dir, graph.dataset or None)
    with listen(host, port) as listening:
        if graph.environment.embedded:
            graph.connect()
        live = LiveGraph(graph.locate)
        live.open()
        encoder.warm()
        service = Service(live, encoder, access, Buckets.of(rate))
        typer.echo(f"Serving {graph.target} at {address(listening)} (Ctrl-C ends it).")
        serve_app(make_app(service), listening)


def _require_extra() -> None:
    from kg.errors import ConfigError

    missing = [name for name in ("fastapi", "prometheus_client", "uvicorn") if not find_spec(name)]
    if missing:
        raise ConfigError(
            f"Not installed: {', '.join(missing)}.", remedy="pip install 'kgrec[serve]'"
        )
