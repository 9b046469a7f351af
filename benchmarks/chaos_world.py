"""A book club small enough to be run a hundred times, with something for every stage to do."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

DATASET: Final = "book-club"
_CONFIG: Final = f"""\
name: {DATASET}
sources:
  - type: delimited
    path: books.csv
    columns: {{user: reader, item: book, rating: stars, text: words, timestamp: {{column: day}}}}
    positive: {{min_rating: 4}}
  - type: delimited
    path: shelf.csv
    columns:
      item: book
      item_title: title
      attributes: [{{column: genre, kind: Genre}}]
      relations:
        - type: ALSO_BOUGHT
          start: {{kind: Item, column: book}}
          end: {{kind: Item, column: also}}
  - {{type: triples, path: knowledge.tsv, links: links.tsv}}
encoder: {{model: null}}
text: {{topics: {{count: 2, passes: 1, max_review_share: 1.0}}}}
model:
  models: [hetero-gat, bpr-mf, popularity]
  hetero_gat: {{steps: 30, check_every: 10, width: 8, device: cpu}}
  bpr_mf: {{epochs: 4, check_every: 2, width: [4], learning_rate: [0.05], l2: [0.0], device: cpu}}
publish: {{top_k: 5}}
"""
_SAYINGS: Final = {
    "crime": ("The plot kept me awake.", "A clever detective and a great plot.", "Dark, but good."),
    "garden": ("The photos are lovely.", "Useful advice about soil.", "Great photos, good advice."),
}
_READERS: Final = 24
_BOOKS: Final = 10


def write_club(folder: Path) -> Path:
    """Write the data and return the config: readers of two tastes, of whose books they like six."""
    luck = random.Random(7)
    _write(folder / "books.csv", ("reader", "book", "stars", "words", "day"), _opinions(luck))
    shelf = [
        (f"{taste}-{n}", f"All about {taste}, part {n}", taste, f"{taste}-{(n + 1) % _BOOKS}")
        for taste in _SAYINGS
        for n in range(_BOOKS)
    ]
    _write(folder / "shelf.csv", ("book", "title", "genre", "also"), shelf)
    authors = [(book, f"author/{book.split('-')[0]}") for book, *_ in shelf]
    knowledge = [(f"author/{taste}", "lives_in", "town/london") for taste in _SAYINGS]
    _write(folder / "links.tsv", (), authors, separator="\t")
    _write(folder / "knowledge.tsv", (), knowledge, separator="\t")
    config = folder / "club.yaml"
    config.write_text(_CONFIG, encoding="utf-8")
    return config


def _opinions(luck: random.Random) -> Iterable[tuple[object, ...]]:
    for number in range(_READERS):
        taste, other = ("crime", "garden") if number % 2 else ("garden", "crime")
        for place, book in enumerate(luck.sample(range(_BOOKS), 6), start=1):
            words = luck.choice(_SAYINGS[taste])
            yield f"reader-{number}", f"{taste}-{book}", 5, words, f"2026-01-{place:02}"
        yield f"reader-{number}", f"{other}-{number % _BOOKS}", 1, "Not for me.", "2026-02-01"


def _write(
    path: Path, header: Sequence[str], rows: Iterable[Sequence[object]], separator: str = ","
) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=separator)
        writer.writerows([header] if header else [])
        writer.writerows(rows)
