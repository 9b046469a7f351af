"""The mapping: what of a file of outside knowledge is taken, and how it is linked to items."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field, StringConstraints

from etl.sources.base import Kind
from kg.settings import Settings

Iri = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>]+$")]
_LABEL: Final = ("http://www.w3.org/2000/01/rdf-schema#label",)


class UriLink(Settings):
    """Items and entities that name each other: by address, or by an id that both carry."""

    predicate: Iri | None = None
    """What says the id of an entity, such as Wikidata's P345 (IMDb); null: the entity's address."""
    property: str | None = None
    """The item's property that holds the same; null: the item's key."""


class LabelLink(Settings):
    """Items and entities of the same name."""

    confidence: float = Field(default=0.8, gt=0, le=1)
    """Least confidence of a link. A name that is equal but for case and a trailing "(film)"
    gives 0.95, one with other accents, punctuation or articles 0.85; among n entities of that
    name each has an n-th of it, unless the year of one alone is the item's."""
    classes: tuple[Iri, ...] = ()
    """Only entities of these classes; none: of any."""
    year: Iri | None = None
    """What says the date of an entity, to compare with the item's `releasedAt`: more than a year
    apart is no link."""


class KnowledgeMapping(Settings):
    """What of a file of RDF is taken."""

    predicates: dict[Iri, str] = Field(default_factory=dict)
    """Predicates that become relationships among entities, and what each is called."""
    attributes: dict[Iri, Kind] = Field(default_factory=dict)
    """Predicates whose value becomes an attribute of the linked item, and its kind (Director)."""
    names: tuple[Iri, ...] = _LABEL
    """Predicates that say an entity's name."""
    languages: tuple[str, ...] = ("en",)
    """Languages of names, best first; a name without a language is taken after these."""
    hops: int = Field(default=2, ge=1, le=3)
    """How far from the linked entities triples are taken."""
    uris: tuple[UriLink, ...] = ()
    """Links by address or id; their confidence is 1."""
    labels: LabelLink | None = None
    """Links by name, for items that no address or id links."""
