"""The graph's looks in Neo4j Browser, as GraSS: a rule for each label and relationship type.

GraSS knows no value but a caption that differs within a label or a type. So a circle is as large as
the nodes of its label are well connected on average, and a line as thick as its type matters; the
place of a recommendation is its caption. What differs node by node `kgrec graph picture` draws.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kg.schema import NODES
from recommender.colours import border_colour, node_colours, text_colour, type_colour

_CAPTIONS: Final = {
    "Review": "{text}",
    "Attribute": "{name}",
    "Entity": "{name}",
    "Aspect": "{name}",
    "Topic": "{label}",
    "Segment": "{name}",
    "Alert": "{sentence}",
}
_TYPE_CAPTIONS: Final = {"RECOMMENDED": "place {rank}", "SIMILAR_TO": "near {rank}"}
_WIDTHS: Final = {"RECOMMENDED": 5, "INTERESTED_IN": 3, "DESCRIBED_BY": 3, "SIMILAR_TO": 2}
_SMALLEST, _LARGEST = 40, 72


@dataclass(frozen=True)
class Label:
    """One label of the live graph.

    Attributes:
        nodes: how many carry it.
        degree: relationships of a node, on average.
        titled: share of nodes that have a title.
    """

    name: str
    nodes: int
    degree: float
    titled: float


def style(labels: Sequence[Label], types: Sequence[str]) -> str:
    """Return the GraSS text; the rule of an attribute's kind stands after :Attribute's and wins."""
    colours = node_colours(label.name for label in labels)
    diameters = _diameters(labels)
    rules = [_rule("node", {"color": "#A7AFBA", "font-size": "11px"})]
    for label in sorted(labels, key=lambda each: (each.name not in NODES, each.name)):
        colour = colours[label.name]
        rule = {
            "diameter": f"{diameters[label.name]}px",
            "color": colour,
            "border-color": border_colour(colour),
            "text-color-internal": text_colour(colour),
            "caption": f"'{_caption(label)}'",
        }
        rules.append(_rule(f"node.{label.name}", rule))
    rules.append(_rule("relationship", {"color": "#A7AFBA", "shaft-width": "1px"}))
    for type_ in sorted(types):
        colour = type_colour(type_)
        rule = {
            "color": colour,
            "shaft-width": f"{_WIDTHS.get(type_, 1)}px",
            "font-size": "9px",
            "text-color-external": border_colour(colour),
            "caption": f"'{_TYPE_CAPTIONS.get(type_, '<type>')}'",
        }
        rules.append(_rule(f"relationship.{type_}", rule))
    return "\n".join(rules)


def _caption(label: Label) -> str:
    if label.name == "Item" and label.titled > 0.5:
        return "{title}"
    node = NODES.get(label.name, NODES["Attribute"])
    return _CAPTIONS.get(node.label, f"{{{node.key}}}")


def _diameters(labels: Sequence[Label]) -> dict[str, int]:
    """Return how large the circles are, by the logarithm of the mean degree."""
    sizes = {label.name: math.log1p(label.degree) for label in labels}
    least, most = min(sizes.values(), default=0.0), max(sizes.values(), default=0.0)
    span = (most - least) or 1.0
    return {
        name: round(_SMALLEST + (_LARGEST - _SMALLEST) * (size - least) / span)
        for name, size in sizes.items()
    }


def _rule(selector: str, properties: Mapping[str, str]) -> str:
    lines = "".join(f"  {name}: {value};\n" for name, value in properties.items())
    return f"{selector} {{\n{lines}}}\n"
