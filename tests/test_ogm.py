"""py2neo's objects of our schema, where py2neo can talk to the server."""

from __future__ import annotations

import pytest
from query_world import build

from kg.schema import NODES
from kg.store import Store

pytest.importorskip("py2neo", reason="the extra py2neo is not installed")

from kg.ogm import MODELS, Aspect, Attribute, Item, Topic, User, repository


def test_every_model_has_the_properties_of_the_schema() -> None:
    for label, model in MODELS.items():
        for each in NODES[label].properties:
            assert getattr(model(), each.name) is None
        named = model(**{NODES[label].key: "a key"})
        assert named.__primaryvalue__ == "a key"


def test_a_user_is_found_with_her_list_and_what_she_cares_about(store: Store) -> None:
    build(store)
    people = repository(store.connection)
    ada = User.match(people, "ada").first()
    places = {item.itemId: ada.recommended.get(item, "rank") for item in ada.recommended}
    assert places == {"desk": 1, "radio": 2, "mug": 3}
    assert {type(item) for item in ada.recommended} == {Item}
    cares = {type(thing): thing for thing in ada.interested_in if type(thing) is not Aspect}
    assert cares[Topic].label == "home, light"
    assert cares[Attribute].name == "Lumo"
    assert User.match(people, "nobody").first() is None


def test_relationships_are_followed_backwards(store: Store) -> None:
    build(store)
    desk = Item.match(repository(store.connection), "desk").first()
    about = {thing.__primaryvalue__: thing for thing in desk.described_by}
    assert sorted(about) == ["home", "light"]
    assert desk.described_by.get(about["light"], "attention") == 0.4
    assert sorted(user.userId for user in about["light"].people) == ["ada"]
    assert sorted(review.reviewId for review in desk.reviews) == ["r2", "r4"]
    assert {user.userId for review in desk.reviews for user in review.by} == {"ben", "cy"}
    assert sorted(user.userId for user in desk.recommended_to) == ["ada", "dora"]
