"""Names of the catalogue in reviews, and the ambiguity of common words."""

from __future__ import annotations

import pytest
from text_world import attributes_table, items_table

from etl.text.entities import EntityRecognizer
from etl.text.gazetteer import catalogue_names, writing_of
from etl.text.names import Writing
from etl.text.settings import EntitySettings
from etl.text.tokens import Tokenizer

FILMS = {
    "tt1": "It",
    "tt2": "Get Out",
    "tt3": "The Matrix (1999)",
    "tt4": "Godfather, The (1972)",
    "tt5": "Up",
    "tt6": "Zootopia",
    "tt7": "Heat",
    "tt8": "Twins",
    "tt9": "Twins",
}
VALUES = [
    ("tt1", "Director", "Andy Muschietti"),
    ("tt2", "Studio", "Blumhouse"),
    ("tt3", "Year", "1999"),
    ("tt3", "Genre", "Action"),
]


def entities_in(text: str, settings: EntitySettings | None = None) -> list[str]:
    names = catalogue_names(
        items_table(FILMS), attributes_table(VALUES), settings or EntitySettings()
    )
    tokenizer = Tokenizer()
    recognizer = EntityRecognizer(names, tokenizer, {"en": 1.0})
    recognizer.prepare("en")
    ((tokens, doc),) = tokenizer.cut([text], "en")
    return [mention.entity_id for mention in recognizer.mentions(tokens, doc)]


def test_a_film_called_it_does_not_match_every_it() -> None:
    assert entities_in("I saw it. It is bad, and it bored me. IT WAS LONG. Not It again") == []
    assert entities_in('I saw "It" last night and it scared me.') == ["Item:it"]


def test_ordinary_phrases_count_only_when_written_as_a_name() -> None:
    assert entities_in("I had to get out of there.") == []
    assert entities_in("Get out of here!") == []
    assert entities_in("I think Get Out is a masterpiece.") == ["Item:get out"]
    assert entities_in("Get Out is a masterpiece.") == ["Item:get out"]


def test_an_ordinary_word_counts_when_capitalised_in_mid_sentence_only() -> None:
    assert entities_in("Heat is a must. The heat of the day.") == []
    assert entities_in("Nothing beats Heat for a robbery film.") == ["Item:heat"]
    assert entities_in("I loved White Heat more.") == []


def test_unmistakable_names_count_in_any_case() -> None:
    assert entities_in("zootopia is fun, ZOOTOPIA 2 is not") == ["Item:zootopia", "Item:zootopia"]
    assert entities_in("directed by andy muschietti for blumhouse") == [
        "Director:andy muschietti",
        "Studio:blumhouse",
    ]


def test_catalogue_spellings_of_titles_are_understood() -> None:
    assert entities_in("I prefer the matrix") == ["Item:the matrix (1999)"]
    assert entities_in("Then The Godfather came.") == ["Item:godfather, the (1972)"]


def test_numbers_are_no_names() -> None:
    assert entities_in("Back in 1999 we had fun") == []


def test_aliases_find_the_item_they_stand_for() -> None:
    settings = EntitySettings(aliases={"Zootopia": ("Zootropolis",)})
    assert entities_in("Zootropolis it was called here", settings) == ["Item:zootopia"]


def test_kinds_can_be_left_out() -> None:
    text = "Full of Action for blumhouse"
    assert entities_in(text) == ["Genre:action", "Studio:blumhouse"]
    assert entities_in(text, EntitySettings(exclude_kinds=("Genre",))) == ["Studio:blumhouse"]


def test_a_title_that_two_items_share_refers_to_neither() -> None:
    names = catalogue_names(items_table(FILMS), attributes_table(VALUES), EntitySettings())
    refers_to = {name.entity_id: name.refers_to for name in names}
    assert refers_to["Item:twins"] is None
    assert refers_to["Item:zootopia"] == "tt6"
    assert refers_to["Studio:blumhouse"] == "Studio:blumhouse"


@pytest.mark.parametrize(
    ("name", "writing"),
    [
        ("It", Writing.QUOTED),
        ("Up", Writing.QUOTED),
        ("Heat", Writing.CAPITALS),
        ("Get Out", Writing.CAPITALS),
        ("Zootopia", Writing.ANY),
        ("The Godfather", Writing.ANY),
    ],
)
def test_how_strictly_a_name_is_met_follows_how_ordinary_it_is(name: str, writing: Writing) -> None:
    assert writing_of(name) is writing
