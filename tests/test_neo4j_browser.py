"""The pack in the real Neo4j Browser: dropped, run, drawn and stepped through in Chromium."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from browser_driver import Neo4jBrowser, find_chromium, neo4j_browser_window
from playwright.sync_api import expect
from query_world import build

from kg.bolt import Connection
from kg.store import Store
from recommender.browser import write_pack
from recommender.browser.serve import make_server
from recommender.colours import node_colours


@pytest.fixture
def house(neo4j_turn: None, neo4j_store: Store) -> Store:
    neo4j_store.clear()
    return build(neo4j_store)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_an_analyst_brings_the_pack_in_and_looks_around(
    house: Store, neo4j_server: Connection, neo4j_browser: str, tmp_path: Path
) -> None:
    chromium = find_chromium()
    with make_server(tmp_path, 0) as server, neo4j_browser_window(chromium) as browser:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        address = f"http://localhost:{server.server_port}"
        write_pack(house, tmp_path, now=datetime(2026, 1, 2, tzinfo=UTC), address=address)
        try:
            password = neo4j_server.password.get_secret_value()
            browser.sign_in(neo4j_browser, neo4j_server.username, password)
            the_style_is_applied(browser, tmp_path)
            a_saved_query_draws(browser, tmp_path)
            the_guide_is_stepped_through(browser, f"{address}/guide.html")
        finally:
            server.shutdown()
            thread.join()


def the_style_is_applied(browser: Neo4jBrowser, pack: Path) -> None:
    browser.drop(pack / "style.grass")
    expect(browser.frame).to_contain_text("node.Item")
    expect(browser.frame).to_contain_text("place {rank}")
    browser.shot("1-style")


def a_saved_query_draws(browser: Neo4jBrowser, pack: Path) -> None:
    browser.drop(pack / "saved-queries.zip")
    browser.open_drawer("Favorites")
    browser.page.get_by_test_id("expandFolder-kgrec browse").click()
    browser.page.get_by_test_id("expandFolder-kgrec recommend").wait_for()
    name = "user_picture: a user among what they did and what they care about, as a picture"
    script = browser.page.get_by_test_id(f"scriptTitle-{name}")
    script.scroll_into_view_if_needed()
    browser.shot("2-saved-queries")
    script.click()
    expect(browser.page.get_by_test_id("activeEditor")).to_contain_text("'ada'")
    browser.run()
    colours = node_colours(["User", "Item", "Aspect", "Entity", "Topic", "Attribute", "Brand"])
    wanted = ["User", "Item", "Item", "Aspect", "Aspect", "Entity", "Topic", "Brand"]
    assert Counter(browser.circles()) == Counter(colours[label] for label in wanted)
    browser.open_drawer("Favorites")
    browser.shot("3-user-picture")


def the_guide_is_stepped_through(browser: Neo4jBrowser, address: str) -> None:
    browser.run(f":guide {address}")
    guide = browser.page.get_by_test_id("guidesDrawer")
    expect(guide).to_contain_text("1 · What is in the graph")
    browser.shot("4-guide")
    for title in (
        "2 · The map",
        "3 · One person: ada",
        "4 · What they care for",
        "5 · What is recommended",
        "6 · Why",
    ):
        browser.page.get_by_test_id("guideNextSlide").click()
        expect(guide).to_contain_text(title)
    guide.locator("pre.runnable").first.click()
    expect(browser.page.get_by_test_id("activeEditor")).to_contain_text("'desk'")
    browser.run()
    # ada, the desk, the lamp, ben, cy, light, home
    assert len(browser.circles()) == 7
    browser.shot("5-why")
    for number in range(7, 11):
        browser.page.get_by_test_id("guideNextSlide").click()
        expect(guide).to_contain_text(f"{number} · ")
    expect(browser.page.get_by_test_id("guideNextSlide")).to_be_disabled()
    browser.shot("6-last-lesson")
