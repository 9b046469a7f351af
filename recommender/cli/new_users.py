"""`kgrec new-users`: how good the lists of people are whom training never saw."""

from __future__ import annotations

from typing import Annotated

import typer

from recommender.cli.options import DEFAULT_RUNS, RunId, RunsDir
from recommender.cli.output import Format, print_rows


def new_users(
    run: RunId = "latest",
    share: Annotated[
        float, typer.Option(min=0.01, max=0.9, help="Users who are kept out of training.")
    ] = 0.2,
    format_: Annotated[
        Format, typer.Option("--format", "-f", help="table, json or csv.")
    ] = Format.TABLE,
    runs_dir: RunsDir = DEFAULT_RUNS,
) -> None:
    """Train without some users, then score them by what they like; NDCG@10 on their test likes.

    Each model that can is compared with the run's own one, which was trained with these users. The
    run must have come as far as `kgrec train`. What comes of it stays in its folder
    (`new_users.json`).

    [bold]Example[/]

    kgrec train my.yaml && kgrec new-users latest --share 0.2
    """
    from recommender.cli.bar import progress_bar
    from recommender.experiments import Experiment

    experiment = Experiment.of(runs_dir, run)

    from recommender.new_users import new_users_of_run

    with progress_bar("steps") as progress:
        rows = new_users_of_run(experiment, share=share, progress=progress)
    print_rows(list(rows[0]), rows, format_)
