"""`kgrec export`: what a run made, in files for other tools."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from recommender.cli.options import DEFAULT_RUNS, RunId, RunsDir
from recommender.run_folder import Runs

app = typer.Typer(
    help="What a run made, in files for other tools.\n\n"
    "[bold]Examples[/]\n\n"
    "kgrec export split latest --format csv --output split.csv\n\n"
    "kgrec export split latest --format recbole --output dataset/my-shop",
    no_args_is_help=True,
)


class Form(StrEnum):
    """How the split is written."""

    PARQUET = "parquet"
    CSV = "csv"
    RECBOLE = "recbole"


@app.callback()
def export() -> None:
    """Keep `split` a command of its own, although it is the only one."""


@app.command("split")
def split(
    run: RunId = "latest",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="The file; for recbole the folder.", show_default=False
        ),
    ] = None,
    format_: Annotated[
        Form,
        typer.Option("--format", "-f", help="parquet, csv, or RecBole's atomic files."),
    ] = Form.PARQUET,
    runs_dir: RunsDir = DEFAULT_RUNS,
) -> None:
    """Write which pairs (user, item) train, validate and test, by their keys."""
    from recommender.export import export_split

    for place in export_split(Runs(runs_dir).get(run), format_.value, output):
        print(place)
