"""A colour for each kind of node and each relationship type, wherever a graph is drawn.

What the schema names always has the same colour; kinds of attributes take the next of a row, by
name, so that a graph looks the same each time.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from kg.schema import BEHAVIOURS, BOOKKEEPING, RELATIONS

_NODES: Final = {
    "User": "#3B6FB6",
    "Item": "#E07A3F",
    "Review": "#B9C2CE",
    "Attribute": "#6FA287",
    "Entity": "#8A6BB1",
    "Aspect": "#E3B93C",
    "Topic": "#2F9C95",
    "Segment": "#D48BB5",
    "Alert": "#C8324B",
}
_KINDS: Final = (
    "#7FB069",
    "#C3CC6F",
    "#4F7F63",
    "#B59A6A",
    "#94B8A8",
    "#8C7A5B",
    "#5FA8C9",
    "#A9A29A",
)
_QUIET: Final = "#8D95A0"
_DARK, _LIGHT = "#1F2733", "#FFFFFF"

_TYPES: Final = {
    "RECOMMENDED": "#D1495B",
    "SIMILAR_TO": "#E07A3F",
    "INTERESTED_IN": "#C79A1B",
    "DESCRIBED_BY": "#C79A1B",
    "HAS_ATTRIBUTE": "#5E9276",
    "IN_SEGMENT": "#D48BB5",
    "KNOWN_FOR": "#D48BB5",
    "RAISED_ON": "#C8324B",
    "RAISED_IN": "#C8324B",
    "SHOWN_BY": "#C8324B",
    **dict.fromkeys(BEHAVIOURS, "#3B6FB6"),
    **dict.fromkeys(RELATIONS, "#6E7F94"),
}


def node_colours(labels: Iterable[str]) -> dict[str, str]:
    """Return a colour, #RRGGBB, for each label."""
    quiet = {node.label for node in BOOKKEEPING}
    known = _NODES | dict.fromkeys(quiet, _QUIET)
    wanted = sorted(set(labels))
    kinds = [label for label in wanted if label not in known]
    taken = {label: _KINDS[place % len(_KINDS)] for place, label in enumerate(kinds)}
    return {label: known.get(label) or taken[label] for label in wanted}


def type_colour(type_: str) -> str:
    """Return the colour of a relationship type, #RRGGBB."""
    return _TYPES.get(type_, "#A7AFBA")


def text_colour(background: str) -> str:
    """Return dark or light, whichever is easier to read on a colour."""
    red, green, blue = (int(background[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return _DARK if 0.299 * red + 0.587 * green + 0.114 * blue > 0.53 else _LIGHT


def border_colour(background: str) -> str:
    """Return a darker shade of a colour."""
    parts = (int(background[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(part * 0.78):02X}" for part in parts)
