"""A still picture, by matplotlib: .png, .svg or .pdf, whatever the file's ending says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from recommender.picture.drawing import Drawing
from recommender.picture.layout import places_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INCHES = (10.0, 7.5)
_RADIUS = 9.0
_INK, _FAINT = "#1F2733", "#6B7280"


def write_still(drawing: Drawing, place: Path, *, seed: int) -> None:
    """Draw it into a file."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    figure = Figure(figsize=_INCHES)
    axes = figure.add_subplot()
    axes.set_axis_off()
    axes.margins(0.08)
    places = places_of(drawing, seed=seed)
    _draw_lines(axes, drawing, places)
    _draw_circles(axes, drawing, places)
    _draw_legend(axes, drawing)
    undated = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(place.suffix)
    with rc_context({"svg.hashsalt": "kgrec"}):
        figure.savefig(place, dpi=160, bbox_inches="tight", metadata=undated)


def _draw_lines(axes: Axes, drawing: Drawing, places: dict[str, tuple[float, float]]) -> None:
    sizes = {circle.id: _RADIUS * circle.size for circle in drawing.circles}
    for line in drawing.lines:
        arrow = {
            "arrowstyle": "-|>",
            "color": line.colour,
            "linewidth": line.width,
            "alpha": 0.75,
            "shrinkA": sizes[line.start],
            "shrinkB": sizes[line.end] + 1,
            "connectionstyle": "arc3,rad=0.06",
            "mutation_scale": 7 + line.width,
        }
        axes.annotate("", places[line.end], places[line.start], arrowprops=arrow)
        if line.type == "RECOMMENDED":
            (x0, y0), (x1, y1) = places[line.start], places[line.end]
            axes.text(
                (x0 + x1) / 2,
                (y0 + y1) / 2,
                line.caption.removeprefix("place "),
                fontsize=7.5,
                color="white",
                ha="center",
                va="center",
                bbox={"boxstyle": "circle,pad=0.25", "fc": line.colour, "ec": "none"},
                zorder=4,
            )


def _draw_circles(axes: Axes, drawing: Drawing, places: dict[str, tuple[float, float]]) -> None:
    from matplotlib.patheffects import withStroke

    axes.scatter(
        [places[circle.id][0] for circle in drawing.circles],
        [places[circle.id][1] for circle in drawing.circles],
        s=[(2 * _RADIUS * circle.size) ** 2 for circle in drawing.circles],
        c=[circle.colour for circle in drawing.circles],
        edgecolors="white",
        linewidths=1.0,
        zorder=3,
    )
    for circle in drawing.circles:
        axes.annotate(
            circle.caption,
            places[circle.id],
            xytext=(0, -_RADIUS * circle.size - 2),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=7.5,
            color=_INK,
            parse_math=False,
            path_effects=[withStroke(linewidth=2, foreground="white")],
            zorder=5,
        )


def _draw_legend(axes: Axes, drawing: Drawing) -> None:
    from matplotlib.lines import Line2D

    marks = [
        Line2D([], [], marker="o", linestyle="", color=colour, label=label, markersize=8)
        for label, colour in drawing.legend.items()
    ]
    axes.legend(
        handles=marks,
        loc="upper center",
        bbox_to_anchor=(0.5, 0.0),
        ncols=len(marks),
        frameon=False,
        fontsize=8,
        labelcolor=_FAINT,
        handletextpad=0.2,
    )
