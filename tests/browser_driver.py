"""Neo4j Browser in headless Chromium, by what a person sees and clicks.

Browser names its parts by `data-testid`; a dropped file is a drop event on the page, as from a
file manager. Screenshots go to tests/screenshots, which git ignores.
"""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright

SCREENSHOTS: Final = Path(__file__).parent / "screenshots"
CHROMIUMS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE: Final = 240_000.0  # milliseconds; busy machines need them
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
DROP: Final = """([name, content]) => {
    const bytes = Uint8Array.from(atob(content), each => each.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], name));
    const on = document.querySelector('[data-testid="main"]') || document.body;
    const how = {dataTransfer: data, bubbles: true, cancelable: true};
    for (const type of ['dragenter', 'dragover', 'drop'])
        on.dispatchEvent(new DragEvent(type, how));
}"""
SHOT_OF_ALL: Final = {"width": 1440, "height": 900}


class Neo4jBrowser:
    """One window, signed in."""

    def __init__(self, page: Page, shots: Path = SCREENSHOTS) -> None:
        self.page = page
        self.shots = shots

    def sign_in(self, address: str, username: str, password: str) -> None:
        self.page.goto(address, wait_until="domcontentloaded")
        self.page.get_by_test_id("username").fill(username)
        self.page.get_by_test_id("password").fill(password)
        self.page.get_by_test_id("connect").click()
        expect(self.page.get_by_test_id("activeEditor")).to_contain_text("neo4j$")
        banner = self.page.get_by_text("To help make Neo4j Browser better")
        banner.locator("xpath=following-sibling::*[1]").click()

    def write(self, text: str) -> None:
        """Put a text into the editor, in place of what it holds."""
        self.page.get_by_test_id("activeEditor").locator(".monaco-editor").first.click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.press("Delete")
        self.page.keyboard.insert_text(text)

    def run(self, text: str | None = None) -> Locator:
        """Run what the editor holds, or this text; return the newest frame."""
        if text is not None:
            self.write(text)
        self.page.get_by_test_id("editor-Run").click()
        return self.frame

    @property
    def frame(self) -> Locator:
        """The newest result."""
        return self.page.get_by_test_id("frame").first

    def drop(self, file: Path) -> None:
        """Drop a file onto the window."""
        content = base64.b64encode(file.read_bytes()).decode()
        self.page.evaluate(DROP, [file.name, content])

    def open_drawer(self, name: str) -> None:
        self.page.get_by_test_id(f"navicon-{name}").or_(
            self.page.get_by_test_id(f"navigation{name}")
        ).first.click()

    def circles(self) -> list[str]:
        """The fill of each circle of the newest picture."""
        found = self.frame.locator("svg circle.b-outline")
        found.first.wait_for()
        return [
            str(each) for each in found.evaluate_all("all => all.map(c => c.getAttribute('fill'))")
        ]

    def shot(self, name: str) -> Path:
        self.shots.mkdir(parents=True, exist_ok=True)
        place = self.shots / f"{name}.png"
        self.page.wait_for_timeout(2500)  # until circles have come to rest
        self.page.screenshot(path=place)
        return place


@contextmanager
def neo4j_browser_window(chromium: str) -> Iterator[Neo4jBrowser]:
    """A fresh window of headless Chromium."""
    with sync_playwright() as playwright:
        window = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        try:
            page = window.new_page(viewport=SHOT_OF_ALL)
            page.set_default_timeout(PATIENCE)
            expect.set_options(timeout=PATIENCE)
            yield Neo4jBrowser(page)
        finally:
            window.close()


def find_chromium() -> str:
    """Where Chromium is; skips where there is none."""
    for name in CHROMIUMS:
        if place := shutil.which(name):
            return place
    pytest.skip(f"no Chromium on this machine (looked for {', '.join(CHROMIUMS)})")
