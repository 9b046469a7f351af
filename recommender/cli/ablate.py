"""`kgrec ablate`: what each part of our network adds."""

from __future__ import annotations

from typing import Annotated

import typer

from recommender.cli.options import DEFAULT_RUNS, RunId, RunsDir
from recommender.cli.output import Format, print_rows


def ablate(
    run: RunId = "latest",
    seeds: Annotated[int, typer.Option(min=1, help="Trainings of each variant.")] = 3,
    format_: Annotated[
        Format, typer.Option("--format", "-f", help="table, json or csv.")
    ] = Format.TABLE,
    runs_dir: RunsDir = DEFAULT_RUNS,
) -> None:
    """Train hetero-gat without text, knowledge, attention …, and compare on the same test users.

    The run must have come as far as `kgrec train`. What comes of it stays in its folder
    (`ablation.json`), and the run's report shows it as a chart.

    [bold]Example[/]

    kgrec run my.yaml && kgrec ablate latest --seeds 3
    """
    from recommender.cli.bar import progress_bar
    from recommender.experiments import Experiment

    experiment = Experiment.of(runs_dir, run)

    from recommender.ablation import ablate_run

    with progress_bar("trainings") as progress:
        rows = ablate_run(experiment, seeds=seeds, progress=progress)
    if format_ is Format.TABLE:
        print("What the whole network reaches beyond each variant, mean of", seeds, "trainings\n")
    print_rows(list(rows[0]), rows, format_)
