"""Importing this loads whatever a run needs: what is forked from here can begin at once."""

from typing import Final

from recommender.job import run_job
from recommender.stage import Work
from recommender.workflow import WORKFLOW

LOADED: Final = (
    run_job,
    *(stage.function.resolve() for stage in WORKFLOW if isinstance(stage.function, Work)),
)
