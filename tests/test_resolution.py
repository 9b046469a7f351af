"""Spellings of one thing become one: by declared rules, within a kind, and never silently."""

from __future__ import annotations

from pathlib import Path

import pytest
from text_world import attributes_table

from etl.resolution import resolve_attributes
from etl.settings import ResolveSettings
from etl.staging import Staging

FILMS = [
    ("heat", "Studio", "Warner Bros. Pictures"),
    ("seven", "Studio", "Warner Bros."),
    ("alien", "Studio", "Warner Bros."),
    ("gremlins", "Studio", "Warner Bros"),
    ("gremlins", "Person", "Warner Bros"),
    ("amelie", "Person", "Audrey Tautou"),
    ("hotel", "Person", "Penélope Cruz"),
    ("vanilla", "Person", "Penelope Cruz"),
    ("volver", "Person", "Penélope Cruz"),
    ("up", "Studio", "Pixar"),
    ("cars", "Studio", "Pixar"),
    ("brave", "Studio", "PIXAR"),
]


def resolved(
    folder: Path, settings: ResolveSettings, rows: list[tuple[str, str, str]] = FILMS
) -> tuple[set[tuple[str, str, str]], dict[tuple[str, str], tuple[str, str]]]:
    """Return the attributes as they are afterwards, and spelling → (what it became, rule)."""
    staging = Staging(folder)
    staging.write("attributes", [attributes_table(rows)])
    told = resolve_attributes(staging, settings)
    table = staging.read("resolved").to_pylist()
    assert told == len(table)
    left = staging.read("attributes").to_pylist()
    assert len({(row["item_id"], row["kind"], row["value"]) for row in left}) == len(left)
    return (
        {(row["item_id"], row["kind"], row["value"]) for row in left},
        {(row["kind"], row["value"]): (row["merged_into"], row["rule"]) for row in table},
    )


def test_without_rules_nothing_is_merged(tmp_path: Path) -> None:
    assert resolved(tmp_path, ResolveSettings()) == (set(FILMS), {})


def test_rules_merge_into_the_commonest_spelling_and_say_why(tmp_path: Path) -> None:
    rules = ResolveSettings(rules=("punctuation", "accents", "company"))
    left, why = resolved(tmp_path, rules)
    assert why == {
        ("Studio", "PIXAR"): ("Pixar", "case"),
        ("Studio", "Warner Bros"): ("Warner Bros.", "punctuation"),
        ("Studio", "Warner Bros. Pictures"): ("Warner Bros.", "company"),
        ("Person", "Penelope Cruz"): ("Penélope Cruz", "accents"),
    }
    assert {value for _, kind, value in left if kind == "Studio"} == {"Warner Bros.", "Pixar"}
    assert ("vanilla", "Person", "Penélope Cruz") in left
    assert len(left) == len(FILMS)


def test_kinds_are_never_mixed_and_can_be_chosen(tmp_path: Path) -> None:
    rules = ResolveSettings(rules=("punctuation", "accents", "company"), kinds=("Person",))
    left, why = resolved(tmp_path, rules)
    assert {kind for kind, _ in why} == {"Person"}
    assert ("gremlins", "Person", "Warner Bros") in left


def test_a_coarser_rule_includes_the_finer_ones(tmp_path: Path) -> None:
    rows = [("a", "Brand", "Röde, Inc."), ("b", "Brand", "Rode"), ("c", "Brand", "Rode")]
    rules = ResolveSettings(rules=("punctuation", "accents", "company"))
    assert resolved(tmp_path, rules, rows)[1] == {("Brand", "Röde, Inc."): ("Rode", "company")}


def test_named_pairs_are_merged_and_others_kept_apart(tmp_path: Path) -> None:
    chosen = ResolveSettings(
        rules=("punctuation", "company"),
        merge={"Studio": {"Disney": ("pixar", "Buena Vista")}},
        apart={"Studio": ("warner bros. pictures",)},
    )
    left, why = resolved(tmp_path, chosen)
    assert why == {
        ("Studio", "PIXAR"): ("Disney", "merge"),
        ("Studio", "Pixar"): ("Disney", "merge"),
        ("Studio", "Warner Bros"): ("Warner Bros.", "punctuation"),
    }
    assert ("up", "Studio", "Disney") in left
    assert ("heat", "Studio", "Warner Bros. Pictures") in left


def test_an_item_with_both_spellings_has_the_value_once(tmp_path: Path) -> None:
    rows = [("heat", "Studio", "Warner Bros."), ("heat", "Studio", "Warner Bros")]
    left, _ = resolved(tmp_path, ResolveSettings(rules=("punctuation",)), rows)
    assert left == {("heat", "Studio", "Warner Bros")}


@pytest.mark.parametrize(
    ("one", "other"),
    [("R&B", "R and B"), ("Rock'n'Roll", "Rock’n’Roll"), ("Sci-Fi", "Sci Fi"), ("U.S.A", "USA")],
)
def test_punctuation_says_nothing(tmp_path: Path, one: str, other: str) -> None:
    rows = [("a", "Genre", one), ("b", "Genre", other)]
    assert len(resolved(tmp_path, ResolveSettings(rules=("punctuation",)), rows)[1]) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("Pictures", "Studios"), ("C", "C++"), ("Channel 4", "Channel 5"), ("Fox", "Fox Searchlight")],
)
def test_different_things_stay_two(tmp_path: Path, one: str, other: str) -> None:
    rows = [("a", "Brand", one), ("b", "Brand", other)]
    every = ResolveSettings(rules=("punctuation", "accents", "company"))
    assert resolved(tmp_path, every, rows)[1] == {}
