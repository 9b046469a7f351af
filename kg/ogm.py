"""The graph's nodes as Python objects, by py2neo's object mapper: a way to look, for notebooks.

    from kg.ogm import User, repository

    ada = User.match(repository(connection), "ada").first()
    [(item.title, ada.recommended.get(item, "rank")) for item in ada.recommended]

py2neo (the extra `py2neo`) is no longer maintained: its last release is of 2021, and it speaks Bolt
up to 4.3. Nothing of kgrec needs it. Queries of the library are faster, since py2neo fetches one
relationship type of one node at a time; what it saves, the next `kgrec etl` may remove.
"""

from __future__ import annotations

from typing import Final

from kg.bolt import Connection
from kg.errors import ConfigError
from kg.schema import NODES, RELATIONSHIP_TYPES

try:
    from py2neo import Node
    from py2neo.ogm import Model, Property, RelatedFrom, RelatedTo, Repository
except ImportError as error:
    raise ConfigError(
        "kg.ogm needs py2neo, which is not installed.",
        remedy="Install it (pip install 'kgrec[py2neo]'), or ask in Cypher: docs/queries.md.",
    ) from error


def repository(connection: Connection) -> Repository:
    """Return py2neo's way into a graph server.

    Args:
        connection: where it listens; `recommender.graph.open_graph(None, runs).connect()` has it.
    """
    signed_in = (connection.username, connection.password.get_secret_value())
    return Repository(connection.uri, auth=signed_in, name=connection.database)


class Thing(Model):  # type: ignore[misc]
    """Any node of the graph; what a relationship leads to is an object of its own label's class."""

    @classmethod
    def wrap(cls, node: Node | None) -> Thing | None:
        """Return py2neo's node as an object of the class that its label has here."""
        labels = () if node is None else node.labels
        model = next((MODELS[label] for label in labels if label in MODELS), cls)
        wrapped: Thing | None = Model.wrap.__func__(model, node)
        return wrapped


class User(Thing):
    """Someone who writes and does things."""


class Item(Thing):
    """A thing that can be recommended."""

    reviews = RelatedFrom(Thing, "ABOUT")
    recommended_to = RelatedFrom(Thing, "RECOMMENDED")


class Review(Thing):
    """A text that a user wrote about an item."""

    by = RelatedFrom(Thing, "WROTE")


class Attribute(Thing):
    """A value that items share: a brand, a genre."""

    items = RelatedFrom(Thing, "HAS_ATTRIBUTE")


class Entity(Thing):
    """A name in reviews, or a thing of outside knowledge."""

    items = RelatedFrom(Thing, "DESCRIBED_BY")


class Aspect(Thing):
    """A part or property that people praise and blame."""

    items = RelatedFrom(Thing, "DESCRIBED_BY")
    people = RelatedFrom(Thing, "INTERESTED_IN")


class Topic(Thing):
    """What reviews are about."""

    items = RelatedFrom(Thing, "DESCRIBED_BY")
    people = RelatedFrom(Thing, "INTERESTED_IN")


MODELS: Final[dict[str, type[Thing]]] = {
    model.__name__: model for model in (User, Item, Review, Attribute, Entity, Aspect, Topic)
}
"""The classes by label. Each has the properties of the schema, under their names in the graph, and
its outgoing relationships in small letters: `user.rated`, `item.described_by`. For a type that a
configuration declares, set one more: `User.played_with = RelatedTo(Thing, "PLAYED_WITH")`."""

for _label, _model in MODELS.items():
    _model.__primarylabel__, _model.__primarykey__ = _label, NODES[_label].key
    for _property in NODES[_label].properties:
        setattr(_model, _property.name, Property(_property.name))
    for _type in RELATIONSHIP_TYPES:
        if _label in _type.start:
            setattr(_model, _type.type.lower(), RelatedTo(Thing, _type.type))
