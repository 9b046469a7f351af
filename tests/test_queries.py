"""The queries for people, on both servers, on a graph whose answers are known by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from query_world import build

from embeddings.check_published import check_published
from kg.catalogue import Catalogue
from kg.store import Store

FOR_PEOPLE = [name for name in Catalogue() if name.startswith(("recommend/", "browse/"))]


@pytest.fixture
def house(store: Store) -> Store:
    return build(store)


def column(store: Store, query: str, name: str, **params: object) -> list[object]:
    return [row[name] for row in store.read(query, **params)]


def test_a_list_comes_best_first(house: Store) -> None:
    rows = house.read("recommend/for_user", userId="ada", limit=2)
    assert rows == [
        {
            "rank": 1,
            "itemId": "desk",
            "title": "Desk",
            "score": 2.0,
            "probability": 0.5,
            "rating": None,
            "coldStart": True,
            "reasons": ["item|0.9000|lamp", "aspect|0.5000|light", "topic|0.2000|home"],
        },
        {
            "rank": 2,
            "itemId": "radio",
            "title": "Radio",
            "score": 1.5,
            "probability": None,
            "rating": None,
            "coldStart": True,
            "reasons": ["user|0.4000|cy", "entity|0.3000|leeds", "popular|0.1000|radio"],
        },
    ]
    assert column(house, "recommend/for_user", "title", userId="ada")[2] == "mug"
    assert house.read("recommend/for_user", userId="nobody") == []


def test_a_list_is_narrowed_and_ordered_anew(house: Store) -> None:
    within = "recommend/within_attribute"
    assert column(house, within, "itemId", userId="ada", attributeId="Brand:lumo") == [
        "desk",
        "mug",
    ]
    [topic] = house.read("recommend/within_topic", userId="ada", topicId="home")
    assert (topic["itemId"], topic["share"], topic["rank"]) == ("desk", 0.6, 1)
    [aspect] = house.read("recommend/within_aspect", userId="ada", aspectId="light")
    assert (aspect["itemId"], aspect["sentiment"], aspect["support"]) == ("desk", 0.2, 2)
    assert column(house, "recommend/diverse", "itemId", userId="ada", kind="Brand", most=1) == [
        "desk",
        "radio",
        "mug",
    ]
    house.run_text(
        "MATCH (u:User {userId: 'ada'}), (i:Item {itemId: 'desk'}) CREATE (u)-[:VIEWED]->(i)"
    )
    left = house.read("recommend/not_seen", userId="ada")
    assert [(row["place"], row["rank"], row["itemId"]) for row in left] == [
        (1, 2, "radio"),
        (2, 3, "mug"),
    ]


def test_diverse_moves_the_second_of_a_brand_back(house: Store) -> None:
    house.run_text(
        "MATCH (:User {userId: 'ada'})-[r:RECOMMENDED]->(i:Item) "
        "SET r.rank = CASE i.itemId WHEN 'desk' THEN 1 WHEN 'mug' THEN 2 ELSE 3 END"
    )
    rows = house.read("recommend/diverse", userId="ada", kind="Brand", most=1)
    assert [(row["itemId"], row["rank"], row["before"]) for row in rows] == [
        ("desk", 1, 0),
        ("radio", 3, 0),
        ("mug", 2, 1),
    ]


def test_similar_items_and_strangers(house: Store) -> None:
    rows = house.read("recommend/similar_items", itemId="lamp")
    assert [(row["itemId"], row["score"], row["shared"]) for row in rows] == [
        ("desk", 0.8, ["Lumo"]),
        ("radio", 0.3, []),
    ]
    rows = house.read("recommend/for_new_user", liked=["lamp", "kettle"])
    assert [(row["itemId"], row["because"]) for row in rows] == [
        ("radio", ["Kettle", "Lamp"]),
        ("desk", ["Lamp"]),
    ]
    assert rows[0]["score"] == pytest.approx(0.9)
    assert column(house, "recommend/popular", "itemId", limit=2) == ["lamp", "desk"]
    popular = house.read("recommend/popular")
    assert [(row["itemId"], row["people"], row["liked"]) for row in popular] == [
        ("lamp", 3, 1.0),
        ("desk", 2, 1.0),
        ("kettle", 1, 0.5),  # Ada does not like it
        ("radio", 1, 1.0),
    ]


def test_people_alike_like_what_the_user_does_not_know(house: Store) -> None:
    rows = house.read("recommend/people_alike", userId="ada")
    assert [(row["itemId"], row["people"]) for row in rows] == [("desk", 2), ("radio", 1)]
    # each likes the lamp as Ada does, Ben of two things, Cy of three: 1 / √2 and 1 / √3
    assert rows[1]["score"] == pytest.approx(1 / 3**0.5)
    rows = house.read("recommend/people_alike", userId="ada", people=1)
    assert [(row["itemId"], row["people"]) for row in rows] == [("desk", 1)]  # Ben is more alike
    [desk] = house.read("recommend/for_group", userIds=["ada", "dora"], limit=1)
    assert (desk["itemId"], desk["people"], desk["worst"]) == ("desk", 2, 1)
    assert column(house, "recommend/audience", "userId", itemId="desk") == ["ada", "dora"]


def test_people_are_alike_by_what_few_others_like(house: Store) -> None:
    house.run_text(
        "MATCH (cy:User {userId: 'cy'}), (dora:User {userId: 'dora'}), "
        "(kettle:Item {itemId: 'kettle'}), (mug:Item {itemId: 'mug'}), "
        "(lamp:Item {itemId: 'lamp'}) SET kettle.userCount = 3, dora.itemCount = 2 "
        "CREATE (cy)-[:RATED {positive: true}]->(kettle), (dora)-[:PURCHASED]->(mug)"
    )
    rows = house.read("recommend/people_alike", userId="cy", items=1)
    assert rows == []  # nobody else has the radio, and it is what fewest people know
    rows = house.read("recommend/people_alike", userId="cy", items=3)
    assert [(row["itemId"], row["people"]) for row in rows] == [("mug", 1)]
    assert rows[0]["score"] == pytest.approx(1 / 2**0.5)
    house.run_text("MATCH (u:User) REMOVE u.itemCount")  # nobody knows less than they share
    [mug] = house.read("recommend/people_alike", userId="cy")
    assert mug["score"] == 1.0


def test_why_gives_the_evidence_that_is_there_now(house: Store) -> None:
    rows = house.read("recommend/why", userId="ada", itemId="desk")
    assert [(r["place"], r["kind"], r["name"], r["evidence"], r["attention"]) for r in rows] == [
        (1, "item", "Lamp", 2, 0.2),
        (2, "aspect", "light", 2, 0.4),
        (3, "topic", "home, light", 1, None),
    ]
    assert [row["weight"] for row in rows] == [0.9, 0.5, 0.2]
    rows = house.read("recommend/why", userId="ada", itemId="radio")
    assert [(r["kind"], r["key"], r["evidence"]) for r in rows] == [
        ("user", "cy", 1),  # Cy and Ada both like the lamp; Ada twice, by rating and by looking
        ("entity", "leeds", 1),
        ("popular", "radio", 1),
    ]
    [mug] = house.read("recommend/why", userId="ada", itemId="mug")
    assert (mug["kind"], mug["name"], mug["evidence"]) == ("attribute", "Lumo (brand)", 1)
    paths = house.read("browse/why_paths", userId="ada", itemId="desk")
    assert len(paths) == 4  # the lamp by two people, light, home
    house.run_text("MATCH (:User {userId: 'ada'})-[r:RATED|VIEWED]->(:Item) DELETE r")
    assert column(house, "recommend/why", "place", userId="ada", itemId="desk") == [2, 3]


def test_why_counts_people_and_not_their_deeds(house: Store) -> None:
    house.run_text(
        "MATCH (ben:User {userId: 'ben'}), (lamp:Item {itemId: 'lamp'}), "
        "(desk:Item {itemId: 'desk'}) "
        "CREATE (ben)-[:VIEWED]->(lamp), (ben)-[:PURCHASED]->(lamp), (ben)-[:VIEWED]->(desk)"
    )
    [lamp, *_] = house.read("recommend/why", userId="ada", itemId="desk")
    assert (lamp["name"], lamp["evidence"]) == ("Lamp", 2)
    house.run_text(
        "MATCH (:User {userId: 'ada'})-[r:RECOMMENDED]->(:Item {itemId: 'desk'}) "
        "SET r.reasons = ['user|1.0|ben', 'popular|0.5|desk']"
    )
    rows = house.read("recommend/why", userId="ada", itemId="desk")
    assert [(row["kind"], row["evidence"]) for row in rows] == [("user", 1), ("popular", 2)]
    assert len(house.read("browse/why_paths", userId="ada", itemId="desk")) == 1


def test_what_both_like_is_not_the_item_itself(house: Store) -> None:
    house.run_text(
        "MATCH (ada:User {userId: 'ada'})-[r:RECOMMENDED]->(radio:Item {itemId: 'radio'}) "
        "CREATE (ada)-[:VIEWED]->(radio) SET r.reasons = ['user|0.4|cy']"
    )
    [cy] = house.read("recommend/why", userId="ada", itemId="radio")
    assert (cy["key"], cy["evidence"]) == ("cy", 1)  # the lamp
    assert len(house.read("browse/why_paths", userId="ada", itemId="radio")) == 1
    assert not any("No reason" in line for line in check_published(house))
    house.run_text("MATCH (:User {userId: 'cy'})-[r:RATED]->(:Item {itemId: 'lamp'}) DELETE r")
    assert house.read("recommend/why", userId="ada", itemId="radio") == []
    assert house.read("browse/why_paths", userId="ada", itemId="radio") == []
    assert any("No reason for item 'radio'" in line for line in check_published(house))


def test_a_users_interests(house: Store) -> None:
    rows = house.read("browse/user_profile", userId="ada", perKind=1)
    assert [(row["kind"], row["name"], row["weight"]) for row in rows] == [
        ("Aspect", "light", 0.7),
        ("Brand", "Lumo", 0.4),
        ("Entity", "Leeds", 0.3),
        ("Topic", "home, light", 0.5),
    ]
    assert len(house.read("browse/user_picture", userId="ada")) == 8
    rows = house.read("browse/strongest_attention", userId="ada")
    assert [(row["thing"], row["attentionBack"]) for row in rows] == [
        ("Lamp", 0.7),
        ("Kettle", 0.1),
    ]


def test_what_people_say(house: Store) -> None:
    rows = house.read("browse/item_opinions", itemId="desk")
    assert [(r["aspect"], r["reviews"], r["praise"], r["blame"]) for r in rows] == [
        ("light", 2, 1, 1),
        ("noise", 1, 1, 0),
    ]
    assert rows[0]["quote"] == "Superb light on this desk"
    assert rows[0]["sentiment"] == pytest.approx(0.2)
    rows = house.read("browse/item_quotes", itemId="desk", aspectId="light")
    assert [(row["userId"], row["sentiment"]) for row in rows] == [("cy", 0.9), ("ben", -0.5)]
    [divided] = house.read("browse/divided_opinions", least=1)
    assert (divided["itemId"], divided["aspect"]) == ("desk", "light")
    rows = house.read("browse/aspects")
    assert [(row["name"], row["reviews"]) for row in rows] == [("light", 3), ("noise", 2)]
    assert rows[0]["sentiment"] == pytest.approx(0.4)


def test_topics_over_time(house: Store) -> None:
    assert column(house, "browse/topics", "reviews") == [3]
    rows = house.read("browse/topics_over_time", prior=2.0)
    assert [(row["bucket"], row["reviews"], row["written"]) for row in rows] == [
        ("2023-01-01", 1, 1),
        ("2024-01-01", 2, 2),
    ]
    whole, felt = 1.7 / 3, (0.9 * 0.8 + 0.6 * 0.9 - 0.2 * 0.7) / 1.7
    assert [row["share"] for row in rows] == pytest.approx([0.9, 0.4])
    assert [row["smoothShare"] for row in rows] == pytest.approx(
        [(0.9 + 2 * whole) / 3, (0.8 + 2 * whole) / 4]
    )
    assert [row["movingShare"] for row in rows] == pytest.approx([whole, whole])
    assert [row["sentiment"] for row in rows] == pytest.approx([0.8, 0.5])
    assert [row["smoothSentiment"] for row in rows] == pytest.approx(
        [(0.72 + 2 * felt) / 2.9, (0.4 + 2 * felt) / 2.8]
    )
    assert [row["movingSentiment"] for row in rows] == pytest.approx([felt, felt])
    assert house.read("browse/topics_over_time", topicId="none") == []
    rows = house.read("browse/topics_over_time", every="quarter", attributeId="Brand:hob")
    assert [(row["bucket"], row["share"]) for row in rows] == [("2024-04-01", 0.2)]


def test_aspects_over_time(house: Store) -> None:
    rows = house.read("browse/aspects_over_time", every="month", prior=1.0)
    assert [(r["bucket"], r["name"], r["reviews"], r["written"], r["praise"]) for r in rows] == [
        ("2023-03-01", "light", 1, 1, 1),
        ("2024-03-01", "light", 1, 1, 1),
        ("2024-05-01", "noise", 1, 1, 0),
    ]
    assert rows[2]["blame"] == 1
    assert [row["smoothShare"] for row in rows] == pytest.approx([5 / 6, 5 / 6, 2 / 3])
    assert [row["smoothSentiment"] for row in rows] == pytest.approx([0.825, 0.875, -0.7])
    assert column(house, "browse/aspects_over_time", "name", limit=1) == ["light", "light"]
    rows = house.read("browse/aspects_over_time", every="month", window=2, aspectId="light")
    assert [row["movingShare"] for row in rows] == [1.0, 0.5]  # March 2024 and the May after it
    [lamp] = house.read("browse/aspects_over_time", every="day", itemId="lamp")
    assert (lamp["bucket"], lamp["sentiment"]) == ("2023-03-01", 0.8)
    assert column(house, "browse/aspects_over_time", "bucket", every="week", itemId="kettle") == [
        "2024-04-29"
    ]


def test_reviews_over_time(house: Store) -> None:
    house.run_text("MATCH (v:Review) SET v.positive = v.sentiment > 0")
    rows = house.read("browse/reviews_over_time", prior=1.0)
    assert [(row["bucket"], row["reviews"], row["liked"]) for row in rows] == [
        ("2023-01-01", 1, 1.0),
        ("2024-01-01", 2, 0.5),
    ]
    assert [row["movingReviews"] for row in rows] == [1.0, 1.0]
    assert [row["sentiment"] for row in rows] == pytest.approx([0.8, 0.1])
    assert [row["smoothSentiment"] for row in rows] == pytest.approx(
        [(0.8 + 1 / 3) / 2, (0.2 + 1 / 3) / 3]
    )
    assert [row["movingSentiment"] for row in rows] == pytest.approx([1 / 3, 1 / 3])
    brand = house.read("browse/reviews_over_time", attributeId="Brand:lumo")
    assert [row["reviews"] for row in brand] == [1, 1]
    assert house.read("browse/reviews_over_time", itemId="mug") == []


def test_the_whole_graph(house: Store) -> None:
    counts = {(row["what"], row["name"]): row["count"] for row in house.read("browse/overview")}
    assert counts["node", "User"] == 4
    assert counts["node", "Brand"] == 2
    assert counts["relationship", "RATED"] == 7
    types = house.run_text("MATCH ()-[r]->() RETURN count(DISTINCT type(r)) AS n")[0]["n"]
    assert len(house.read("browse/overview_picture")) == types
    assert [(row["kind"], row["lists"]) for row in house.read("browse/runs")] == [
        ("ModelRun", 2),
        ("EtlRun", 0),
    ]
    [first, *_] = house.read("browse/most_recommended")
    assert (first["itemId"], first["lists"], first["first"], first["people"]) == ("desk", 2, 2, 2)
    rows = house.read("browse/hidden_gems", fewest=1, most=2)
    assert [(row["itemId"], row["liked"]) for row in rows] == [
        ("desk", 1.0),
        ("radio", 1.0),
        ("kettle", 0.5),
    ]
    assert len(house.read("browse/item_picture", itemId="lamp")) == 4


def test_what_is_published_here_is_right(house: Store) -> None:
    assert check_published(house) == []


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (
            "MATCH (:User {userId: 'ada'})-[r:RECOMMENDED {rank: 2}]->() SET r.rank = 4",
            "The ranks of user 'ada'",
        ),
        (
            "MATCH (:User {userId: 'dora'})-[r:RECOMMENDED {rank: 2}]->() SET r.runId = 'm0'",
            "The list of user 'dora' mixes the runs",
        ),
        (
            "MATCH (u:User {userId: 'ada'}), (i:Item {itemId: 'mug'}) CREATE (u)-[:OWNS]->(i)",
            "User 'ada' already has item 'mug'.",
        ),
        (
            "MATCH (:User {userId: 'ada'})-[n:INTERESTED_IN]->(:Brand) DELETE n",
            "No reason for item 'mug' on the list of user 'ada'",
        ),
        (
            "MATCH (:User {userId: 'ada'})-[r:RECOMMENDED {rank: 3}]->() SET r.reasons = []",
            "No reason for item 'mug' on the list of user 'ada'",
        ),
        (
            (
                "MATCH (:User {userId: 'cy'})-[r:RATED|PURCHASED]->() DELETE r "
                "WITH count(*) AS n MATCH ()-[d:DESCRIBED_BY]->(:Entity) DELETE d"
            ),
            "No reason for item 'radio' on the list of user 'ada'",
        ),
    ],
)
def test_each_broken_promise_is_found(house: Store, change: str, complaint: str) -> None:
    house.run_text(change)
    [found] = check_published(house)
    assert found.startswith(complaint)


@pytest.mark.parametrize("name", FOR_PEOPLE)
def test_every_query_can_be_pasted(name: str) -> None:
    query = Catalogue()[name]
    assert query.access == "read"
    assert not query.identifiers, "a person cannot fill in placeholders"
    assert all(not parameter.required for parameter in query.parameters), "a :param line each"


def test_the_page_lists_every_query() -> None:
    page = (Path(__file__).parent.parent / "docs" / "queries.md").read_text(encoding="utf-8")
    missing = [name for name in FOR_PEOPLE if f"`{name}`" not in page]
    assert missing == []
