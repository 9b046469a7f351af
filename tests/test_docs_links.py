"""Every relative link in a page leads to a file, and to a heading that is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from recommender.config_page import anchor

ROOT = Path(__file__).parent.parent
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
PAGES = sorted(
    path
    for folder in (ROOT, *(each for each in ROOT.iterdir() if each.is_dir()))
    if folder.name[0] != "." or folder == ROOT
    for path in folder.glob("*.md")
)


def prose(page: Path) -> str:
    return CODE.sub("", page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(prose(page)):
        if "://" in link:
            continue
        name, _, heading = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{page.name}: {link}"
        if heading:
            headings = {anchor(text) for text in HEADING.findall(prose(target))}
            assert heading in headings, f"{page.name}: {link}"


def test_every_page_is_reachable_from_the_readme() -> None:
    linked = {
        (ROOT / link.partition("#")[0]).resolve()
        for link in LINK.findall(prose(ROOT / "README.md"))
    }
    assert set((ROOT / "docs").glob("*.md")) <= linked


def test_there_are_pages_with_links() -> None:
    assert sum(len(LINK.findall(prose(page))) for page in PAGES) > 20
