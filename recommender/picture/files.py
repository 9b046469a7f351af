"""Which picture a file's ending asks for."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from kg.errors import ConfigError
from recommender.picture.drawing import Drawing
from recommender.picture.interactive import write_interactive
from recommender.picture.still import write_still

STILL: Final = (".png", ".svg", ".pdf")
SEED: Final = 7
"""Of the places in a still picture, so that the same graph gives the same picture."""

Writer = Callable[[Drawing, Path], None]


def writer_of(place: Path) -> Writer:
    """Return what writes a picture with this file's ending.

    Raises:
        ConfigError: the ending is unknown, or the library that draws it is not installed.
    """
    if place.suffix == ".html":
        return _needs("neo4j_viz", write_interactive)
    if place.suffix in STILL:
        return _needs("matplotlib", partial(write_still, seed=SEED))
    raise ConfigError(
        f"{place} ends in {place.suffix or 'nothing'}; a picture is .html, {', '.join(STILL)}.",
        remedy="Choose .html for one to click in, .png for a page, .svg or .pdf for a paper.",
    )


def _needs(library: str, write: Writer) -> Writer:
    if find_spec(library) is None:
        raise ConfigError(
            f"Pictures need the library {library}, which is not installed.",
            remedy="pip install 'kgrec[pictures]'",
        )
    return write
