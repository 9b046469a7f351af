"""`kgrec tradeoff`: what another order of the published lists costs and brings."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from recommender.cli.options import DEFAULT_RUNS, RunId, RunsDir
from recommender.cli.output import Format, print_rows


class Method(StrEnum):
    """How lists are put into another order."""

    MMR = "mmr"
    CALIBRATED = "calibrated"


def tradeoff(
    run: RunId = "latest",
    method: Annotated[
        Method, typer.Option(help="mmr: away from sameness; calibrated: as the user's likes.")
    ] = Method.MMR,
    kind: Annotated[
        str, typer.Option(help="Kind of attribute, such as Genre; calibrated needs one.")
    ] = "",
    candidates: Annotated[
        int, typer.Option(min=10, help="Each user's best items that are put into order.")
    ] = 100,
    format_: Annotated[
        Format, typer.Option("--format", "-f", help="table, json or csv.")
    ] = Format.TABLE,
    runs_dir: RunsDir = DEFAULT_RUNS,
) -> None:
    """Put the first model's lists into another order, with weights from 0 to 1, on validation.

    The run must have come as far as `kgrec train`. What comes of it stays in its folder
    (`tradeoff.json`), and the run's report shows it as a chart. `publish.rerank` in the config
    takes the weight that you choose.

    [bold]Example[/]

    kgrec tradeoff latest --method calibrated --kind Genre
    """
    from embeddings.settings import RerankSettings
    from kg.errors import ConfigError
    from recommender.cli.bar import progress_bar
    from recommender.experiments import Experiment

    if method is Method.CALIBRATED and not kind:
        raise ConfigError(
            "Lists can be calibrated to a kind of attribute only, and none was named.",
            remedy="Name one, such as --kind Genre.",
        )
    experiment = Experiment.of(runs_dir, run)

    from recommender.tradeoff import tradeoff_of_run

    settings = RerankSettings(method=method.value, kind=kind, candidates=candidates)
    with progress_bar("weights") as progress:
        rows = tradeoff_of_run(experiment, settings, progress=progress)
    print_rows(list(rows[0]), rows, format_)
