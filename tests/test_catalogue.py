"""Query files: headers agree with texts, or the file is refused with the place."""

from __future__ import annotations

import json
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import cypher_text
from kg.catalogue import Catalogue
from kg.errors import ConfigError, QueryFileError, UnknownKeyError
from kg.parameter import parse_literal
from kg.query_file import Query, parse_query

GOOD = """\
// shop/liked: what a user liked; best first
// access: read
// It is only an example. $not a parameter here, nor RETURN.
// param userId: string — the user's key
// param most: integer — how many
// identifier __BEHAVIOUR__: behaviour — what counts as liking
// returns itemId: string — the item
// returns why: map — a reason
:param most => 10;
MATCH (:User {userId: $userId})-[r:__BEHAVIOUR__]->(i:Item)
WHERE i.title <> 'for $9 // RETURN x, y'
RETURN i.itemId AS itemId, {rating: r.rating, by: [r.source, 'RETURN a, b']} AS why
ORDER BY r.rating DESC, itemId
LIMIT $most;
"""


def liked(text: str = GOOD) -> Query:
    return parse_query("shop/liked", {None: text})


def test_a_header_says_all_about_a_query() -> None:
    query = liked()
    assert query.summary == "what a user liked; best first"
    assert query.access == "read"
    user, most = query.parameters
    assert (user.name, user.type, user.required) == ("userId", "string", True)
    assert (most.default, most.required) == (10, False)
    assert [(c.name, c.type) for c in query.columns] == [("itemId", "string"), ("why", "map")]


def test_what_is_sent_has_no_header_no_defaults_and_its_identifiers_filled_in() -> None:
    text = liked().text("neo4j", {"__BEHAVIOUR__": "HUMMED"})
    assert text.startswith("MATCH (:User {userId: $userId})-[r:HUMMED]->(i:Item)")
    assert text.endswith("LIMIT $most")


@pytest.mark.parametrize("value", ["RATED|WROTE", "rated", "R]->() DETACH DELETE n //", ""])
def test_an_identifier_takes_only_names(value: str) -> None:
    with pytest.raises(ConfigError, match="behaviour"):
        liked().text("neo4j", {"__BEHAVIOUR__": value})


def test_identifiers_must_be_those_of_the_header() -> None:
    with pytest.raises(QueryFileError, match=r"got identifiers \[\], wanted \['__BEHAVIOUR__'\]"):
        liked().text("neo4j")


def test_arguments_are_completed_by_defaults() -> None:
    assert liked().arguments({"userId": "ada"}) == {"userId": "ada", "most": 10}


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ({}, "needs 'userId'"),
        ({"userId": "ada", "top": 1}, "has no parameter 'top'"),
        ({"userId": 7}, "'userId' of query 'shop/liked' is a int, wanted string"),
        ({"userId": "ada", "most": True}, "is a bool, wanted integer"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(given_: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        liked().arguments(given_)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("// shop/liked:", "// shop/loved:", r"shop/liked.cypher:1: got '// shop/loved"),
        ("// access: read\n", "", "lacks '// access"),
        ("access: read", "access: write", "does not change the graph"),
        ("// param userId: string — the user's key\n", "", "parameters"),
        ("$userId}", "$user}", "parameters"),
        ("// param userId: string", "// param userId: text", ":4: got the type 'text'"),
        ("— the user's key", "the user's key", ":4: got .// param userId"),
        (":param most => 10;", ":param most = 10;", ":9: got ':param most = 10;'"),
        (":param most => 10;", ":param most => ten;", ":9: 'ten' is no literal"),
        (":param most => 10;", ":param least => 10;", "':param least' has no"),
        ("r:__BEHAVIOUR__", "r:RATED", "identifiers"),
        ("// returns why: map — a reason\n", "", r"columns are \['itemId'\]"),
        (" AS itemId, {", " AS id, {", "'id', 'why'"),
        ("WHERE", "SET i.seen = true WITH i, r WHERE", "changes the graph"),
        ("LIMIT $most;", "LIMIT $most; MATCH (n) RETURN n;", "one statement, got 2"),
    ],
)
def test_a_file_whose_header_and_text_disagree_is_refused(old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(QueryFileError, match=message):
        liked(GOOD.replace(old, new))


def test_a_dialect_has_its_own_text_and_the_same_header() -> None:
    fulltext = GOOD.replace("MATCH (:User", "MATCH (:User:Known")
    query = parse_query("shop/liked", {None: GOOD, "neo4j": fulltext})
    identifiers = {"__BEHAVIOUR__": "RATED"}
    assert "Known" in query.text("neo4j", identifiers)
    assert "Known" not in query.text("embedded", identifiers)
    with pytest.raises(QueryFileError, match="different headers"):
        parse_query("shop/liked", {None: GOOD, "neo4j": fulltext.replace("=> 10", "=> 11")})
    with pytest.raises(QueryFileError, match="no text for the embedded dialect"):
        parse_query("shop/liked", {"neo4j": fulltext}).text("embedded", identifiers)


def test_names_are_paths_and_unknown_ones_suggest_near_ones(tmp_path: Path) -> None:
    for name in ("shop/liked.cypher", "shop/liked.embedded.cypher", "migrations/V001__a.cypher"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(GOOD, encoding="utf-8")
    catalogue = Catalogue(tmp_path)
    assert list(catalogue) == ["shop/liked"]
    assert set(catalogue["shop/liked"].texts) == {None, "embedded"}
    with pytest.raises(UnknownKeyError, match="Near: shop/liked"):
        catalogue["shop/likes"]


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        ("integer", "12", 12),
        ("float", "0.5", 0.5),
        ("string", "12", "12"),
        ("boolean", "True", True),
        ("list<string>", "a, b", ["a", "b"]),
        ("list<string>", '["a, b"]', ["a, b"]),
        ("map", '{"a": 1}', {"a": 1}),
    ],
)
def test_values_from_the_command_line_become_the_parameters_type(
    type_: str, text: str, value: object
) -> None:
    query = liked(GOOD.replace("userId: string", f"userId: {type_}"))
    assert query.parameters[0].parse(text, query.name) == value


@pytest.mark.parametrize(("type_", "text"), [("integer", "many"), ("boolean", "2"), ("map", "[1]")])
def test_values_of_another_type_are_refused(type_: str, text: str) -> None:
    query = liked(GOOD.replace("userId: string", f"userId: {type_}"))
    with pytest.raises(ConfigError, match=f"wanted {type_}"):
        query.parameters[0].parse(text, query.name)


LITERALS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.text(string.ascii_letters + string.digits + " ,:[]{}'#-", max_size=12),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)


def as_cypher(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(as_cypher, value))}]"
    return json.dumps(value)


@given(LITERALS)
def test_defaults_are_read_as_cypher_means_them(value: object) -> None:
    assert parse_literal(as_cypher(value)) == value


NAMES = st.from_regex(r"[a-z][a-zA-Z0-9]{0,8}", fullmatch=True).filter(
    lambda name: name.upper() not in {"AS", "RETURN", "YIELD", "WHERE", "LIMIT", "SKIP", "OFFSET"}
)
NOISE = st.sampled_from(
    [
        "'RETURN $x, y'",
        '"; SET a"',
        "[x IN [1, 2] | x]",
        "{a: 1, b: [2, 3]}",
        "coalesce(1, 2)",
        "'\\''",
    ]
)


@given(st.lists(st.tuples(NAMES, NOISE), min_size=1, max_size=5, unique_by=lambda pair: pair[0]))
def test_columns_are_found_whatever_their_expressions_hold(pairs: list[tuple[str, str]]) -> None:
    text = "RETURN " + ", // a, b\n".join(f"{noise} AS {name}" for name, noise in pairs)
    assert cypher_text.columns(f"{text}\nORDER BY 1 LIMIT 5") == [name for name, _ in pairs]
    assert cypher_text.parameters(text) == set()
    assert not cypher_text.writes(text)
    assert len(cypher_text.statements(text)) == 1


@given(st.lists(st.tuples(NAMES, NOISE), min_size=1, max_size=5))
def test_statements_are_split_at_their_semicolons_alone(pairs: list[tuple[str, str]]) -> None:
    statements = [f"MATCH ({name}) WHERE {noise} = 1 RETURN {name}" for name, noise in pairs]
    assert cypher_text.statements(" ;\n// done; really\n".join(statements) + ";") == [
        statements[0],
        *(f"// done; really\n{statement}" for statement in statements[1:]),
    ]


@given(st.text())
def test_no_text_at_all_breaks_the_reader(text: str) -> None:
    assert len(cypher_text.bare(text)) == len(text)
    cypher_text.columns(text)
    cypher_text.statements(text)
