"""The service: real HTTP, on both servers, in a household whose answers are known by hand."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pytest
from query_world import build
from service_world import Caller, serving

from kg.bolt import Connection
from kg.errors import ConfigError, GraphUnavailableError
from kg.store import Store
from recommender.service.live_graph import WORKERS

ROOT = Path(__file__).parents[1]
KEY = "a-key-of-our-own-for-tests"
PUBLISHED = """
MATCH (m:ModelRun {runId: 'm1'}), (e:EtlRun {runId: 'e1'})
SET m.publishedAt = datetime('2024-06-02T00:00:00Z'), e.dataHash = 'first'
"""


@pytest.fixture
def house(store: Store) -> Store:
    build(store)
    store.run_text(PUBLISHED)
    return store


@pytest.fixture
def shop(house: Store) -> Iterator[Caller]:
    with serving(lambda: house.connection) as caller:
        yield caller


def test_a_known_user_gets_the_published_list(shop: Caller) -> None:
    answer = shop.get("/recommend/ada?top=2")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    told = answer.json
    assert (told["user"], told["basis"], told["run"]) == ("ada", "list", "m1")
    assert [place["item"] for place in told["items"]] == ["desk", "radio"]
    first = told["items"][0]
    assert (first["rank"], first["title"], first["score"]) == (1, "Desk", 2.0)
    assert (first["probability"], first["rating"], first["cold_start"]) == (0.5, None, True)
    assert first["reasons"][1] == {"kind": "aspect", "weight": 0.5, "key": "light"}
    assert first["words"] == ""


def test_words_come_when_they_are_asked_for(shop: Caller) -> None:
    [first] = shop.get("/recommend/ada?top=1&words=true").json["items"]
    assert first["words"].startswith("because ")
    assert "Lamp" in first["words"]


def test_a_stranger_gets_what_is_like_her_likes_or_what_is_popular(shop: Caller) -> None:
    likes = shop.get("/recommend/somebody%20new?likes=lamp&likes=kettle").json
    assert (likes["user"], likes["basis"]) == ("somebody new", "likes")
    assert [place["item"] for place in likes["items"]] == ["radio", "desk"]
    assert likes["items"][0]["words"] == "similar to *Kettle*, *Lamp*"
    popular = shop.get("/recommend/somebody%20new?top=2").json
    assert popular["basis"] == "popular"
    assert [(place["item"], place["score"]) for place in popular["items"]] == [
        ("lamp", 3.0),
        ("desk", 2.0),
    ]
    assert shop.get("/recommend/stranger?likes=nothing-we-have").json["basis"] == "popular"
    assert shop.get("/recommend/ben").json["basis"] == "popular", "known, but without a list"


def test_an_item_is_explained_in_words_and_rows(shop: Caller) -> None:
    told = shop.get("/explain/ada/desk").json
    assert told["recommended"] is True
    assert told["words"].startswith("Because ")
    assert [reason["key"] for reason in told["reasons"]] == ["lamp", "light", "home"]
    quotes = [quote["text"] for reason in told["reasons"] for quote in reason["quotes"]]
    assert "A warm light." in quotes
    assert shop.get("/explain/ben/radio").json["recommended"] is False


def test_what_is_not_there_is_404_and_names_nobody_else(shop: Caller) -> None:
    for path in ("/explain/adda/desk", "/explain/ada/deskk", "/explain/ada/desk/", "/nowhere"):
        answer = shop.get(path)
        assert answer.status == 404, path
        assert set(answer.json) == {"error", "remedy"}
    assert "'adda'" in shop.get("/explain/adda/desk").text
    assert "'ada'" not in shop.get("/explain/adda/desk").text


def test_keys_may_hold_anything(house: Store, shop: Caller) -> None:
    odd = "/m/a b?#%2F'\"\u202e`){}/"
    house.run_text("CREATE (:User {userId: $key})", key=odd)
    house.run_text("CREATE (:Item {itemId: $key, userCount: 0, likedCount: 0})", key=odd)
    sent = quote(odd, safe="")
    assert shop.get(f"/recommend/{sent}").json["user"] == odd
    told = shop.get(f"/explain/{sent}/{sent}")
    assert told.status == 200
    assert (told.json["user"], told.json["item"]) == (odd, odd)
    assert shop.get(f"/explain/{sent}/{quote(odd, safe='/')}").json["item"] == odd
    assert shop.get("/recommend/%00").status == 200, "a key like another, which nobody has"


def test_a_text_finds_items(house: Store, shop: Caller) -> None:
    vectors = {"lamp": [1.0, 0.0], "radio": [0.0, 1.0]}
    table = pa.table({"item_id": list(vectors), "vector": list(vectors.values())})
    house.write_rows("write/text_vectors", table, key=["item_id"])
    if house.capabilities.dialect == "neo4j":
        house.run_text("CALL db.awaitIndexes(60)")
        while len(shop.get("/search?q=sound").json["items"]) < 2:
            pass
    told = shop.get("/search?q=sound&user=ada&top=1").json
    assert told["query"] == "sound"
    [hit] = told["items"]
    assert (hit["item"], hit["meaning"], hit["rank"]) == ("radio", 1.0, 2)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/recommend/ada?top=0", "top: "),
        ("/recommend/ada?top=101", "top: "),
        ("/recommend/ada?top=many", "top: "),
        ("/recommend/" + "a" * 1_001, "user: "),
        ("/recommend/ada?" + "&".join(["likes=x"] * 51), "likes: "),
        ("/recommend/ada?likes=" + "x" * 1_001, "likes.0: "),
        ("/explain/ada/desk?top=21", "top: "),
        ("/explain/ada/" + "a" * 1_001, "at most 1,000 characters"),
        ("/search", "q: "),
        ("/search?q=", "q: "),
        ("/search?q=" + "x" * 1_001, "q: "),
    ],
)
def test_inputs_are_bounded(server: Store, path: str, told: str) -> None:
    with serving(lambda: server.connection) as caller:
        answer = caller.get(path)
    assert answer.status == 422
    assert told in answer.json["error"]


def test_an_answer_that_has_not_changed_is_304(house: Store, shop: Caller) -> None:
    for path in ("/recommend/ada", "/recommend/stranger", "/explain/ada/desk", "/search?q=light"):
        first = shop.get(path)
        tag = first.headers["etag"]
        assert tag.startswith('"m1.')
        again = shop.get(path, If_None_Match=f'"other", W/{tag}')
        assert (again.status, again.text, again.headers["etag"]) == (304, "", tag)
        assert shop.get(path, If_None_Match='"other"').status == 200
    house.run_text("MATCH (e:EtlRun) SET e.dataHash = 'somebody was forgotten'")
    assert shop.get("/recommend/ada", If_None_Match=tag).status == 200


def test_while_a_run_writes_nothing_is_said_to_be_the_same(house: Store, shop: Caller) -> None:
    tag = shop.get("/recommend/ada").headers["etag"]
    house.run_text("CREATE (:ModelRun {runId: 'm2', status: 'running'})")
    meanwhile = shop.get("/recommend/ada", If_None_Match=tag)
    assert meanwhile.status == 200
    assert "etag" not in meanwhile.headers
    assert meanwhile.json["run"] is None
    house.run_text(
        "MATCH (m1:ModelRun {runId: 'm1'}), (m2:ModelRun {runId: 'm2'}) "
        "SET m1.retiredAt = datetime(), m2.status = 'done', m2.publishedAt = datetime()"
    )
    assert shop.get("/recommend/ada", If_None_Match=tag).headers["etag"].startswith('"m2.')


def test_who_gets_a_list_between_two_runs_is_not_told_that_nothing_changed(
    house: Store, shop: Caller
) -> None:
    tags = {user: shop.get(f"/recommend/{user}").headers["etag"] for user in ("ben", "cy")}
    house.run_text(
        "MATCH (u:User {userId: 'ben'}), (i:Item {itemId: 'mug'}) "
        "SET u.listAt = datetime('2024-06-03T00:00:00Z') "
        "CREATE (u)-[:RECOMMENDED {rank: 1, score: 1.0, runId: 'm1', reasons: [], "
        "at: datetime('2024-06-03T00:00:00Z')}]->(i)"
    )
    assert shop.get("/recommend/ben", If_None_Match=tags["ben"]).json["basis"] == "list"
    assert shop.get("/recommend/cy", If_None_Match=tags["cy"]).status == 304


def test_somebody_who_was_forgotten_is_not_unchanged(house: Store, shop: Caller) -> None:
    tag = shop.get("/explain/ada/desk").headers["etag"]
    house.run_text("MATCH (u:User {userId: 'ada'}) DETACH DELETE u")
    assert shop.get("/explain/ada/desk", If_None_Match=tag).status == 404


def test_only_reading_is_possible(server: Store) -> None:
    with serving(lambda: server.connection) as caller:
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            refused = caller.get("/recommend/ada", method)
            assert (refused.status, refused.headers["allow"]) == (405, "GET")
            assert "error" in refused.json


def test_the_figures_count_by_route_and_name_nobody(shop: Caller) -> None:
    for path in ("/recommend/ada", "/recommend/ben", "/explain/nobody/desk", "/no/such/page"):
        shop.get(path)
    lines = shop.get("/metrics").text.splitlines()
    assert 'kgrec_http_requests_total{route="/recommend/{user:path}",status="200"} 2.0' in lines
    assert (
        'kgrec_http_requests_total{route="/explain/{user:path}/{item:path}",status="404"} 1.0'
        in lines
    )
    assert 'kgrec_http_requests_total{route="none",status="404"} 1.0' in lines
    assert 'kgrec_http_request_seconds_count{route="/recommend/{user:path}"} 2.0' in lines
    assert "kgrec_graph_up 1.0" in lines
    assert not [line for line in lines if "nobody" in line or "ada" in line]


def test_a_graph_that_is_away_is_503_until_it_is_back(house: Store) -> None:
    there = threading.Event()

    def locate() -> Connection:
        if not there.is_set():
            raise GraphUnavailableError("It sleeps.")
        return house.connection

    with serving(locate) as caller:
        for path in ("/recommend/ada", "/explain/ada/desk", "/search?q=x", "/health"):
            away = caller.get(path)
            assert (away.status, away.headers["retry-after"]) == (503, "2")
            assert away.json["error"] == "The graph does not answer at the moment."
        assert "kgrec_graph_up 0.0" in caller.get("/metrics").text
        there.set()
        while (answer := caller.get("/recommend/ada")).status == 503:
            pass
        assert answer.json["basis"] == "list"


def test_an_answer_that_takes_too_long_is_503_and_others_are_given(
    house: Store, shop: Caller
) -> None:
    shop.get("/recommend/ada")  # now the queries are planned
    released = threading.Event()

    def slow(_text: str, _run: str | None):
        released.wait(60)
        raise ConfigError("never")

    with serving(lambda: house.connection, encode=slow, patience=2) as caller:
        while caller.get("/recommend/ada").status != 200:  # to connect may take as long
            pass
        slowly = caller.get("/search?q=x")
        assert (slowly.status, slowly.headers["retry-after"]) == (503, "2")
        assert slowly.json["error"] == "There was no answer within 2 seconds."
        assert caller.get("/recommend/ada").status == 200
        released.set()


def test_what_nobody_waits_for_any_more_is_asked_no_longer(house: Store, shop: Caller) -> None:
    shop.get("/search?q=light")
    released, asked = threading.Event(), list[str]()

    def slow(text: str, _run: str | None):
        asked.append(text)
        released.wait(60)
        raise ConfigError("never")

    def search(n: int) -> int:
        return caller.get(f"/search?q={n}").status

    with (
        serving(lambda: house.connection, encode=slow, patience=1) as caller,
        ThreadPoolExecutor(2 * WORKERS) as pool,
    ):
        while caller.get("/recommend/ada").status != 200:
            pass
        statuses = list(pool.map(search, range(2 * WORKERS)))
        released.set()
    assert statuses == [503] * 2 * WORKERS
    assert 0 < len(asked) <= WORKERS, "the others had no turn"


def test_many_at_once_are_all_answered(shop: Caller) -> None:
    with ThreadPoolExecutor(24) as pool:
        found = list(pool.map(lambda n: shop.get(f"/recommend/ada?top={n % 3 + 1}"), range(96)))
    assert {reply.status for reply in found} == {200}
    assert [len(reply.json["items"]) for reply in found] == [n % 3 + 1 for n in range(96)]


def test_a_service_without_an_encoder_says_so(server: Store) -> None:
    def none(_text: str, _run: str | None):
        raise ConfigError("No run in /srv/secret/runs has a published model.")

    with serving(lambda: server.connection, encode=none) as caller:
        answer = caller.get("/search?q=x")
    assert answer.status == 404
    assert "cannot search" in answer.json["error"]
    assert "/srv/secret" not in answer.text


def test_the_documentation_shows_every_route_and_field(embedded_store: Store) -> None:
    with serving(lambda: embedded_store.connection) as caller:
        assert "swagger" in caller.get("/docs").text
        told = caller.get("/openapi.json").json
    assert set(told["paths"]) == {
        "/health",
        "/metrics",
        "/recommend/{user}",
        "/explain/{user}/{item}",
        "/search",
    }
    for name, model in told["components"]["schemas"].items():
        for field, schema in model["properties"].items():
            assert schema.get("description"), f"{name}.{field}"
