"""Pictures of the household: what is drawn, how large and thick, and the files."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from query_world import build

from kg.errors import ConfigError, UnknownKeyError
from kg.store import Store
from recommender.colours import border_colour, node_colours, text_colour
from recommender.picture import neighbourhood
from recommender.picture.drawing import Drawing, drawing_from, drawing_of
from recommender.picture.files import writer_of
from recommender.picture.layout import places_of

HOSTILE = "</script><script>alert(1)</script> $x$ {{ 7*7 }}"


@pytest.fixture
def house(store: Store) -> Store:
    return build(store)


def lines(drawing: Drawing) -> set[tuple[str, str, str]]:
    return {(line.start, line.type, line.end) for line in drawing.lines}


def small() -> Drawing:
    ada = {"labels": ["User"], "userId": "ada"}
    lamp = {"labels": ["Item"], "itemId": "lamp", "title": HOSTILE, "embedding": [0.1]}
    lumo = {"labels": ["Attribute", "Brand"], "attributeId": "Brand:lumo", "name": "Lumo"}
    listed = {"type": "RECOMMENDED", "rank": 1, "score": 2.0}
    return drawing_of([{"path": [ada, listed, lamp, {"type": "HAS_ATTRIBUTE"}, lumo]}])


def test_a_list_is_drawn_with_what_links_it_to_interests(house: Store) -> None:
    drawing = drawing_of(house.read("browse/list_picture", userId="ada"))
    assert lines(drawing) == {
        *(("User|ada", "RECOMMENDED", f"Item|{item}") for item in ("desk", "radio", "mug")),
        ("User|ada", "INTERESTED_IN", "Aspect|light"),
        ("User|ada", "INTERESTED_IN", "Attribute|Brand:lumo"),
        ("User|ada", "INTERESTED_IN", "Entity|leeds"),
        ("Item|desk", "DESCRIBED_BY", "Aspect|light"),
        ("Item|desk", "HAS_ATTRIBUTE", "Attribute|Brand:lumo"),
        ("Item|mug", "HAS_ATTRIBUTE", "Attribute|Brand:lumo"),
        ("Item|radio", "DESCRIBED_BY", "Entity|leeds"),
    }


def test_a_recommendation_is_as_thick_as_its_score(house: Store) -> None:
    drawing = drawing_of(house.read("browse/list_picture", userId="ada"))
    widths = {line.end: line.width for line in drawing.lines if line.type == "RECOMMENDED"}
    assert widths == {"Item|desk": 6.0, "Item|radio": 3.5, "Item|mug": 1.0}
    captions = {line.end: line.caption for line in drawing.lines if line.type == "RECOMMENDED"}
    assert captions["Item|radio"] == "place 2"


def test_a_relationship_keeps_its_direction_whichever_way_a_path_walks_it(house: Store) -> None:
    drawing = drawing_of(house.read("browse/why_paths", userId="ada", itemId="desk"))
    assert {
        ("User|ben", "RATED", "Item|lamp"),
        ("User|ben", "RATED", "Item|desk"),
        ("Item|desk", "DESCRIBED_BY", "Aspect|light"),
    } <= lines(drawing)


def test_a_users_neighbourhood_is_their_list_and_the_rest(house: Store) -> None:
    drawing = drawing_of(neighbourhood.of_key(house, "ada", 30))
    assert ("User|ada", "RECOMMENDED", "Item|desk") in lines(drawing)
    assert ("User|ada", "RATED", "Item|kettle") in lines(drawing)
    ada = next(circle for circle in drawing.circles if circle.id == "User|ada")
    assert ada.size == max(circle.size for circle in drawing.circles)
    assert drawing.legend.keys() == {"User", "Item", "Aspect", "Topic", "Entity", "Brand"}


def test_an_items_neighbourhood_is_what_describes_it(house: Store) -> None:
    drawing = drawing_of(neighbourhood.of_key(house, "lamp", 30))
    assert ("Item|lamp", "SIMILAR_TO", "Item|desk") in lines(drawing)
    assert ("Item|lamp", "HAS_ATTRIBUTE", "Attribute|Brand:lumo") in lines(drawing)


def test_an_unknown_key_names_near_ones(house: Store) -> None:
    with pytest.raises(UnknownKeyError, match="adda") as refused:
        neighbourhood.of_key(house, "adda", 30)
    assert "ada" in refused.value.message + refused.value.remedy


def test_a_key_of_both_is_refused(house: Store) -> None:
    house.run_text("CREATE (:Item {itemId: 'ada'})")
    with pytest.raises(ConfigError, match="a user and of an item") as refused:
        neighbourhood.of_key(house, "ada", 30)
    assert "browse/item_picture -p itemId=ada" in refused.value.remedy


def test_rows_without_paths_draw_nothing(house: Store) -> None:
    assert drawing_of(house.read("recommend/for_user", userId="ada")).circles == []


def test_a_circle_shows_kind_and_name_but_no_vectors() -> None:
    user, item, brand = small().circles
    assert (user.caption, brand.caption, brand.label) == ("ada", "Lumo", "Brand")
    assert item.properties.keys() == {"itemId", "title"}
    assert len(item.caption) <= 34


def test_a_drawing_comes_back_from_json() -> None:
    drawing = small()
    back = drawing_from(json.loads(json.dumps(drawing.as_json())))
    assert lines(back) == lines(drawing)
    assert [circle.caption for circle in back.circles] == [c.caption for c in drawing.circles]
    assert drawing_from({}).circles == []


def test_places_are_in_the_square_and_the_same_each_time() -> None:
    places = places_of(small(), seed=1)
    assert places == places_of(small(), seed=1)
    assert all(0 <= at <= 1 for place in places.values() for at in place)
    assert len(set(places.values())) == 3


def test_the_interactive_page_holds_all_and_reaches_for_nothing(tmp_path: Path) -> None:
    pytest.importorskip("neo4j_viz", reason="neo4j-viz, of the extra pictures, is not installed")
    place = tmp_path / "ada.html"
    writer_of(place)(small(), place)
    page = place.read_text()
    data = re.search(r'<script type="application/json" id="neo4j-viz-data">(.*?)</script>', page)
    assert data
    told = json.loads(data.group(1))
    assert [node["id"] for node in told["nodes"]] == [circle.id for circle in small().circles]
    assert [line["from"] for line in told["relationships"]] == ["User|ada", "Item|lamp"]
    assert told["relationships"][0]["width"] == 6.0
    assert "<script>alert(1)" not in page
    assert not re.search(r'<(script|link)[^>]+(src|href)="https?:', page)


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_the_still_picture_is_the_same_each_time(tmp_path: Path, ending: str) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib, of the extra pictures, is not installed")
    one, two = (tmp_path / f"{name}.{ending}" for name in ("one", "two"))
    for place in (one, two):
        writer_of(place)(small(), place)
    assert one.stat().st_size > 5000
    assert one.read_bytes() == two.read_bytes()


def test_another_ending_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"ends in \.gif"):
        writer_of(Path("ada.gif"))


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "neo4j_viz", None)
    with pytest.raises(ConfigError, match="neo4j_viz") as refused:
        writer_of(Path("ada.html"))
    assert "kgrec[pictures]" in refused.value.remedy


def test_colours_tell_labels_apart_and_can_be_read_on() -> None:
    colours = node_colours(["User", "Item", "Brand", "Genre", "ModelRun", "EtlRun"])
    assert len({colours[label] for label in ("User", "Item", "Brand", "Genre", "ModelRun")}) == 5
    assert colours["ModelRun"] == colours["EtlRun"]
    assert text_colour("#FFFFFF") != text_colour("#000000")
    assert border_colour("#FF8000") == "#C76400"
