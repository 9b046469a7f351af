"""A shop whose keys, names and texts are hostile, in the graph and in all that is made from it.

Everything is stored as it is, comes back as it is, and does nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from graph_world import graph_of
from hostile import KEYS
from numpy.typing import NDArray
from report_world import write_folder
from server_environment import point_at
from shop_world import JUNE, Tables, did, fact, load_shop, mention, wrote

from etl.load import load_staging
from kg.errors import ConfigError, GraphError
from kg.parameter import to_literal
from kg.rdf.export import export
from kg.rdf.restore import restore
from kg.runs import begin_run
from kg.store import Store
from recommender.asking.ask import ask
from recommender.asking.named import named_things
from recommender.browser.pack import write_pack
from recommender.cli.app import run_app
from recommender.picture.drawing import drawing_of
from recommender.picture.files import writer_of
from recommender.picture.neighbourhood import of_item, of_user
from recommender.report import write_report
from recommender.search import search

LABELS = {"User", "Item", "Review", "Attribute", "Brand", "Entity", "Aspect", "Topic"}
PRINTED = [key for key in KEYS if "\0" not in key]


def person(key: str) -> str:
    """Nothing but the person is called so."""
    return f"{key}~"


def named(key: str) -> str:
    """A name of a property; a config may not write NUL in one, which Neo4j refuses."""
    return key.replace("\0", "0")


def hostile_shop() -> Tables:
    """One user, item, review, brand, aspect, topic and fact for each hostile text, named so."""
    rows = [(f"r{n}", key) for n, key in enumerate(KEYS)]
    return {
        "users": [
            {"user_id": person(key), "traits": [(named(key), key)], "source": key} for key in KEYS
        ],
        "items": [
            {"item_id": key, "title": key, "description": key, "source": key}
            | {"properties": [(named(key), key)]}
            for key in KEYS
        ],
        "attributes": [
            {"item_id": key, "kind": "Brand", "value": key, "source": key} for key in KEYS
        ],
        "interactions": [
            did(person(key), key, "RATED", rating=5.0, positive=True, count=1, at=JUNE)
            for key in KEYS
        ],
        "reviews": [
            wrote(f"{name}{key}", person(key), key, f"{name}: {key}", JUNE) for name, key in rows
        ],
        "review_facts": [fact(f"{name}{key}", 0.5) for name, key in rows],
        "triples": [
            {"head": key, "predicate": key, "tail": f"{key}!", "source": key} for key in KEYS
        ],
        "links": [{"item_id": key, "entity": key, "source": key} for key in KEYS],
        "aspects": [
            {"aspect_id": key, "name": key, "score": 0.9, "extractor": "x/1"} for key in KEYS
        ],
        "mentions": [mention(f"{name}{key}", "Aspect", key, 0.5, 0, 1) for name, key in rows],
        "topics": [
            {"topic_id": key, "label": key, "words": [key], "word_weights": [1.0], "weak": False}
            | {"model_version": "lda/1"}
            for key in KEYS
        ],
        "review_topics": [
            {"review_id": f"{name}{key}", "topic_id": key, "weight": 1.0, "extractor": "lda/1"}
            for name, key in rows
        ],
    }


@pytest.fixture
def shop(taken: Store, tmp_path: Path) -> Store:
    """The shop, for who only reads: it stays until somebody empties the graph."""
    if not taken.run_text("MATCH (r:EtlRun {hostile: true}) RETURN r.runId AS run"):
        taken.clear()
        load_shop(taken, tmp_path, hostile_shop())
        taken.run_text("MATCH (r:EtlRun) SET r.hostile = true")
    return taken


@pytest.fixture
def own_shop(store: Store, tmp_path: Path) -> Store:
    """The shop, for who changes it."""
    load_shop(store, tmp_path, hostile_shop())
    return store


def test_everything_is_stored_as_it_is_and_does_nothing(shop: Store) -> None:
    for label, key in (
        ("Item", "itemId"),
        ("Item", "title"),
        ("Item", "description"),
        ("Aspect", "name"),
        ("Topic", "label"),
    ):
        rows = shop.run_text(f"MATCH (n:{label}) RETURN n.{key} AS value")
        assert sorted(str(row["value"]) for row in rows) == sorted(KEYS), (label, key)
    rows = shop.run_text("MATCH (u:User)-[:RATED]->(i:Item) RETURN u.userId AS user, i AS item")
    assert sorted(str(row["user"]) for row in rows) == sorted(map(person, KEYS))
    for label in ("User", "Item"):
        rows = shop.run_text(f"MATCH (n:{label}) RETURN properties(n) AS own")
        assert {key for row in rows for key in row["own"]} >= set(map(named, KEYS))  # type: ignore[attr-defined]
    rows = shop.run_text("MATCH (r:Review) RETURN r.text AS text")
    assert sorted(str(row["text"]).partition(": ")[2] for row in rows) == sorted(KEYS)
    brands = shop.run_text("MATCH (:Item)-->(b:Brand) RETURN b.name AS name")
    assert sorted(str(row["name"]) for row in brands) == sorted(KEYS)
    related = shop.run_text("MATCH ()-[r:RELATES_TO]->() RETURN r.predicate AS p")
    assert sorted(str(row["p"]) for row in related) == sorted(KEYS)
    labels = {str(row["label"]) for row in shop.read("read/node_counts")}
    assert labels - {"Migration", "MigrationLock", "EtlRun", "Dataset", "Checkpoint"} <= LABELS


def test_every_query_takes_a_hostile_key(shop: Store) -> None:
    asked = 0
    for name in shop.catalogue:
        query = shop.catalogue[name]
        texts = [p.name for p in query.parameters if p.type == "string" and p.name.endswith("Id")]
        if query.access != "read" or query.identifiers or not texts:
            continue
        others = [p for p in query.parameters if p.required and p.name not in texts]
        if others:
            continue
        for key in KEYS[asked % 5 :: 5]:  # all of them with all queries take long
            shop.read(name, None, **dict.fromkeys(texts, key))
            asked += 1
    assert asked >= len(KEYS)


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, "\ud800"])
def test_what_no_graph_can_hold_is_refused(server: Store, value: object) -> None:
    with pytest.raises(GraphError, match="cannot be stored"):
        server.run_text("RETURN $value AS value", value=value)


@pytest.mark.parametrize("value", [*KEYS, "\\u005c' + 1 + '", "\\\\u0027", "\\U0001F600", "\\"])
def test_a_literal_is_the_value_and_nothing_else(server: Store, value: str) -> None:
    rows = server.run_text(f"RETURN {to_literal(value)} AS value, 'end' AS end")
    assert rows == [{"value": value, "end": "end"}]


class Elements(HTMLParser):
    """The elements of a page, each with the names of its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))


def elements(page: str) -> list[tuple[str, tuple[str, ...]]]:
    reader = Elements()
    reader.feed(page)
    return reader.found


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, tuple[str, ...]]]:
    """The elements of a report of harmless data."""
    page = write_report(write_folder(tmp_path_factory.mktemp("calm") / "run", "plain"))
    return elements(page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("text", KEYS)
def test_no_element_or_attribute_of_the_report_comes_from_data(
    tmp_path: Path, calm: list[tuple[str, tuple[str, ...]]], text: str
) -> None:
    page = write_report(write_folder(tmp_path / "wild", text)).read_text(encoding="utf-8")
    assert elements(page) == calm
    assert not set(page) & set("\0\x07\x1b\x9b\u202e")


@pytest.mark.parametrize("server", ["embedded"], indirect=True)  # they are drawn without the graph
def test_pictures_show_hostile_names(shop: Store, tmp_path: Path) -> None:
    for place, key in enumerate(KEYS):
        drawing = drawing_of(of_user(shop, person(key), 30) + of_item(shop, key, 30))
        assert len(drawing.circles) > 1
        page = tmp_path / f"{place}.html"
        writer_of(page)(drawing, page)
        assert "<script>alert" not in page.read_text(encoding="utf-8")
        svg = tmp_path / f"{place}.svg"
        writer_of(svg)(drawing, svg)
        tree = ElementTree.parse(svg)  # noqa: S314 - our own
        names = {each.tag.rpartition("}")[2] for each in tree.iter()}
        assert not names & {"script", "image", "a", "foreignObject"}


def test_questions_and_searches_are_words_and_nothing_else(shop: Store) -> None:
    before = graph_of(shop)

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        return np.ones((len(texts), 2), np.float32) / np.float32(np.sqrt(2))

    for key in KEYS:
        named_things(shop, f'what of "{key}"?', asker=person(key))
        with suppress(ConfigError):  # the answer matters less than that there is one
            ask(shop, f'recommendations for "{key}"', encode, asker=person(key))
        search(
            shop,
            np.array([1.0, 0.0], np.float32),
            f"{key} AND (x* OR title:~) /.*/",
            user=person(key),
            top=3,
        )
    with pytest.raises(ConfigError, match="at most 1,000"):
        ask(shop, "why " * 1_000, encode)
    assert graph_of(shop) == before


def test_commands_take_hostile_keys(
    shop: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    point_at(shop, tmp_path, monkeypatch)
    for place, key in enumerate(PRINTED):
        command = (
            ["query", "browse/user_profile", "-p", f"userId={person(key)}", "--dataset", "shop"],
            ["explain", "--dataset", "shop", "--", person(key), key],
            ["recommend", "--dataset", "shop", "--", person(key)],
        )[place % 3]
        assert run_app(command) in (0, 2), (command, capsys.readouterr().err)
        said = capsys.readouterr()
        assert "Unexpected" not in said.err
        assert not set(said.out + said.err) & set("\x07\x1b\x9b\u202e"), command


def test_a_second_load_finds_the_same_nodes(own_shop: Store, tmp_path: Path) -> None:
    before = graph_of(own_shop)
    begin_run(own_shop, "EtlRun", "run-2", now=JUNE, config={}, code_version="1")
    load_staging(own_shop, tmp_path / "run-1", run_id="run-2", dataset="shop")
    assert len(graph_of(own_shop)[0]) == len(before[0])


def test_the_browser_pack_asks_for_what_the_graph_holds(own_shop: Store, tmp_path: Path) -> None:
    for place, key in enumerate(KEYS[::2]):
        own_shop.run_text("MATCH (u:User) SET u.itemCount = 1, u.likedCount = 1")
        own_shop.run_text(
            "MATCH (u:User {userId: $key}) SET u.itemCount = 99, u.likedCount = 99",
            key=person(key),
        )
        pack = write_pack(
            own_shop, tmp_path / str(place), now=datetime.now(UTC), address="http://localhost:1"
        )
        page = (tmp_path / str(place) / "guide.html").read_text(encoding="utf-8")
        assert elements(page).count(("script", ())) == 0
        assert pack.queries > 20
        if place % 7:  # all of them take long
            continue
        from test_browser_pack import scripts

        for script in scripts(tmp_path / str(place) / "saved-queries.zip").values():
            own_shop.run_text(script)


def test_rdf_takes_a_hostile_graph_out_and_back(own_shop: Store, tmp_path: Path) -> None:
    before = graph_of(own_shop)
    export(own_shop, tmp_path / "graph.nt")
    own_shop.clear()
    restore(own_shop, tmp_path / "graph.nt")
    assert graph_of(own_shop) == before


def test_hostile_people_are_forgotten(
    own_shop: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    point_at(own_shop, tmp_path, monkeypatch)
    gone = [person(key) for key in PRINTED[::3]]
    for key in gone:
        assert run_app(["forget", "--yes", "--dataset", "shop", "--", key]) == 0, key
    assert "\x1b" not in capsys.readouterr().out
    left = {str(row["key"]) for row in own_shop.run_text("MATCH (u:User) RETURN u.userId AS key")}
    assert left == set(map(person, KEYS)) - set(gone)
