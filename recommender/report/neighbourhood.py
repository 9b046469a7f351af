"""One person's neighbourhood in the graph, as a still picture."""

from __future__ import annotations

from dataclasses import dataclass

from recommender.picture.drawing import Drawing, drawing_from
from recommender.picture.files import SEED
from recommender.picture.layout import places_of
from recommender.report.folder import Folder

WIDTH, HEIGHT = 960, 620
_LEFT, _TOP = 70, 24
_RADIUS = 7.0
_WORD = 26


@dataclass(frozen=True)
class Dot:
    """A circle with its name below."""

    x: float
    y: float
    radius: float
    colour: str
    caption: str


@dataclass(frozen=True)
class Stroke:
    """A line up to the circle that it leads to; `mark` is the place on a list."""

    x1: float
    y1: float
    x2: float
    y2: float
    colour: str
    width: float
    mark: str


@dataclass(frozen=True)
class Neighbourhood:
    """The picture."""

    user: str
    dots: list[Dot]
    strokes: list[Stroke]
    legend: list[tuple[str, str]]
    width: int = WIDTH
    height: int = HEIGHT


def neighbourhood_of(folder: Folder) -> Neighbourhood | None:
    """Return the picture of `neighbourhood.json`, None without it.

    The file holds `user`, and the `circles` and `lines` of a drawing.
    """
    document = folder.document("neighbourhood.json")
    drawing = drawing_from(document)
    if not drawing.circles:
        return None
    places = {
        key: (_LEFT + x * (WIDTH - 2 * _LEFT), _TOP + y * (HEIGHT - 2 * _TOP - 16))
        for key, (x, y) in places_of(drawing, seed=SEED).items()
    }
    return Neighbourhood(
        user=str(document.get("user", "")),
        dots=_dots(drawing, places),
        strokes=_strokes(drawing, places),
        legend=list(drawing.legend.items()),
    )


def _dots(drawing: Drawing, places: dict[str, tuple[float, float]]) -> list[Dot]:
    return [
        Dot(
            round(places[circle.id][0], 1),
            round(places[circle.id][1], 1),
            round(_RADIUS * circle.size, 1),
            circle.colour,
            circle.caption[:_WORD],
        )
        for circle in drawing.circles
    ]


def _strokes(drawing: Drawing, places: dict[str, tuple[float, float]]) -> list[Stroke]:
    radii = {circle.id: _RADIUS * circle.size for circle in drawing.circles}
    strokes = []
    for line in drawing.lines:
        (x1, y1), (x2, y2) = places[line.start], places[line.end]
        length = max(((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5, 1.0)
        back = (radii[line.end] + 2) / length
        strokes.append(
            Stroke(
                round(x1, 1),
                round(y1, 1),
                round(x2 - (x2 - x1) * back, 1),
                round(y2 - (y2 - y1) * back, 1),
                line.colour,
                line.width,
                line.caption.removeprefix("place ") if line.type == "RECOMMENDED" else "",
            )
        )
    return strokes
