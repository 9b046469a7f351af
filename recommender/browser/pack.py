"""The folder of the pack: style, two zips of saved queries, the guide, and how to bring them in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from kg.store import Store
from recommender.browser.examples import choose_examples
from recommender.browser.guide import Teacher
from recommender.browser.saved import saved_queries, write_zip
from recommender.browser.style import Label, style
from recommender.terminal import shown

GUIDE: Final = "guide.html"
STYLE: Final = "style.grass"
SAVED: Final = "saved-queries.zip"
SAVED_WITH_PARAMS: Final = "saved-queries-with-params.zip"
README: Final = "README.md"


@dataclass(frozen=True)
class Pack:
    """What was written.

    Attributes:
        files: where it is.
        queries: how many saved queries there are.
        left_out: queries that the graph has no values for.
    """

    files: list[Path]
    queries: int
    left_out: list[str]


def write_pack(store: Store, folder: Path, *, now: datetime, address: str) -> Pack:
    """Write the pack of a graph.

    Args:
        now: the day that it says it was made.
        address: where the folder will be served, `http://localhost:PORT`.

    Raises:
        ConfigError: the graph has nobody to show it with.
    """
    examples = choose_examples(store)
    known = store.read("read/dataset")
    dataset = str(known[0]["name"]) if known else "kgrec"
    saved, left_out = saved_queries(store.catalogue, examples, store.capabilities.dialect)
    labels = _labels(store)
    types = {
        str(row["type"]): int(str(row["count"])) for row in store.read("read/relationship_counts")
    }
    pages = _environment()
    texts = {
        STYLE: style(labels, list(types)),
        GUIDE: pages.get_template(GUIDE).render(
            title=f"{dataset}: ten lessons",
            lessons=Teacher(store, examples, saved).lessons(labels, types),
        ),
        README: pages.get_template("browser_readme.md").render(
            dataset=dataset,
            day=f"{now:%d %B %Y}".lstrip("0"),
            saved=len(saved),
            left_out=left_out,
            url=f"{address}/{GUIDE}",
            url_style=f"{address}/{STYLE}",
        ),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    write_zip(folder / SAVED, saved, dataset, with_params=False)
    write_zip(folder / SAVED_WITH_PARAMS, saved, dataset, with_params=True)
    names = (README, STYLE, SAVED, SAVED_WITH_PARAMS, GUIDE)
    return Pack([folder / name for name in names], len(saved), left_out)


def _labels(store: Store) -> list[Label]:
    return [
        Label(
            str(row["label"]),
            int(str(row["nodes"])),
            float(str(row["degree"])),
            float(str(row["titled"])),
        )
        for row in store.read("read/label_degrees")
    ]


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("recommender", "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
