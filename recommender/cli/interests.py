"""`kgrec interests`: which profile foretells best what users turn to next."""

from __future__ import annotations

from typing import Annotated

import typer

from recommender.cli.options import DEFAULT_RUNS, RunId, RunsDir
from recommender.cli.output import Format, print_rows


def interests(
    run: RunId = "latest",
    format_: Annotated[
        Format, typer.Option("--format", "-f", help="table, json or csv.")
    ] = Format.TABLE,
    runs_dir: RunsDir = DEFAULT_RUNS,
) -> None:
    """Compare profiles of users' interests on what the run held out.

    Four profiles are made from the training part: popularity, the plain evidence, and two that
    smooth it, by a truncated singular value decomposition and by propagation over the graph. Each
    ranks all aspects (attributes) for every user; the aspects (attributes) of the user's held-out
    liked items, and those that the user speaks of in held-out reviews, should come first. Settings
    are chosen on the validation part; the figures are of the test part. They stay in the run's
    folder (`interests.json`). docs/interests.md has those of two public sets.

    [bold]Example[/]

    kgrec interests latest
    """
    from recommender.cli.bar import progress_bar
    from recommender.experiments import Experiment
    from recommender.interests import interests_of_run

    experiment = Experiment.of(runs_dir, run)
    with progress_bar("settings") as progress:
        rows = interests_of_run(experiment, progress=progress)
    print_rows(list(rows[0]), rows, format_)
