"""Names on the web: an IRI for every label, relationship type, property, node and relationship.

The schema (`kg/schema.py`) says what there is; this file says what it is called in RDF. Terms of
schema.org, SKOS and PROV-O stand in for our own where they mean the same; everything else is named
in a vocabulary of our own. Nodes are named by label and business key, percent-encoded, so that
any key gives a plain ASCII path and comes back from it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import quote, unquote

from kg.errors import ConfigError
from kg.schema import NODES, RELATIONSHIP_TYPES

PREFIXES: Final[dict[str, str]] = {
    "kg": "urn:kgrec:vocabulary:",
    "own": "urn:kgrec:property:",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "prov": "http://www.w3.org/ns/prov#",
}
"""Namespaces of exported files. `own` holds properties that a source brings (a user's traits)."""

DEFAULT_BASE: Final = "urn:kgrec:data:"
STATEMENT: Final = "statement"
_BASE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20]*[/#:]")
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.~-]+")
_WEB: Final = re.compile(r"https?://[^\s<>\"{}|\\^`\x00-\x20]+")


class Iri(str):
    """A name on the web, told apart from a text by its type."""

    __slots__ = ()


def term(short: str) -> Iri:
    """`schema:name` in full."""
    prefix, _, name = short.partition(":")
    return Iri(PREFIXES[prefix] + name)


TYPE: Final = term("rdf:type")
SUBJECT, PREDICATE, OBJECT = term("rdf:subject"), term("rdf:predicate"), term("rdf:object")
REIFIED: Final = term("rdf:Statement")
IDENTIFIER: Final = term("schema:identifier")
GENERATED_BY: Final = term("prov:wasGeneratedBy")
SAME: Final = term("owl:sameAs")
KG, OWN = PREFIXES["kg"], PREFIXES["own"]

ALSO: Final[dict[str, Iri]] = {
    label: term(short)
    for label, short in {
        "User": "schema:Person",
        "Item": "schema:Product",
        "Review": "schema:Review",
        "Attribute": "schema:DefinedTerm",
        "Entity": "schema:Thing",
        "Aspect": "skos:Concept",
        "Topic": "skos:Concept",
        "EtlRun": "prov:Activity",
        "ModelRun": "prov:Activity",
        "Dataset": "schema:Dataset",
    }.items()
}
"""What else a node of a label is: its second class."""

_BORROWED: Final[dict[str, dict[str, Iri]]] = {
    owner: {name: term(short) for name, short in names.items()}
    for owner, names in {
        "Item": {
            "title": "schema:name",
            "description": "schema:description",
            "price": "schema:price",
            "releasedAt": "schema:releaseDate",
        },
        "Review": {
            "title": "schema:headline",
            "text": "schema:reviewBody",
            "writtenAt": "schema:dateCreated",
            "language": "schema:inLanguage",
        },
        "Attribute": {"name": "schema:name"},
        "Entity": {"name": "schema:name"},
        "Aspect": {"name": "skos:prefLabel"},
        "Topic": {"label": "skos:prefLabel"},
        "EtlRun": {"startedAt": "prov:startedAtTime", "finishedAt": "prov:endedAtTime"},
        "ModelRun": {"startedAt": "prov:startedAtTime", "finishedAt": "prov:endedAtTime"},
        "Dataset": {"name": "schema:name"},
    }.items()
}
_BORROWED_TYPES: Final[dict[str, Iri]] = {
    "ABOUT": term("schema:itemReviewed"),
    "MENTIONS": term("schema:mentions"),
    "HAS_TOPIC": term("schema:about"),
    "SIMILAR_TO": term("schema:isSimilarTo"),
    "FOLLOWS": term("schema:follows"),
}
_OF_MODELS: Final = frozenset({"RECOMMENDED", "SIMILAR_TO"})
_KNOWN: Final[dict[str, frozenset[str]]] = {
    **{label: frozenset(p.name for p in node.properties) for label, node in NODES.items()},
    **{kind.type: frozenset(p.name for p in kind.properties) for kind in RELATIONSHIP_TYPES},
}
_OF_BEHAVIOURS: Final = _KNOWN["RATED"]
_NAMES: Final = {
    owner: {iri: name for name, iri in names.items()} for owner, names in _BORROWED.items()
}
_TYPES: Final = {iri: name for name, iri in _BORROWED_TYPES.items()}


def check_base(base: str) -> str:
    """Return a base that the names of nodes can begin with; else raise ConfigError."""
    if not _BASE.fullmatch(base):
        raise ConfigError(
            f"The base {base!r} cannot begin the names of nodes.",
            remedy="Write an absolute IRI that ends with /, # or :, like https://example.org/shop/",
        )
    return base


@lru_cache(maxsize=262_144)
def encoded(key: str) -> str:
    """A key as one segment of a path, in ASCII."""
    if key in (".", ".."):
        return key.replace(".", "%2E")
    return key if _PLAIN.fullmatch(key) else quote(key, safe="")


def node_iri(base: str, label: str, key: str) -> Iri:
    """The name of a node."""
    return Iri(f"{base}{label}/{encoded(key)}")


def node_of(iri: str) -> tuple[str, str] | None:
    """Label and key of the node that `node_iri` named so, whatever its base."""
    path, _, key = iri.rpartition("/")
    label = re.split("[/#:]", path)[-1]
    return (label, unquote(key)) if label in NODES else None


def class_iri(label: str) -> Iri:
    """The class of the nodes that carry a label."""
    return Iri(KG + label)


def type_iri(type_: str) -> Iri:
    """The property that a relationship type is."""
    return _BORROWED_TYPES.get(type_) or Iri(KG + type_)


def type_of(iri: str) -> str | None:
    """The relationship type that `type_iri` named so."""
    return _TYPES.get(Iri(iri)) or (iri.removeprefix(KG) if iri.startswith(KG) else None)


@lru_cache(maxsize=4_096)
def property_iri(owner: str, name: str) -> Iri:
    """The name of a property of a label or relationship type."""
    if owner in NODES and name == NODES[owner].key:
        return IDENTIFIER
    if borrowed := _BORROWED.get(owner, {}).get(name):
        return borrowed
    if name in _KNOWN.get(owner, _OF_BEHAVIOURS):
        return GENERATED_BY if name == "runId" else Iri(KG + name)
    return Iri(OWN + encoded(name))


@lru_cache(maxsize=4_096)
def property_of(owner: str, iri: str) -> str | None:
    """The property of a label or relationship type that `property_iri` named so."""
    if iri == IDENTIFIER and owner in NODES:
        return NODES[owner].key
    if name := _NAMES.get(owner, {}).get(Iri(iri)):
        return name
    if iri == GENERATED_BY:
        return "runId"
    if iri.startswith(OWN):
        return unquote(iri.removeprefix(OWN))
    return iri.removeprefix(KG) if iri.startswith(KG) else None


def run_iri(base: str, owner: str, run_id: str) -> Iri:
    """The name of the run that wrote a node or relationship."""
    return node_iri(base, "ModelRun" if owner in _OF_MODELS else "EtlRun", run_id)


def on_the_web(key: str) -> Iri | None:
    """An entity's key where it is an address on the web already."""
    return Iri(key) if _WEB.fullmatch(key) else None
