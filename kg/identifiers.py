"""Identifiers that a query leaves open, and what may stand for them: none ever comes from data.

Labels and relationship types are those of `kg.schema`, or a configuration declares them (attribute
kinds, behaviours, relations) and they pass through the `check_*` functions.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from kg.errors import ConfigError, UnknownKeyError
from kg.schema import BEHAVIOURS, NODES, RELATIONS, RESERVED_TYPES

IdentifierKind = Literal["behaviour", "kind", "relation", "label", "key", "type"]
IDENTIFIER_KINDS: Final[dict[IdentifierKind, str]] = {
    "behaviour": "RATED",
    "kind": "Brand",
    "relation": "ALSO_BOUGHT",
    "label": "User",
    "key": "userId",
    "type": "RATED",
}
"""What a query file may leave open, each with an example to explain the query with."""

_KIND: Final = re.compile(r"[A-Z][A-Za-z0-9]{0,31}")
_TYPE: Final = re.compile(r"[A-Z][A-Z0-9_]{0,31}")


def check_kind(name: str) -> str:
    """Return the attribute kind if it can be a second label; else raise ConfigError."""
    if not _KIND.fullmatch(name):
        raise ConfigError(
            f"The attribute kind {name!r} cannot be a label.",
            remedy="Write a capital letter, then up to 31 letters or digits, such as Brand.",
        )
    if name in NODES:
        raise ConfigError(
            f"The attribute kind {name!r} is already the label of a node type.",
            remedy="Choose another name for the kind.",
        )
    return name


def check_behaviour(name: str) -> str:
    """Return the behaviour if it can be a relationship type User → Item; else ConfigError."""
    _check_type("behaviour", name)
    if name in RELATIONS or name in RESERVED_TYPES:
        raise ConfigError(
            f"The behaviour {name!r} is already a relationship type with another meaning.",
            remedy=f"Choose another name. Built in are {', '.join(BEHAVIOURS)}.",
        )
    return name


def check_relation(name: str) -> str:
    """Return the relation if it can be a relationship type among users or items."""
    _check_type("relation", name)
    if name in BEHAVIOURS or name in RESERVED_TYPES:
        raise ConfigError(
            f"The relation {name!r} is already a relationship type with another meaning.",
            remedy=f"Choose another name. Built in are {', '.join(RELATIONS)}.",
        )
    return name


def check_identifier(kind: IdentifierKind, value: str) -> str:
    """Return a value that may stand for an identifier of this kind in a query; else raise."""
    if kind == "kind":
        return check_kind(value)
    if kind == "behaviour":
        return check_behaviour(value)
    if kind == "relation":
        return check_relation(value)
    if kind == "type":
        return value if value in RESERVED_TYPES else _check_type("relationship type", value)
    known = set(NODES) if kind == "label" else {node.key for node in NODES.values()}
    if value not in known:
        raise UnknownKeyError(f"node {kind}", value, known)
    return value


def _check_type(kind: str, name: str) -> str:
    if not _TYPE.fullmatch(name):
        raise ConfigError(
            f"The {kind} {name!r} cannot be a relationship type.",
            remedy="Write a capital letter, then up to 31 capitals, digits or _, such as RATED.",
        )
    return name


def between(type_: str, start: str, end: str) -> dict[str, str]:
    """Return what a query about relationships of a type between two labels leaves open."""
    return {
        "__TYPE__": type_,
        "__START__": start,
        "__START_KEY__": NODES[start].key,
        "__END__": end,
        "__END_KEY__": NODES[end].key,
    }
