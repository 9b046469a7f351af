"""What is drawn: circles and lines, from the paths that queries return.

A circle grows with the logarithm of its lines in the picture. A line of :RECOMMENDED is as thick as
its score among the picture's, one of interests, descriptions and topics as its weight.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from textwrap import shorten
from typing import Any, Final

from kg.schema import NODES
from recommender.colours import node_colours, type_colour
from recommender.terminal import plain

LONGEST: Final = 34
_NAMES: Final = ("title", "name", "label", "sentence", "text")
_THIN, _THICK = 1.0, 6.0
_WEIGHED: Final = frozenset({"INTERESTED_IN", "DESCRIBED_BY", "HAS_TOPIC"})
_VECTORS: Final = frozenset({"embedding", "textVector", "wordWeights"})


@dataclass(frozen=True)
class Circle:
    """A node. `size` is its radius over the smallest one's."""

    id: str
    label: str
    caption: str
    colour: str
    size: float
    properties: Mapping[str, str]


@dataclass(frozen=True)
class Line:
    """A relationship between two circles, by their ids. `width` is in points."""

    start: str
    end: str
    type: str
    caption: str
    colour: str
    width: float
    properties: Mapping[str, str]


@dataclass(frozen=True)
class Drawing:
    """A part of the graph."""

    circles: list[Circle]
    lines: list[Line]

    def as_json(self) -> dict[str, object]:
        """Return what `drawing_from` reads: circles and lines, without their properties."""
        return {
            "circles": [asdict(replace(circle, properties={})) for circle in self.circles],
            "lines": [asdict(replace(line, properties={})) for line in self.lines],
        }

    @property
    def legend(self) -> dict[str, str]:
        """Label → colour, of what is drawn."""
        return {circle.label: circle.colour for circle in sorted(self.circles, key=_by_label)}


def drawing_of(rows: Iterable[Mapping[str, object]]) -> Drawing:
    """Return what the paths in rows of a query draw; other values are no part of it."""
    nodes: dict[str, Mapping[str, Any]] = {}
    relationships: dict[tuple[str, str, str, str], Mapping[str, Any]] = {}
    for path in (_path(value) for row in rows for value in row.values()):
        ids = [_id(node) for node in path[::2]]
        nodes |= dict(zip(ids, path[::2], strict=True))
        for before, step, after in zip(ids, path[1::2], ids[1:], strict=False):
            ends = (after, before) if step.get("backwards") else (before, after)
            relationships[(*ends, step["type"], str(step.get("predicate", "")))] = step
    return Drawing(
        _circles(nodes, Counter(end for key in relationships for end in key[:2])),
        _lines(relationships),
    )


def drawing_from(document: Mapping[str, Any]) -> Drawing:
    """Return the drawing of a JSON document; an empty one if it holds none."""
    return Drawing(
        [Circle(**circle) for circle in document.get("circles", [])],
        [Line(**line) for line in document.get("lines", [])],
    )


def _circles(nodes: Mapping[str, Mapping[str, Any]], degrees: Mapping[str, int]) -> list[Circle]:
    shown = {key: _label(node) for key, node in nodes.items()}
    colours = node_colours(shown.values())
    return [
        Circle(
            id=key,
            label=shown[key],
            caption=_caption(node),
            colour=colours[shown[key]],
            size=round(1 + 0.45 * math.log(max(degrees[key], 1)), 3),
            properties=_properties(node),
        )
        for key, node in nodes.items()
    ]


def _lines(relationships: Mapping[tuple[str, str, str, str], Mapping[str, Any]]) -> list[Line]:
    scores = [step["score"] for step in relationships.values() if step["type"] == "RECOMMENDED"]
    least, most = min(scores, default=0.0), max(scores, default=0.0)
    lines = []
    for (start, end, type_, _), step in relationships.items():
        caption = type_.replace("_", " ").lower()
        strength = step.get("weight") or 0.0 if type_ in _WEIGHED else 0.0
        if type_ == "RECOMMENDED":
            caption = f"place {step['rank']}"
            strength = (step["score"] - least) / (most - least) if most > least else 1.0
        width = round(_THIN + (_THICK - _THIN) * min(max(strength, 0.0), 1.0), 2)
        lines.append(Line(start, end, type_, caption, type_colour(type_), width, _properties(step)))
    return lines


def _path(value: object) -> list[Mapping[str, Any]]:
    """Return a path's nodes and relationships in turn; nothing if the value is no path."""
    if isinstance(value, list) and value and isinstance(value[0], dict) and "labels" in value[0]:
        return value
    return []


def _known(node: Mapping[str, Any]) -> str:
    return next((label for label in node["labels"] if label in NODES), "")


def _label(node: Mapping[str, Any]) -> str:
    """Return the label to show: an attribute's kind, else the label that the schema knows."""
    kinds = [label for label in node["labels"] if label not in NODES]
    return str(kinds[0] if kinds else _known(node))


def _id(node: Mapping[str, Any]) -> str:
    known = _known(node)
    key = node.get(NODES[known].key) if known else sorted(node.items(), key=str)
    return f"{known}|{key}"


def _caption(node: Mapping[str, Any]) -> str:
    known = _known(node)
    own = str(node.get(NODES[known].key, "")) if known else ""
    name = next((str(node[name]) for name in _NAMES if node.get(name)), own)
    return plain(shorten(name, LONGEST, placeholder="…"))


def _properties(of: Mapping[str, Any]) -> dict[str, str]:
    hidden = _VECTORS | {"labels", "type", "backwards"}
    return {plain(name): plain(str(value)) for name, value in of.items() if name not in hidden}


def _by_label(circle: Circle) -> tuple[bool, str]:
    return circle.label not in NODES, circle.label
