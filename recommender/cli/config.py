"""`kgrec config`: what a config may hold, and whether one is right."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
import yaml

from recommender.cli.options import Set

app = typer.Typer(
    help="What a config may hold, and whether yours is right.\n\n"
    "[bold]Examples[/]\n\n"
    "kgrec config schema > kgrec.schema.json\n\n"
    "kgrec config check my.yaml --set split.method=temporal",
    no_args_is_help=True,
)


class Form(StrEnum):
    """How the schema is printed."""

    JSON = "json"
    MARKDOWN = "markdown"


@app.command("schema")
def schema(
    form: Annotated[
        Form, typer.Option("--format", "-f", help="json: JSON Schema; markdown: docs/keys.md.")
    ] = Form.JSON,
) -> None:
    """Print every key that a config may hold, with its meaning and default."""
    from recommender.config import Config
    from recommender.config_page import config_page

    if form is Form.MARKDOWN:
        print(config_page(), end="")
        return
    print(json.dumps(Config.model_json_schema(), indent=2, ensure_ascii=False))


@app.command("check")
def check(
    config: Annotated[Path, typer.Argument(help="The config, a YAML file.")], set_: Set = None
) -> None:
    """Check a config and print it in full, with all defaults."""
    from recommender.config import read_config
    from recommender.environment import Environment

    settings = read_config(config, set_ or (), Environment.read().variables)
    print(yaml.safe_dump(settings.model_dump(mode="json"), sort_keys=False, allow_unicode=True))
