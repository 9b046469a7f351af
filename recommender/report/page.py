"""The page: all sections, rendered with templates that escape whatever comes from data."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from recommender.report import words
from recommender.report.ablation import ablated
from recommender.report.clicks import clicks_of
from recommender.report.comparisons import compared
from recommender.report.course import course_of
from recommender.report.data import data_of
from recommender.report.expectations import expected_of, forced_by
from recommender.report.faithfulness import faithfulness_of
from recommender.report.folder import Folder
from recommender.report.graph import graph_of
from recommender.report.neighbourhood import neighbourhood_of
from recommender.report.people import people_of
from recommender.report.probability import probability_of
from recommender.report.ratings import ratings_of
from recommender.report.scores import scores_of
from recommender.report.texts import texts_of
from recommender.report.tradeoff import tradeoff_of
from recommender.report.traits import traits_of
from recommender.terminal import shown

NAME = "report.html"


def write_report(folder: Path) -> Path:
    """Write `report.html` into a run's folder, from that folder's files alone.

    Every section does without its input where that is absent, and says so.

    Args:
        folder: the run's folder.

    Returns:
        Where the report is.
    """
    inputs = Folder(folder)
    page = (
        _environment()
        .get_template("report.html")
        .render(
            course=course_of(inputs),
            data=data_of(inputs),
            texts=texts_of(inputs),
            graph=graph_of(inputs),
            neighbourhood=neighbourhood_of(inputs),
            scores=scores_of(inputs),
            compared=compared(inputs),
            ablated=ablated(inputs),
            tradeoff=tradeoff_of(inputs),
            faithful=faithfulness_of(inputs),
            clicks=clicks_of(inputs),
            probability=probability_of(inputs),
            ratings=ratings_of(inputs),
            traits=traits_of(inputs),
            people=people_of(inputs),
            expected=expected_of(inputs),
            forced_by=forced_by(inputs),
        )
    )
    place = folder / NAME
    draft = place.with_suffix(".html.part")
    draft.write_text(page, encoding="utf-8")
    return draft.replace(place)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("recommender", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        count=words.count, percent=words.percent, decimal=words.decimal, language=words.language
    )
    return environment
