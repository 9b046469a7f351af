"""Where circles stand in a still picture."""

from __future__ import annotations

import networkx as nx

from recommender.picture.drawing import Drawing

_ROUNDS = 200


def places_of(drawing: Drawing, *, seed: int) -> dict[str, tuple[float, float]]:
    """Return a place in the unit square for each circle, the same ones for the same seed."""
    graph = nx.Graph()
    graph.add_nodes_from(circle.id for circle in drawing.circles)
    graph.add_edges_from((line.start, line.end) for line in drawing.lines)
    room = 2.2 / max(len(drawing.circles), 1) ** 0.5
    found = nx.spring_layout(graph, k=room, iterations=_ROUNDS, seed=seed)
    xs, ys = ([float(place[axis]) for place in found.values()] for axis in (0, 1))
    return {key: (_share(float(x), xs), _share(float(y), ys)) for key, (x, y) in found.items()}


def _share(value: float, of: list[float]) -> float:
    span = max(of) - min(of)
    return (value - min(of)) / span if span else 0.5
