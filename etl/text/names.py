"""A name of the catalogue, as texts may write it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Writing(StrEnum):
    """How a name must be written to count as a mention."""

    ANY = "any"
    """In any case: the name cannot be mistaken for ordinary words."""
    CAPITALS = "capitals"
    """Written as the catalogue does, and not only because a sentence begins there."""
    QUOTED = "quoted"
    """In quotation marks: the name is one of the commonest words."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name to look for.

    Attributes:
        entity_id: kind and normalised catalogue name.
        name: as the catalogue writes it.
        kind: Item, or the attribute's kind.
        refers_to: the item's or attribute's key; None where several items share the name.
        form: this way of writing it.
        writing: how strictly `form` must be met.
    """

    entity_id: str
    name: str
    kind: str
    refers_to: str | None
    form: str
    writing: Writing
