"""`kgrec init`: a starter config from a look at data files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def init(
    files: Annotated[
        list[Path], typer.Argument(help="Data files: CSV, TSV, JSON lines, Parquet, packed or not.")
    ],
    name: Annotated[
        str | None, typer.Option("--name", help="The dataset's name; default: the first file's.")
    ] = None,
) -> None:
    """Look at data files and print a starter config, with what was guessed and what was not.

    [bold]Example[/]

    kgrec init reviews.csv products.csv > my.yaml && kgrec run my.yaml
    """
    from etl.guess import guess, render

    print(render(guess(files, name=name)), end="")
