"""What a reason rests on, counted from what people wrote and did, on both servers."""

from __future__ import annotations

import pytest
from query_world import build

from kg.store import Rows, Store
from recommender.explanation import Explanation


@pytest.fixture
def house(store: Store) -> Store:
    return build(store)


def reasons(store: Store, item: str, *given: str) -> Rows:
    return store.read("recommend/explain", userId="ada", itemId=item, reasons=list(given))


def test_each_reason_is_counted_and_quoted(house: Store) -> None:
    lamp, light, home = reasons(house, "desk")
    counts = [
        (r["name"], r["live"], r["own"], r["praised"], r["evidence"], r["positive"], r["negative"])
        for r in (lamp, light, home)
    ]
    assert counts == [
        ("Lamp", True, 1, 1, 2, 2, 0),
        ("light", True, 1, 1, 2, 1, 1),
        ("home, light", True, 2, 0, 1, 0, 0),
    ]
    assert [row["examples"] for row in (light, home)] == [["Lamp"], ["Lamp", "Kettle"]]
    quotes = [[(q["by"], q["text"]) for q in row["quotes"]] for row in (lamp, light, home)]  # type: ignore[attr-defined]
    assert quotes == [
        [("ada", "A warm light.")],
        [
            ("ada", "A warm light."),
            ("cy", "Superb light on this desk"),
            ("ben", "No noise here, but dim light"),
        ],
        [("ada", "A warm light."), ("cy", "Superb light on this desk")],
    ]


def test_a_reason_whose_evidence_is_gone_says_so(house: Store) -> None:
    cy, leeds, _ = Explanation.of(house, "ada", "radio", top=3).reasons
    assert (cy.live, leeds.live, leeds.because) == (True, False, "")
    found = Explanation.of(house, "ada", "radio", top=3)
    assert found.gone == 1
    assert found.words == (
        "Because *cy* liked this one, and you both liked *Lamp*; and one person likes it."
        " One reason more that it was published with has no evidence now."
    )
    house.run_text("MATCH (:User)-[r:RATED|PURCHASED|VIEWED]->(:Item) DELETE r")
    found = Explanation.of(house, "ada", "radio", top=3)
    assert (found.gone, found.sentence) == (3, "")
    assert found.words == "What this recommendation rested on is no longer in the graph."


def test_an_item_that_the_user_likes_is_no_evidence_for_itself(house: Store) -> None:
    house.run_text(
        "MATCH (ada:User {userId: 'ada'}), (i:Item) WHERE i.itemId IN ['radio', 'mug', 'desk'] "
        "CREATE (ada)-[:PURCHASED]->(i)"
    )
    [cy] = reasons(house, "radio", "user|0.4|cy")
    assert cy["examples"] == ["Desk", "Lamp"]
    [lumo] = reasons(house, "mug", "attribute|0.3|Brand:lumo")
    assert lumo["examples"] == ["Desk", "Lamp"]
    [hob] = reasons(house, "radio", "attribute|0.3|Brand:hob")
    assert not hob["live"]


def test_one_sentence_from_live_counts(house: Store) -> None:
    found = Explanation.of(house, "ada", "desk", top=3)
    assert found.recommended
    assert found.words == (
        "Because you liked *Lamp*, as did 2 other people who liked this one; you praised the"
        " *light* of *Lamp* and people disagree about that of this one (2 reviews, 50 % positive);"
        " and 2 of your reviews are about *home, light*, as is one review of this one."
    )
    house.run_text("MATCH (:Review {reviewId: 'r4'})-[m:MENTIONS]->(:Aspect) DELETE m")
    light = Explanation.of(house, "ada", "desk", top=3).reasons[1]
    assert light.because == (
        "you praised the *light* of *Lamp* and one person praises that of this one (1 review)"
    )


def test_attributes_and_what_was_disliked(house: Store) -> None:
    [mug] = Explanation.of(house, "ada", "mug", top=3).reasons
    assert mug.because == "*Lamp*, which you liked, shares *Lumo (brand)* with this one"
    [noise] = reasons(house, "desk", "aspect|0.2|noise")
    assert (noise["own"], noise["praised"], noise["blamed"]) == (1, 0, 1)
    [hob] = reasons(house, "radio", "attribute|0.2|Brand:hob")
    assert not hob["live"]  # Ada disliked the kettle, and has nothing else of Hob


def test_what_is_not_on_the_list_is_explained_by_the_strongest_paths(house: Store) -> None:
    house.run_text("MATCH (:User {userId: 'ada'})-[r:RECOMMENDED]->() DELETE r")
    paths = house.read("recommend/paths", userId="ada", itemId="desk", limit=9)
    weights = {(path["kind"], path["key"]): path["weight"] for path in paths}
    assert weights == {
        ("item", "lamp"): pytest.approx(2 / 6**0.5),  # 3 like the lamp, 2 the desk
        ("aspect", "light"): pytest.approx(0.7 * 0.6),
        ("topic", "home"): pytest.approx(0.5 * 0.6),
        ("user", "ben"): pytest.approx(1 / 2**0.5),  # Ada likes one, Ben two
        ("user", "cy"): pytest.approx(1 / 3**0.5),
        ("attribute", "Brand:lumo"): pytest.approx(0.5 * 0.4),
    }
    found = Explanation.of(house, "ada", "desk", top=1)
    assert (found.recommended, [each.key for each in found.reasons]) == (False, ["lamp"])
    house.run_text("CREATE (:User {userId: 'eve'})")
    assert Explanation.of(house, "eve", "desk", top=3).words == (
        "Nothing in the graph connects the two."
    )


def test_paths_look_at_likes_that_are_about_as_well_known(house: Store) -> None:
    house.run_text(
        "MATCH (ben:User {userId: 'ben'}), (dora:User {userId: 'dora'}), (i:Item) "
        "WHERE i.itemId IN ['radio', 'mug'] SET i.likedCount = 2, dora.likedCount = 3 "
        "CREATE (dora)-[:RATED {positive: true}]->(i) "
        "WITH ben, i WHERE i.itemId = 'mug' CREATE (ben)-[:RATED {positive: true}]->(i)"
    )
    paths = house.read("recommend/paths", userId="cy", itemId="mug", likes=1, limit=9)
    weights = {(path["kind"], path["key"]): path["weight"] for path in paths}
    # two like the mug, the desk and the radio, three the lamp: the desk is looked at
    assert weights == {
        ("item", "desk"): pytest.approx(0.5),
        ("user", "ben"): pytest.approx(0.5**0.5),
    }
    paths = house.read("recommend/paths", userId="cy", itemId="mug", likes=3, limit=9)
    weights = {(path["kind"], path["key"]): path["weight"] for path in paths}
    assert weights == {
        ("item", "desk"): pytest.approx(1 / 4**0.5),
        ("item", "lamp"): pytest.approx(1 / 6**0.5),
        ("item", "radio"): pytest.approx(1 / 4**0.5),
        ("user", "ben"): pytest.approx(2 / 6**0.5),  # of three likes of Cy's
        ("user", "dora"): pytest.approx(1 / 9**0.5),
    }


def test_names_with_marks_and_bars_stay_whole(house: Store) -> None:
    house.run_text(
        "CREATE (:Item {itemId: 'a|b', title: '<b>Big*</b>'}) WITH 1 AS one "
        "MATCH (j:Item {itemId: 'a|b'}), (i:Item {itemId: 'desk'}), (u:User {userId: 'ada'}) "
        "CREATE (u)-[:RATED {positive: true}]->(j), (j)-[:SIMILAR_TO]->(i)"
    )
    [row] = reasons(house, "desk", "item|0.5|a|b")
    assert (row["key"], row["name"], row["live"]) == ("a|b", "<b>Big*</b>", True)
    house.run_text(
        "MATCH (:User {userId: 'ada'})-[r:RECOMMENDED]->(:Item {itemId: 'desk'}) "
        "SET r.reasons = ['item|0.5|a|b']"
    )
    found = Explanation.of(house, "ada", "desk", top=3)
    assert found.sentence == (
        "Because you liked *\u2039b\u203aBig\u2217\u2039/b\u203a*, which the model finds similar."
    )
