"""The vocabulary of exported graphs, made from the schema: a file of Turtle, and a page for people.

`docs/vocabulary.ttl` and `docs/vocabulary.md` are these texts, and a test holds them to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from rdflib import OWL, RDF, RDFS, Graph, Literal, Namespace, URIRef

from kg.rdf import terms
from kg.rdf.export import LABELS
from kg.rdf.values import DATATYPES
from kg.rdf.writers import compact
from kg.schema import (
    ATTRIBUTE_KINDS,
    NODES,
    RELATIONSHIP_TYPES,
    NodeType,
    Property,
    RelationshipType,
)

SCHEMA: Final = Namespace(terms.PREFIXES["schema"])
_ONTOLOGY: Final = URIRef(terms.KG.removesuffix(":"))

_HEAD: Final = """\
# The vocabulary of exported graphs

    kgrec rdf export -o graph.ttl    # your graph in these words
    kgrec rdf vocabulary             # vocabulary.ttl: this page for programs
    kgrec rdf shapes                 # shapes.ttl: what a graph must hold, for SHACL

This page is made from `kg/schema.py` by `kgrec rdf vocabulary --format markdown`, like
[vocabulary.ttl](vocabulary.ttl) and [shapes.ttl](shapes.ttl). Where schema.org, SKOS or PROV-O have
a word, it is used; the others begin with `kg:`, which stands for `urn:kgrec:vocabulary:`. What each
means and which type it has in the graph is on the page of [the graph](graph.md).

A node is named by base, label and business key, percent-encoded: `urn:kgrec:data:Item/i-7`. A
relationship is a plain triple, and an `rdf:Statement` with its properties. Kinds, behaviours and
relations that a config declares are `kg:` and their name; a property that a source brings (a user's
traits) is `own:` and its name.
"""
_FOOT: Final = """\
| in the graph | in RDF |
|---|---|
| string, boolean, integer, float | `xsd:string`, `xsd:boolean`, `xsd:integer`, `xsd:double` |
| zoned datetime | `xsd:dateTime` with its offset, to the microsecond |
| list | one literal of JSON, `rdf:JSON` |
| `runId` of a fact | `prov:wasGeneratedBy` the run |
| an :Entity whose key is an address on the web | also `owl:sameAs` that address |

Next: [the web of data](rdf.md), how to write, read and check such files.
"""


def vocabulary() -> str:
    """Return the vocabulary as Turtle: our own classes and properties."""
    graph = Graph(bind_namespaces="none")
    for prefix, namespace in terms.PREFIXES.items():
        graph.bind(prefix, namespace)
    graph.add((_ONTOLOGY, RDF.type, OWL.Ontology))
    graph.add((_ONTOLOGY, RDFS.label, Literal("kgrec: users, items, reviews and what they tell")))
    for label in LABELS:
        _class(graph, label, NODES[label].meaning, terms.ALSO.get(label))
    for name in ATTRIBUTE_KINDS:
        _class(graph, name, "a kind of attribute", terms.class_iri("Attribute"))
    for kind in _own_types():
        subject = URIRef(terms.type_iri(kind.type))
        _property(graph, subject, kind.type, kind.meaning)
        _ends(graph, subject, SCHEMA.domainIncludes, kind.start)
        _ends(graph, subject, SCHEMA.rangeIncludes, kind.end)
    for iri, owners in _own_properties().items():
        each = owners[0][1]
        meanings = dict.fromkeys(known.meaning for _, known in owners)
        _property(graph, URIRef(iri), each.name, "; ".join(meanings))
        graph.add((URIRef(iri), RDFS.range, URIRef(DATATYPES[each.type])))
        _ends(graph, URIRef(iri), SCHEMA.domainIncludes, (o for o, _ in owners if o in NODES))
    return graph.serialize(format="turtle")


def vocabulary_page() -> str:
    """Return the page: every label, relationship type and property with its name in RDF."""
    nodes = (
        (f":{label}", _names([terms.class_iri(label), terms.ALSO.get(label)])) for label in LABELS
    )
    types = ((f":{kind.type}", _names([terms.type_iri(kind.type)])) for kind in RELATIONSHIP_TYPES)
    return "\n".join(
        [
            _HEAD,
            "## Labels\n",
            _table(("label", "classes"), nodes),
            "## Properties of nodes\n",
            _table(
                ("property", "name"),
                (
                    (f"{label}.{each.name}", _names([terms.property_iri(label, each.name)]))
                    for label in LABELS
                    for each in NODES[label].properties
                ),
            ),
            "## Relationship types\n",
            _table(("type", "property"), types),
            "## Properties of relationships\n",
            _table(("property", "name"), sorted(set(_of_relationships()))),
            "## Values\n",
            _FOOT,
        ]
    ).removesuffix("\n")


def _class(graph: Graph, name: str, meaning: str, above: terms.Iri | None) -> None:
    subject = URIRef(terms.class_iri(name))
    graph.add((subject, RDF.type, RDFS.Class))
    graph.add((subject, RDFS.label, Literal(name)))
    graph.add((subject, RDFS.comment, Literal(meaning)))
    if above:
        graph.add((subject, RDFS.subClassOf, URIRef(above)))


def _property(graph: Graph, subject: URIRef, name: str, meaning: str) -> None:
    graph.add((subject, RDF.type, RDF.Property))
    graph.add((subject, RDFS.label, Literal(name)))
    graph.add((subject, RDFS.comment, Literal(meaning)))


def _ends(graph: Graph, subject: URIRef, verb: URIRef, labels: Iterable[str]) -> None:
    for label in labels:
        graph.add((subject, verb, URIRef(terms.class_iri(label))))


def _own_types() -> Iterator[RelationshipType]:
    return (each for each in RELATIONSHIP_TYPES if terms.type_iri(each.type).startswith(terms.KG))


def _own_properties() -> dict[terms.Iri, list[tuple[str, Property]]]:
    """Our own names of properties, each with the labels or types that have it."""
    found: dict[terms.Iri, list[tuple[str, Property]]] = defaultdict(list)
    owners: list[NodeType | RelationshipType] = [NODES[label] for label in LABELS]
    for owner in [*owners, *RELATIONSHIP_TYPES]:
        name = owner.label if isinstance(owner, NodeType) else owner.type
        for each in owner.properties:
            iri = terms.property_iri(name, each.name)
            if iri.startswith(terms.KG):
                found[iri].append((name, each))
    return found


def _of_relationships() -> Iterator[tuple[str, str]]:
    for kind in RELATIONSHIP_TYPES:
        for each in kind.properties:
            yield each.name, _names([terms.property_iri(kind.type, each.name)])


def _names(iris: Iterable[terms.Iri | None]) -> str:
    return ", ".join(f"`{compact(iri)}`" for iri in iris if iri)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
