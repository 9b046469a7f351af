"""What an exported graph must hold, as SHACL shapes made from the schema.

A shape per label (its properties and their datatypes), two per relationship type (what it joins),
and one for all statements. Shapes have names, so that a report says which one was broken.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rdflib import RDF, SH, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection

from kg.rdf import terms
from kg.rdf.export import LABELS
from kg.rdf.values import DATATYPES
from kg.schema import NODES, RELATIONSHIP_TYPES, Property

SHAPES: Final = Namespace("urn:kgrec:shapes:")


def shapes() -> str:
    """Return the shapes as Turtle."""
    graph = Graph(bind_namespaces="none")
    for prefix, namespace in {**terms.PREFIXES, "sh": str(SH), "shape": str(SHAPES)}.items():
        graph.bind(prefix, namespace)
    for label in LABELS:
        shape = _shape(graph, label, SH.targetClass, terms.class_iri(label))
        _properties(graph, shape, label, NODES[label].properties)
    for kind in RELATIONSHIP_TYPES:
        verb = terms.type_iri(kind.type)
        for side, target, labels in (
            ("starts", SH.targetSubjectsOf, kind.start),
            ("ends", SH.targetObjectsOf, kind.end),
        ):
            _one_of(graph, _shape(graph, f"{kind.type}-{side}", target, verb), labels)
    _statements(graph)
    return graph.serialize(format="turtle")


def _shape(graph: Graph, name: str, target: URIRef, of: str) -> URIRef:
    shape = SHAPES[name]
    graph.add((shape, RDF.type, SH.NodeShape))
    graph.add((shape, target, URIRef(of)))
    return shape


def _properties(graph: Graph, shape: URIRef, owner: str, known: Iterable[Property]) -> None:
    for each in known:
        path = terms.property_iri(owner, each.name)
        needed = owner in NODES and each.name == NODES[owner].key
        at = _property(graph, shape, each.name, path, needed=needed)
        if path == terms.GENERATED_BY:
            graph.add((at, SH.nodeKind, SH.IRI))
        else:
            graph.add((at, SH.datatype, URIRef(DATATYPES[each.type])))


def _property(graph: Graph, shape: URIRef, name: str, path: str, *, needed: bool) -> URIRef:
    at = URIRef(f"{shape}-{name}")
    graph.add((shape, SH.property, at))
    graph.add((at, SH.path, URIRef(path)))
    graph.add((at, SH.name, Literal(name)))
    graph.add((at, SH.maxCount, Literal(1, datatype=XSD.integer)))
    if needed:
        graph.add((at, SH.minCount, Literal(1, datatype=XSD.integer)))
    return at


def _one_of(graph: Graph, shape: URIRef, labels: tuple[str, ...]) -> None:
    """The node is of one of these classes."""
    if len(labels) == 1:
        graph.add((shape, SH["class"], URIRef(terms.class_iri(labels[0]))))
        return
    choices = []
    for label in labels:
        choice = SHAPES[f"is-{label}"]
        graph.add((choice, RDF.type, SH.NodeShape))
        graph.add((choice, SH["class"], URIRef(terms.class_iri(label))))
        choices.append(choice)
    listed = BNode()
    Collection(graph, listed, list(choices))
    graph.add((shape, SH["or"], listed))


def _statements(graph: Graph) -> None:
    shape = _shape(graph, "Statement", SH.targetClass, terms.REIFIED)
    for name, path in (
        ("rdf-subject", terms.SUBJECT),
        ("rdf-predicate", terms.PREDICATE),
        ("rdf-object", terms.OBJECT),
    ):
        at = _property(graph, shape, name, path, needed=True)
        graph.add((at, SH.nodeKind, SH.IRI))
    for kind in RELATIONSHIP_TYPES:
        _properties(graph, shape, kind.type, kind.properties)
