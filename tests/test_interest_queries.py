"""Queries about interests, on both servers, on a household whose answers are known by hand."""

from __future__ import annotations

import pytest
from query_world import OTHERS, build

from kg.store import Store


@pytest.fixture
def house(store: Store) -> Store:
    build(store).run_text(OTHERS)
    return store


def test_a_profile_now_and_a_year_before(house: Store) -> None:
    rows = house.read("browse/profile_then_and_now", userId="ada")
    assert [(r["kind"], r["name"], r["support"], r["lastAt"]) for r in rows] == [
        ("Aspect", "noise", 1, "2024-05-01"),
        ("Aspect", "light", 1, "2023-03-01"),
        ("Topic", "home, light", 2, "2024-05-01"),
    ]
    # Ada's latest word is of May 2024; in May 2023 the one of March 2023 was 62 days old
    old, then = 0.5 ** (427 / 365), 0.5 ** (62 / 365)
    noise, light, home = rows
    assert (noise["now"], noise["before"]) == pytest.approx((1 / 3, 0))
    assert (light["now"], light["before"]) == pytest.approx((old / (old + 2), then / (then + 2)))
    s, b = 0.9 * old + 0.2, 0.9 * then
    assert (home["now"], home["before"]) == pytest.approx((s / (s + 2), b / (b + 2)))
    assert light["change"] == pytest.approx(old / (old + 2) - then / (then + 2))


def test_a_profile_of_any_day(house: Store) -> None:
    rows = house.read(
        "browse/profile_then_and_now", userId="ada", now="2023-03-01T00:00:00Z", daysBefore=1
    )
    assert [(r["name"], r["before"]) for r in rows] == [("light", 0), ("home, light", 0)]
    assert rows[0]["now"] == pytest.approx(1 / 3)
    assert rows[1]["now"] == pytest.approx(0.9 / 2.9)
    house.run_text(
        "MATCH (:User {userId: 'dora'})-[r:RATED]->() SET r.at = datetime('2024-01-01T00:00:00Z')"
    )
    [hob] = house.read("browse/profile_then_and_now", userId="dora")
    assert (hob["kind"], hob["name"], hob["now"], hob["before"]) == ("Brand", "Hob", 1 / 3, 0)


def test_people_alike_in_interests_and_why(house: Store) -> None:
    rows = house.read("browse/interests_alike", userId="ada")
    assert [(r["userId"], r["shared"], r["because"]) for r in rows] == [
        ("ben", 2, ["light", "noise"]),
        ("cy", 1, ["light"]),
    ]
    ada = (0.7**2 + 0.2**2 + 0.4**2 + 0.5**2 + 0.3**2) ** 0.5
    assert rows[0]["likeness"] == pytest.approx((0.7 * 0.6 + 0.2 * 0.8) / ada / 1.0)
    assert rows[1]["likeness"] == pytest.approx(0.7 * 0.3 / ada / 0.5)
    assert house.read("browse/interests_alike", userId="ada", interests=1, limit=1) == [
        {
            "userId": "ben",
            "likeness": pytest.approx(0.7 * 0.6 / ada),
            "shared": 1,
            "because": ["light"],
        }
    ]


def test_the_audience_of_an_aspect(house: Store) -> None:
    rows = house.read("recommend/aspect_audience", aspectId="light", limit=3)
    assert [(r["userId"], r["weight"], r["sentiment"]) for r in rows] == [
        ("ada", 0.7, 0.8),
        ("ben", 0.6, -0.5),
        ("cy", 0.3, 0.9),
    ]
    assert [str(row["lastAt"])[:10] for row in rows] == ["None", "None", "2024-03-01"]


def test_interests_that_go_together(house: Store) -> None:
    rows = house.read("browse/interests_together", aspectId="light", least=1)
    assert [(r["kind"], r["name"], r["together"], r["people"]) for r in rows] == [
        ("Aspect", "noise", 2, 2),
        ("Brand", "Lumo", 1, 1),
        ("Entity", "Leeds", 1, 1),
        ("Topic", "home, light", 1, 1),
        ("Brand", "Hob", 1, 2),
    ]
    # three of four care for light: of two who care for noise one and a half would be expected
    assert (rows[0]["lift"], rows[0]["surprise"]) == pytest.approx((2 / 1.5, 0.5 / 1.5**0.5))
    assert len(house.read("browse/interests_together", aspectId="light", least=2)) == 1


def test_what_an_audience_likes_and_an_item_lacks(house: Store) -> None:
    rows = house.read("browse/item_lacks", itemId="lamp", least=1)
    # Ada, Ben and Cy like the lamp, which has a good light; Ben praises silence, Cy likes Hob
    assert [(r["kind"], r["name"], r["fans"]) for r in rows] == [
        ("Aspect", "noise", 1),
        ("Brand", "Hob", 1),
    ]
    assert rows[0]["share"] == pytest.approx(1 / 3)
    assert [r["lift"] for r in rows] == pytest.approx([1 / 0.75, 1 / 1.5])
    assert rows[1]["surprise"] == pytest.approx((1 - 1.5) / 1.5**0.5)
    assert house.read("browse/item_lacks", itemId="lamp", least=2) == []
