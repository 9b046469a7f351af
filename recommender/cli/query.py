"""`kgrec query`: any reading query of the catalogue, with parameters."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from kg.errors import ConfigError
from kg.query_file import Query
from recommender.cli.options import DEFAULT_RUNS, Dataset, Param, RunsDir
from recommender.cli.output import Format, print_rows


def query(
    name: Annotated[str, typer.Argument(help="A query's name; `kgrec queries` lists them.")],
    param: Param = None,
    format_: Annotated[
        Format, typer.Option("--format", "-f", help="table, json or csv.")
    ] = Format.TABLE,
    dataset: Dataset = None,
    runs_dir: RunsDir = DEFAULT_RUNS,
) -> None:
    """Ask the graph one of the questions that `kgrec queries` lists.

    [bold]Examples[/]

    kgrec query browse/overview

    kgrec query recommend/for_user -p userId=u-1 -p limit=5 --format json
    """
    from kg.catalogue import Catalogue
    from recommender.graph import open_graph

    asked = Catalogue()[name]
    if asked.access != "read":
        raise ConfigError(
            f"The query {name!r} changes the graph; `kgrec query` only reads.",
            remedy="`kgrec queries` lists the queries that can be asked.",
        )
    parameters, identifiers = parse_parameters(asked, param or ())
    with open_graph(dataset, runs_dir) as graph:
        rows = graph.store.read(name, identifiers=identifiers, **parameters)
    print_rows([column.name for column in asked.columns], rows, format_)
    if not rows:
        used = asked.arguments(parameters)
        given = ", ".join(f"{name}={value!r}" for name, value in used.items())
        print(f"Nothing found{f' for {given}' if given else ''}.", file=sys.stderr)


def parse_parameters(
    query: Query, written: Sequence[str]
) -> tuple[dict[str, object], dict[str, str]]:
    """Return the parameters and the identifiers that `k=v` texts give to a query.

    An identifier such as `__KIND__` is written `KIND=Genre`.

    Raises:
        ConfigError: a text has no `=`, or a name or value does not fit the query.
    """
    known = {parameter.name: parameter for parameter in query.parameters}
    named = {identifier.name.strip("_"): identifier.name for identifier in query.identifiers}
    parameters: dict[str, object] = {}
    identifiers: dict[str, str] = {}
    for text in written:
        name, equals, value = text.partition("=")
        if not equals:
            raise ConfigError(f"--param {text!r} is not a parameter.", remedy="Write --param k=v.")
        if name in named:
            identifiers[named[name]] = value
        elif name in known:
            parameters[name] = known[name].parse(value, query.name)
        else:
            raise ConfigError(
                f"The query {query.name!r} has no parameter {name!r}.",
                remedy=f"Its parameters are: {', '.join([*known, *named]) or 'none'}.",
            )
    if missing := named.keys() - {name.strip("_") for name in identifiers}:
        raise ConfigError(
            f"The query {query.name!r} needs --param {min(missing)}=….",
            remedy=f"`kgrec queries {query.name}` explains its parameters.",
        )
    query.arguments(parameters)
    return parameters, identifiers
