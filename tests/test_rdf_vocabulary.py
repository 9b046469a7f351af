"""Vocabulary and shapes are the schema's, and tell a good export from a broken one."""

from __future__ import annotations

from pathlib import Path

import pytest
from query_world import build
from rdflib import RDF, RDFS, SH, Dataset, Graph, Literal, URIRef
from rdflib.compare import isomorphic

from kg.rdf import terms
from kg.rdf.export import LABELS, export
from kg.rdf.forms import FORMS
from kg.rdf.shapes import shapes
from kg.rdf.vocabulary import vocabulary, vocabulary_page
from kg.schema import NODES, RELATIONSHIP_TYPES
from kg.store import Store

DOCS = Path(__file__).parent.parent / "docs"
KNOWN = [(label, NODES[label].properties) for label in LABELS]
KNOWN += [(kind.type, kind.properties) for kind in RELATIONSHIP_TYPES]


@pytest.mark.parametrize(
    ("name", "made", "how"),
    [
        ("vocabulary.ttl", vocabulary, "kgrec rdf vocabulary"),
        ("vocabulary.md", vocabulary_page, "kgrec rdf vocabulary --format markdown"),
        ("shapes.ttl", shapes, "kgrec rdf shapes"),
    ],
)
def test_the_files_in_docs_are_those_that_the_schema_gives(name, made, how) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == made(), f"{how} > docs/{name}"


def test_every_label_type_and_property_has_a_name_of_its_own_that_leads_back() -> None:
    for owner, properties in KNOWN:
        names = {each.name: terms.property_iri(owner, each.name) for each in properties}
        assert len(set(names.values())) == len(names), owner
        assert {name: terms.property_of(owner, iri) for name, iri in names.items()} == {
            name: name for name in names
        }
    types = {kind.type: terms.type_iri(kind.type) for kind in RELATIONSHIP_TYPES}
    assert {terms.type_of(iri): iri for iri in types.values()} == types


def test_what_has_no_word_elsewhere_is_declared_with_its_meaning() -> None:
    declared = Graph().parse(data=vocabulary(), format="turtle")
    used = [terms.class_iri(label) for label in LABELS]
    used += [terms.type_iri(kind.type) for kind in RELATIONSHIP_TYPES]
    used += [terms.property_iri(owner, each.name) for owner, known in KNOWN for each in known]
    for iri in {iri for iri in used if iri.startswith(terms.KG)}:
        kind = RDF.Property if iri[len(terms.KG)].islower() or iri.isupper() else None
        assert declared.value(URIRef(iri), RDFS.comment), iri
        assert kind is None or (URIRef(iri), RDF.type, kind) in declared


def test_all_forms_hold_the_same_triples_for_rdflib(embedded_store: Store, tmp_path: Path) -> None:
    embedded_store.clear()
    build(embedded_store)
    embedded_store.run_text(
        "MATCH (u:User {userId: 'ada'}) SET u.note = $note, u.ratio = 0.1234567890123456, "
        "u.`odd name<>` = [1.5, 2], u.big = 9007199254740993",
        note='"quoted"\\ \u202e\u2028 \x0b 日本\n',
    )
    endings = dict(zip(FORMS, ("ttl", "nt", "jsonld", "trig", "nq"), strict=True))
    read = {}
    for form, ending in endings.items():
        place = tmp_path / f"graph.{ending}"
        report = export(embedded_store, place)
        read[form] = Graph()
        if form in ("trig", "nquads"):
            for s, p, o, named in Dataset().parse(place).quads():
                assert str(named) == "urn:kgrec:data:Dataset/dataset"
                read[form].add((s, p, o))
        else:
            read[form].parse(place)
        assert len(read[form]) == report.triples
    assert all(isomorphic(read["ntriples"], other) for other in read.values())


def conforms(data: Graph) -> tuple[bool, Graph]:
    pyshacl = pytest.importorskip("pyshacl")
    checks = Graph().parse(data=shapes(), format="turtle")
    ok, report, _ = pyshacl.validate(data, shacl_graph=checks)
    return ok, report


def broken_shapes(report: Graph) -> set[str]:
    return {
        str(shape).removeprefix("urn:kgrec:shapes:")
        for shape in report.objects(None, SH.sourceShape)
    }


def test_a_good_export_conforms_and_a_broken_one_is_named(
    embedded_store: Store, tmp_path: Path
) -> None:
    embedded_store.clear()
    export(build(embedded_store), tmp_path / "graph.nt")
    data = Graph().parse(tmp_path / "graph.nt")
    ok, report = conforms(data)
    assert ok, report.serialize(format="turtle")

    ada, lamp = (URIRef(f"{terms.DEFAULT_BASE}{name}") for name in ("User/ada", "Item/lamp"))
    review = URIRef(f"{terms.DEFAULT_BASE}Review/r1")
    data.remove((ada, URIRef(terms.IDENTIFIER), None))
    data.add((lamp, URIRef(terms.property_iri("Item", "price")), Literal("cheap")))
    data.add((lamp, URIRef(terms.property_iri("Item", "title")), Literal("Another lamp")))
    data.add((review, URIRef(terms.type_iri("ABOUT")), ada))
    ok, report = conforms(data)
    assert not ok
    assert broken_shapes(report) == {"User-userId", "Item-price", "Item-title", "ABOUT-ends"}
