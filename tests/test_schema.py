"""The schema as data: its names, and the constraints that follow from it."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import identifiers, schema
from kg.catalogue import Catalogue
from kg.errors import ConfigError, UnknownKeyError
from kg.migrations import load_migrations

CONSTRAINT = re.compile(
    r"CREATE CONSTRAINT \w+ IF NOT EXISTS\s+FOR \(n:(\w+)\) REQUIRE n\.(\w+) IS"
)


def test_every_node_key_has_a_unique_constraint() -> None:
    catalogue = Catalogue()
    texts = [text for migration in load_migrations() for text in migration.statements]
    texts += [
        catalogue[name].text("neo4j")
        for name in ("write/migration_key", "write/migration_lock_key")
    ]
    made = {found.groups() for text in texts if (found := CONSTRAINT.search(text))}
    assert made == {(node.label, node.key) for node in schema.NODES.values()}


def test_types_labels_and_properties_are_named_once() -> None:
    types = [relationship.type for relationship in schema.RELATIONSHIP_TYPES]
    assert len(types) == len(set(types))
    for thing in (*schema.NODES.values(), *schema.RELATIONSHIP_TYPES):
        names = [p.name for p in thing.properties]
        assert len(names) == len(set(names)), thing
        assert all(p.meaning for p in thing.properties)


def test_relationships_join_labels_of_the_schema_and_know_their_keys() -> None:
    for relationship in schema.RELATIONSHIP_TYPES:
        assert {*relationship.start, *relationship.end} <= schema.NODES.keys()
        assert set(relationship.keys) <= {p.name for p in relationship.properties}


def test_keys_are_properties_of_their_nodes() -> None:
    for node in schema.NODES.values():
        assert node.key in {p.name for p in node.properties}


def test_publishing_writes_attention_on_all_evidence_and_nothing_published_is_evidence() -> None:
    for relationship in schema.RELATIONSHIP_TYPES:
        if relationship.evidence:
            assert {"attention", "attentionBack"} <= {p.name for p in relationship.properties}
    published = {r.type for r in schema.RELATIONSHIP_TYPES if not r.evidence}
    assert {"RECOMMENDED", "SIMILAR_TO", "INTERESTED_IN", "DESCRIBED_BY"} <= published


@pytest.mark.parametrize("name", ["Brand", "B", "Genre2", "K" * 32])
def test_a_declared_kind_may_be_a_label(name: str) -> None:
    assert identifiers.check_kind(name) == name


@pytest.mark.parametrize("name", ["brand", "", "Big Brand", "User", "Item`) DETACH", "K" * 33])
def test_a_kind_that_cannot_be_a_label_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(repr(name))):
        identifiers.check_kind(name)


@pytest.mark.parametrize("name", ["rated", "RATED]->()", "WROTE", "FOLLOWS", ""])
def test_a_behaviour_that_cannot_be_a_relationship_type_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(repr(name))):
        identifiers.check_behaviour(name)


def test_a_behaviour_is_no_relation_and_the_other_way_round() -> None:
    assert identifiers.check_behaviour("HUMMED") == identifiers.check_relation("HUMMED") == "HUMMED"
    with pytest.raises(ConfigError, match="already"):
        identifiers.check_relation("RATED")


def test_labels_and_keys_in_queries_are_those_of_the_schema() -> None:
    assert identifiers.check_identifier("label", "User") == "User"
    assert identifiers.check_identifier("key", "itemId") == "itemId"
    with pytest.raises(UnknownKeyError, match="Near: User"):
        identifiers.check_identifier("label", "Usr")


@given(st.sampled_from(list(identifiers.IDENTIFIER_KINDS)), st.text())
def test_no_identifier_can_hold_anything_but_a_word(
    kind: identifiers.IdentifierKind, text: str
) -> None:
    with suppress(ConfigError, UnknownKeyError):
        assert re.fullmatch(
            r"[A-Za-z][A-Za-z0-9_]*", identifiers.check_identifier(kind, text), re.ASCII
        )


def test_examples_of_identifiers_are_allowed() -> None:
    for kind, example in identifiers.IDENTIFIER_KINDS.items():
        assert identifiers.check_identifier(kind, example) == example
