"""Time and memory against size."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from benchmarks.scale import Measured


def draw(found: Sequence[Measured], path: Path) -> None:
    """Write a picture: processor time by stage on the left, GiB on the right."""
    figure = Figure(figsize=(11, 5.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    for number, phase in enumerate(dict.fromkeys(row.phase for row in found)):
        rows, colour = [row for row in found if row.phase == phase], f"C{number}"
        sizes = [row.interactions for row in rows]
        spent = [row.own_cpu + row.server_cpu for row in rows]
        left.plot(sizes, spent, "o-", color=colour, label=phase)
        bare = [(row.interactions, row.floor_cpu) for row in rows if row.floor_cpu]
        if bare:
            left.plot(*zip(*bare, strict=True), ":", color=colour, linewidth=1)
        right.plot(sizes, [row.total_gb for row in rows], "o-", color=colour)
    _finish(left, "processor seconds, with the graph's server (dotted: the floor)")
    left.set_yscale("log")
    _finish(right, "most memory, with the graph's server, GiB")
    right.set_ylim(bottom=0)
    figure.legend(loc="outside right upper", frameon=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)


def _finish(axes: Axes, what: str) -> None:
    axes.set_xscale("log")
    axes.set_xlabel("interactions")
    axes.set_ylabel(what)
    axes.grid(visible=True, alpha=0.3)
