"""The graph's picture: five places, and curves between them with types and counts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from kg.schema import BOOKKEEPING, RELATIONSHIP_TYPES
from recommender.report import words
from recommender.report.folder import Folder, mapping, number

_SPOKEN = ("Aspect", "Topic", "Entity")
_HIDDEN = frozenset(node.label for node in BOOKKEEPING)
_PLACES = {
    "User": (110.0, 250.0),
    "Review": (400.0, 74.0),
    "Item": (600.0, 250.0),
    "Spoken": (400.0, 446.0),
    "Attribute": (892.0, 250.0),
}
_ENDS = {each.type: (each.start[0], each.end[0]) for each in RELATIONSHIP_TYPES}
_RESULTS = frozenset({"RECOMMENDED", "SIMILAR_TO"})
_BENDS = {
    ("User", "Item", False): -30.0,
    ("User", "Item", True): 44.0,
    ("User", "Review", False): -26.0,
    ("Review", "Item", False): -26.0,
    ("Item", "Spoken", False): -22.0,
    ("User", "Spoken", False): 26.0,
    ("Review", "Spoken", False): 0.0,
}
_LABEL_AT = {("Review", "Spoken"): 0.17, ("User", "Item"): 0.4}
_LOOPS = {("Item", False): -48.0, ("Item", True): 48.0}
_LINES = 4


@dataclass(frozen=True)
class Node:
    """A circle."""

    label: str
    count: str
    x: float
    y: float
    radius: float
    style: str


@dataclass(frozen=True)
class Edge:
    """A curve with the relationship types it stands for."""

    path: str
    x: float
    y: float
    anchor: str
    lines: list[tuple[str, str]]
    result: bool
    width: float


@dataclass(frozen=True)
class Graph:
    """The section on the graph."""

    nodes: list[Node]
    edges: list[Edge]
    kinds: list[tuple[str, str]]
    node_rows: list[tuple[str, str]]
    relationship_rows: list[tuple[str, str]]
    total_nodes: str
    total_relationships: str


def graph_of(folder: Folder) -> Graph | None:
    """Return the section on the graph, None without `graph.json`.

    The file holds `nodes` (label → count) and `relationships` (type → count).
    """
    document = folder.document("graph.json")
    nodes = _counts(document, "nodes")
    relationships = {
        name: n
        for name, n in _counts(document, "relationships").items()
        if not _HIDDEN.intersection(_route(name))
    }
    if not nodes:
        return None
    shown = {label: n for label, n in nodes.items() if label not in _HIDDEN}
    kinds = {n: c for n, c in shown.items() if n not in _PLACES and n not in _SPOKEN}
    plain = {label: n for label, n in shown.items() if label not in kinds}
    return Graph(
        nodes=_nodes(plain),
        edges=_edges(relationships, plain),
        kinds=_rows(kinds),
        node_rows=_rows(shown),
        relationship_rows=_rows(relationships),
        total_nodes=words.count(sum(plain.values())),
        total_relationships=words.count(sum(relationships.values())),
    )


def _counts(document: Mapping[str, object], name: str) -> dict[str, int]:
    found = {str(key): number(value) for key, value in mapping(document.get(name)).items()}
    return {key: round(value) for key, value in found.items() if value}


def _rows(counts: dict[str, int]) -> list[tuple[str, str]]:
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [(name, words.count(n)) for name, n in ordered]


def _nodes(counts: dict[str, int]) -> list[Node]:
    nodes = []
    most = max(counts.values(), default=1)
    for label, (x, y) in _PLACES.items():
        if label in counts:
            nodes.append(_node(label, counts[label], x, y, most))
    spoken = [label for label in _SPOKEN if label in counts]
    middle_x, middle_y = _PLACES["Spoken"]
    for place, label in enumerate(spoken):
        x = middle_x + 112 * (place - (len(spoken) - 1) / 2)
        nodes.append(_node(label, counts[label], x, middle_y, most))
    return nodes


def _node(label: str, n: int, x: float, y: float, most: int) -> Node:
    radius = 38 + 12 * math.log1p(n) / math.log1p(most)
    return Node(label, words.short_count(n), x, y, round(radius, 1), label.lower())


def _edges(relationships: dict[str, int], nodes: dict[str, int]) -> list[Edge]:
    present = set(nodes) | ({"Spoken"} if any(label in nodes for label in _SPOKEN) else set())
    bundles: dict[tuple[str, str, bool], list[tuple[str, int]]] = {}
    for name, n in sorted(relationships.items(), key=lambda pair: -pair[1]):
        start, end = _route(name)
        if start in present and end in present:
            bundles.setdefault((start, end, name in _RESULTS), []).append((name, n))
    most = max((n for types in bundles.values() for _, n in types), default=1)
    return [_edge(*ends, types, most) for ends, types in bundles.items()]


def _route(name: str) -> tuple[str, str]:
    """Return the places that a type connects; types that a config declares are behaviours."""
    start, end = (
        "Spoken" if label in _SPOKEN else label for label in _ENDS.get(name, ("User", "Item"))
    )
    return start, end


def _edge(start: str, end: str, result: bool, types: list[tuple[str, int]], most: int) -> Edge:
    shown = [(name, words.short_count(n)) for name, n in types[:_LINES]]
    if len(types) > _LINES:
        shown.append((f"and {len(types) - _LINES} more", ""))
    width = round(1.2 + 2.6 * math.log1p(types[0][1]) / math.log1p(most), 2)
    if start == end:
        return _loop(start, result, shown, width)
    (x0, y0), (x1, y1) = _PLACES[start], _PLACES[end]
    along = math.hypot(x1 - x0, y1 - y0)
    ux, uy = (x1 - x0) / along, (y1 - y0) / along
    bend = _BENDS.get((start, end, result), 0.0)
    leave = 48.0
    arrive = 62.0 if end == "Spoken" else 54.0
    sx, sy, ex, ey = x0 + ux * leave, y0 + uy * leave, x1 - ux * arrive, y1 - uy * arrive
    cx, cy = (sx + ex) / 2 - uy * bend * 2, (sy + ey) / 2 + ux * bend * 2
    t = _LABEL_AT.get((start, end), 0.5)
    x = (1 - t) ** 2 * sx + 2 * t * (1 - t) * cx + t**2 * ex
    y = (1 - t) ** 2 * sy + 2 * t * (1 - t) * cy + t**2 * ey
    path = f"M{sx:.1f},{sy:.1f}Q{cx:.1f},{cy:.1f} {ex:.1f},{ey:.1f}"
    return Edge(path, round(x, 1), round(y, 1), "middle", shown, result, width)


def _loop(place: str, result: bool, shown: list[tuple[str, str]], width: float) -> Edge:
    """Return a curve from a place to itself, leaving at the place's free side."""
    x, y = _PLACES[place]
    if place == "Spoken":
        return Edge(_turn(x + 166, y, 0.0), x + 246, y, "start", shown, result, width)
    angle = _LOOPS.get((place, result), -90.0)
    across, up = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    path = _turn(x + 44 * across, y + 44 * up, angle)
    anchor = "middle" if abs(across) < 0.3 else "start"
    reach = 112 if anchor == "middle" else 104
    return Edge(path, x + reach * across, y + reach * up, anchor, shown, result, width)


def _turn(x: float, y: float, angle: float) -> str:
    """Return a loop that leaves (x, y) at an angle and comes back beside it."""
    ux, uy = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    points = ((0, -14), (64, -40), (64, 40), (4, 16))
    placed = [f"{x + a * ux - b * uy:.1f},{y + a * uy + b * ux:.1f}" for a, b in points]
    return f"M{placed[0]}C{placed[1]} {placed[2]} {placed[3]}"
