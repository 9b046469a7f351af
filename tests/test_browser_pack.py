"""The pack for Neo4j Browser: what a hand-known household gives."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from http.client import HTTPResponse
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from query_world import build

from kg.cypher_text import fill_parameters
from kg.errors import ConfigError
from kg.parameter import to_literal
from kg.store import Store
from recommender.browser import Pack, write_pack
from recommender.browser.examples import choose_examples
from recommender.browser.serve import make_server
from recommender.browser.style import Label, style

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
HOSTILE = "Lamp'</slide><script>alert(1)</script> {{ 7*7 }} \\"


def make(store: Store, folder: Path) -> Pack:
    return write_pack(store, folder, now=NOON, address="http://localhost:7475")


@pytest.fixture
def house(store: Store) -> Store:
    return build(store)


def rules(grass: str) -> dict[str, dict[str, str]]:
    """What Browser's own reader would make of a style."""
    found = {}
    for selector, body in re.findall(r"([\w.]+) \{\n(.*?)\n\}", grass, re.DOTALL):
        pairs = (line.strip(" ;").split(": ") for line in body.splitlines())
        found[selector] = {name: value.strip("'") for name, value in pairs}
    return found


def scripts(place: Path) -> dict[str, str]:
    with ZipFile(place) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def slides(page: str) -> list[str]:
    return re.findall(r"<slide>(.*?)</slide>", page, re.DOTALL)


def runnable(page: str) -> list[str]:
    return [
        unescape(text)
        for text in re.findall(r'<pre class="code runnable"[^>]*>(.*?)</pre>', page, re.DOTALL)
    ]


def test_the_one_who_has_a_list_and_reviews_is_shown(house: Store) -> None:
    chosen = choose_examples(house)
    assert (chosen.user, chosen.item, chosen.listed) == ("ada", "desk", True)
    assert (chosen.deeds, chosen.reviews) == (3, 2)
    assert chosen.values == {
        "userId": "ada",
        "itemId": "desk",
        "userIds": ["ada", "dora"],
        "aspectId": "light",
        "topicId": "home",
        "attributeId": "Brand:lumo",
        "kind": "Brand",
        "liked": ["lamp"],
        "words": ["light"],
    }


def test_who_did_nothing_is_nobody_to_show(house: Store) -> None:
    house.run_text("CREATE (:User {userId: 'a newcomer'})")
    house.run_text("MATCH ()-[r:RECOMMENDED|WROTE]->() DELETE r")
    shown = house.read("read/example_users", deeds=0, limit=9)
    assert shown
    assert all(row["deeds"] for row in shown)


def test_every_saved_statement_runs_and_finds_something(house: Store, tmp_path: Path) -> None:
    pack = make(house, tmp_path)
    assert pack.left_out == [
        "browse/alert_evidence",
        "browse/alert_picture",
        "browse/segment_people",
        "browse/segment_picture",
    ]
    found = {
        name: house.run_text(text) for name, text in scripts(tmp_path / "saved-queries.zip").items()
    }
    assert len(found) == pack.queries
    assert not any("$" in text.partition("\n")[2] for text in found)
    full = {name.partition("/")[2].removesuffix(".cypher") for name, rows in found.items() if rows}
    assert full >= {
        *("for_user", "why", "within_aspect", "within_attribute", "within_topic", "for_group"),
        *("user_picture", "list_picture", "item_picture", "why_paths", "item_opinions"),
        *("item_quotes", "diverse", "for_new_user", "audience", "answers"),
    }


def test_with_params_each_parameter_has_its_line(house: Store, tmp_path: Path) -> None:
    make(house, tmp_path)
    plain = scripts(tmp_path / "saved-queries.zip")
    with_params = scripts(tmp_path / "saved-queries-with-params.zip")
    assert len(plain) == len(with_params)
    why = with_params["kgrec recommend with params/why.cypher"]
    assert why.startswith("// why: why an item is on a user's list")
    assert ":param userId => 'ada';\n:param itemId => 'desk';\n" in why
    assert "{userId: $userId}" in why
    assert "{userId: 'ada'}" in plain["kgrec recommend/why.cypher"]


def test_the_same_graph_gives_the_same_bytes(house: Store, tmp_path: Path) -> None:
    one, two = (make(house, tmp_path / name).files for name in ("one", "two"))
    assert [place.read_bytes() for place in one] == [place.read_bytes() for place in two]


def test_the_guide_has_ten_lessons_whose_queries_run(house: Store, tmp_path: Path) -> None:
    make(house, tmp_path)
    page = (tmp_path / "guide.html").read_text()
    assert len(slides(page)) == 10
    assert all(runnable(slide) for slide in slides(page))
    for statement in runnable(page):
        house.run_text(statement)
    for told in (
        "5 :Item",
        "ada did something with items 3 times and wrote 2 reviews.",
        "First for ada is Desk, with a chance of 50%.",
        "The strongest reason for Desk is of the kind item: Lamp, resting on 2.",
        "Of Desk people speak most of light: 1 praise it and 1 blame it.",
        "The reviews of this graph go from 2023-01-01 to 2024-01-01.",
    ):
        assert told in unescape(page), told


def test_a_hostile_name_stays_a_name(house: Store, tmp_path: Path) -> None:
    house.run_text(
        "MATCH (i:Item {itemId: 'desk'}) SET i.title = $name, i.itemId = $name", name=HOSTILE
    )
    make(house, tmp_path)
    page = (tmp_path / "guide.html").read_text()
    assert "<script" not in page
    assert len(slides(page)) == 10
    why = scripts(tmp_path / "saved-queries.zip")["kgrec recommend/why.cypher"]
    assert house.run_text(why)


def test_without_lists_the_guide_says_so(house: Store, tmp_path: Path) -> None:
    house.run_text("MATCH ()-[r:RECOMMENDED]->() DELETE r")
    make(house, tmp_path)
    page = (tmp_path / "guide.html").read_text()
    assert "No list is published in this graph yet" in page
    assert len(slides(page)) == 10


def test_an_empty_graph_cannot_be_shown(store: Store, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nobody who did anything"):
        make(store, tmp_path)


def test_the_style_has_a_rule_for_all_that_lives(house: Store, tmp_path: Path) -> None:
    make(house, tmp_path)
    found = rules((tmp_path / "style.grass").read_text())
    labels = {row["label"] for row in house.read("read/node_counts")}
    types = {row["type"] for row in house.read("read/relationship_counts")}
    assert {f"node.{label}" for label in labels} <= found.keys()
    assert {f"relationship.{type_}" for type_ in types} <= found.keys()
    assert found["node.Item"]["caption"] == "{title}"
    assert found["relationship.RECOMMENDED"]["caption"] == "place {rank}"


def test_circles_grow_with_the_mean_degree_and_kinds_win_over_attributes() -> None:
    labels = [Label("Brand", 2, 5.0, 0.0), Label("Attribute", 2, 5.0, 0.0)]
    labels += [Label("User", 9, 40.0, 0.0), Label("Item", 9, 1.0, 0.2)]
    found = rules(style(labels, ["RATED", "RECOMMENDED"]))
    sizes = {name: int(rule.get("diameter", "0px")[:-2]) for name, rule in found.items()}
    assert (sizes["node.Item"], sizes["node.User"]) == (40, 72)
    assert 40 < sizes["node.Brand"] < 72
    assert list(found).index("node.Attribute") < list(found).index("node.Brand")
    assert found["node.Brand"]["caption"] == "{name}"
    assert found["node.Item"]["caption"] == "{itemId}"
    assert len({rule["color"] for name, rule in found.items() if name.startswith("node.")}) == 4
    width = "shaft-width"
    assert found["relationship.RECOMMENDED"][width] != found["relationship.RATED"][width]


@given(value=st.text() | st.integers(-(2**53), 2**53) | st.booleans() | st.none())
def test_a_literal_stands_in_one_line_and_has_no_end_in_it(value: object) -> None:
    literal = to_literal([value])
    assert literal.isprintable() or isinstance(value, str)
    assert "\n" not in literal
    filled = fill_parameters(f"RETURN {literal} AS x, $p AS y, '$p' AS z // $p", {"p": "7"})
    assert filled == f"RETURN {literal} AS x, 7 AS y, '$p' AS z // $p"


@pytest.mark.parametrize(
    "value",
    [
        "it's",
        'a "quote"',
        "back\\slash",
        "\\u0041",
        "tab\tline\nend",
        "ü €",
        [1, 2.5, None, True],
        ["a'"],
    ],
)
def test_a_server_reads_a_literal_as_the_value(server: Store, value: object) -> None:
    assert server.run_text(f"RETURN {to_literal(value)} AS value")[0]["value"] == value


def test_what_has_no_literal_is_refused() -> None:
    for value in (float("nan"), {"a": 1}, NOON):
        with pytest.raises(ValueError, match="has no literal"):
            to_literal(value)


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "guide.html").write_text("<slide>one</slide>")
    with make_server(tmp_path, 0, ["graph.example.org"]) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://localhost:{server.server_port}/guide.html"
        server.shutdown()
        thread.join()


def read(address: str, method: str, **headers: str) -> HTTPResponse:
    return urlopen(Request(address, method=method, headers=headers))  # noqa: S310 - our own server


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://localhost:7474", True),
        ("http://127.0.0.1:7474", True),
        ("https://graph.example.org", True),
        ("https://example.org", False),
    ],
)
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_only_pages_of_this_machine_and_the_graph_server_may_read(
    address: str, method: str, origin: str, allowed: bool
) -> None:
    asked = {"Access-Control-Request-Headers": "pragma,sentry-trace"}  # as Browser asks
    with read(address, method, Origin=origin, **asked) as answer:
        assert (answer.headers["Access-Control-Allow-Origin"] == origin) is allowed
        assert (answer.headers["Access-Control-Allow-Headers"] is not None) is allowed
        assert answer.read() == (b"<slide>one</slide>" if method == "GET" else b"")


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_another_name_for_the_address_is_refused(address: str, method: str) -> None:
    with pytest.raises(HTTPError, match="403"):
        read(address, method, Host="evil.example.org")


def test_what_is_no_http_is_refused_in_silence(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    place = urlsplit(address)
    with socket.create_connection(("127.0.0.1", place.port or 0), timeout=10) as caller:
        caller.sendall(b"\x16\x03\x01 as https begins\r\n")
        answer = b"".join(iter(lambda: caller.recv(4096), b""))
    assert b"400" in answer
    assert capsys.readouterr().err == ""
