"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

Quiet: TypeAlias = Annotated[
    bool, typer.Option("--quiet", "-q", help="Only errors, and what was asked for.")
]
JsonLogs: TypeAlias = Annotated[
    bool, typer.Option("--json-logs", help="JSON lines on standard error, for programs.")
]
Verbose: TypeAlias = Annotated[
    bool, typer.Option("--verbose", help="The log on standard error, and tracebacks.")
]
RunsDir: TypeAlias = Annotated[
    Path, typer.Option("--runs-dir", help="Where the folders of runs are.", show_default=True)
]
RunId: TypeAlias = Annotated[
    str, typer.Argument(help="A run's id, the beginning of one, or `latest`.")
]
Set: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="A.B=C", help="Set a key of the config; may be repeated."),
]
ForceData: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--force-data", help="Learn from data that are not as expected; your name is kept with it."
    ),
]
Dataset: TypeAlias = Annotated[
    str | None,
    typer.Option("--dataset", help="Which dataset's graph; default: the latest run's."),
]
Param: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--param", "-p", metavar="K=V", help="A parameter; may be repeated."),
]
DEFAULT_RUNS = Path("runs")
