"""`kgrec faithfulness`: whether reasons are what the model went by."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from recommender.cli.options import DEFAULT_RUNS, RunId, RunsDir
from recommender.cli.output import Format, print_rows


def faithfulness(
    run: RunId = "latest",
    pairs: Annotated[
        int, typer.Option(min=1, help="Pairs of a user and an item among the user's first ten.")
    ] = 200,
    picture: Annotated[
        Path | None,
        typer.Option(help="Draw the curves of deletion and insertion here; needs matplotlib."),
    ] = None,
    format_: Annotated[
        Format, typer.Option("--format", "-f", help="table, json or csv.")
    ] = Format.TABLE,
    runs_dir: RunsDir = DEFAULT_RUNS,
) -> None:
    """Take the edges of reasons away, score again, and compare with as many drawn edges.

    hetero-gat is trained once more on the run's training part, with the same seed and steps, as
    saved models keep no weights; nothing is trained without the edges. A row per way to weigh
    reasons: by evidence, attention, messages, gradient, integrated gradients, occlusion. What
    comes of it stays in the run's folder (`faithfulness.json`), and its report shows the curves.

    drop: of the score without the first three reasons; random edges: without as many drawn edges of
    the same relations at the same user and item; low, high: 95 % interval of the difference; over
    evidence: mean drop over 1, 3, 5 and 10 reasons less that of the weights by evidence.

    [bold]Example[/]

    kgrec train my.yaml && kgrec faithfulness latest --picture curves.png
    """
    from recommender.cli.bar import progress_bar
    from recommender.experiments import Experiment

    experiment = Experiment.of(runs_dir, run)

    from recommender.faithfulness import faithfulness_of_run

    with progress_bar("steps") as progress:
        rows = faithfulness_of_run(experiment, pairs=pairs, picture=picture, progress=progress)
    print_rows(list(rows[0]), rows, format_)
