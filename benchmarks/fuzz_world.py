"""What fuzzing starts from: for each kind of source a sound file, and how a config names it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

_SHOP: Final = {
    "user": "user",
    "item": "item",
    "review_id": "id",
    "rating": {"column": "stars", "min": 1, "max": 5, "values": {"best": 5}},
    "label": {"column": "liked", "positive": ["yes"], "negative": ["no"]},
    "timestamp": "at",
    "text": "text",
    "title": "title",
    "count": "n",
    "dwell_seconds": "dwell",
    "split": "part",
    "item_title": "name",
    "price": {"column": "price", "unparsable": "null"},
    "released_at": {"column": "day", "format": "%Y-%m-%d"},
    "properties": {"colour": "colour"},
    "attributes": [{"column": "tags", "kind": "Tag", "separator": "|"}],
    "traits": {"town": "town"},
    "relations": [
        {
            "type": "FOLLOWS",
            "start": {"kind": "User", "column": "user"},
            "end": {"kind": "User", "column": "follows"},
            "separator": "|",
        }
    ],
}
ROW: Final = {
    "user": "ann",
    "item": "lamp",
    "id": "r1",
    "stars": "4.5",
    "liked": "yes",
    "at": "2024-02-29T12:30:00.5+02:00",
    "text": "A &quot;warm&quot; light, <br> and bright",
    "title": "Fine",
    "n": "3",
    "dwell": "12.5",
    "part": "train",
    "name": "Reading lamp",
    "price": "$1,299.00",
    "day": "2020-01-31",
    "colour": "red",
    "tags": "home|light",
    "town": "Leeds",
    "follows": "ben|cy",
}
"""A row of the shop, by the names of its columns."""
_AMAZON: Final = [
    {"reviewerID": "A1", "asin": "B1", "reviewText": "Great &amp; cheap<br />", "overall": 5.0}
    | {"summary": "good", "unixReviewTime": 1393545600},
    {"user_id": "A2", "asin": "B0", "parent_asin": "B1", "rating": 3.0, "text": "ok", "title": "t"}
    | {"timestamp": 1393545600123, "images": []},
]
_META: Final = [
    {"asin": "B1", "title": "Cable", "price": "$9.49", "brand": "Hosa", "also_buy": ["B2"]}
    | {"category": [["Music", "Cables"]], "description": ["Long.", "Light."]},
    {"parent_asin": "B2", "price": 9.5, "store": "Snark", "main_category": "Music"},
]


@dataclass(frozen=True)
class Kind:
    """One way into the program.

    Attributes:
        settings: of the source; `path` is the file that is mutated.
        lines: a sound file's, the first `fixed` of which are mutated seldom.
        others: further files, by name.
    """

    path: str
    settings: Mapping[str, Any]
    lines: tuple[bytes, ...]
    fixed: int = 0
    others: Mapping[str, bytes] = field(default_factory=dict)


def _lines(*texts: str) -> tuple[bytes, ...]:
    return tuple(text.encode() for text in texts)


def _csv(separator: str, quote: str) -> tuple[bytes, ...]:
    def line(values: Mapping[str, str], number: int) -> str:
        named = {**values, "user": f"{values['user']}{number}"} if number else values
        return separator.join(f"{quote}{value}{quote}" for value in named.values())

    header = separator.join(ROW)
    return _lines(header, *(line(ROW, number) for number in range(20)))


def _json(*rows: Mapping[str, object]) -> tuple[bytes, ...]:
    return tuple(json.dumps(row).encode() for row in rows)


def _recbole(ending: str, *lines: str, **others: bytes) -> Kind:
    inter = {"x.inter": b"user_id:token\titem_id:token\n1\t10\n"}
    more = {name: text for name, text in inter.items() if ending != "inter"}
    settings = {"type": "recbole", "path": "x"}
    return Kind(f"x.{ending}", settings, _lines(*lines), 1, {**more, **others})


_TRIPLE: Final = {"type": "triples", "literals": True}
KINDS: Final[dict[str, Kind]] = {
    "csv": Kind(
        "x.csv",
        {"type": "delimited", "columns": _SHOP, "html": True},
        _csv(",", '"'),
        1,
    ),
    "tsv": Kind(
        "x.tsv",
        {"type": "delimited", "columns": _SHOP, "quote": None, "null_values": ["-"]},
        _csv("\t", ""),
        1,
    ),
    "jsonl": Kind(
        "x.jsonl",
        {"type": "delimited", "columns": _SHOP, "html": True},
        _json(ROW, {**ROW, "tags": ["home", ["light"]], "n": 3, "stars": 4, "follows": None}),
    ),
    "amazon reviews": Kind(
        "x.jsonl", {"type": "amazon"}, (*_json(*_AMAZON), str(_AMAZON[0]).encode())
    ),
    "amazon items": Kind(
        "meta.jsonl",
        {"type": "amazon", "path": "x.jsonl", "metadata": "meta.jsonl"},
        (*_json(*_META), str(_META[0]).encode()),
        others={"x.jsonl": b"\n".join(_json(*_AMAZON))},
    ),
    "recbole inter": _recbole(
        "inter",
        "user_id:token\titem_id:token\trating:float\ttimestamp:float",
        "1\t10\t5\t881250949",
    ),
    "recbole item": _recbole(
        "item", "item_id:token\tmovie_title:token_seq\tclass:token_seq", "10\tToy\tAnimation Comedy"
    ),
    "recbole user": _recbole("user", "user_id:token\tage:token", "1\t24"),
    "recbole kg": _recbole(
        "kg",
        "head_id:token\trelation_id:token\ttail_id:token",
        "m.1\tmade\tm.2",
    ),
    "adjacency": Kind("x.txt", {"type": "adjacency"}, _lines("0 1 2 3", "ann lamp desk", "2")),
    "triples": Kind("x.tsv", _TRIPLE, _lines("a\tmade in\tb", "c\tmade in\td")),
    "links": Kind(
        "links.tsv",
        {**_TRIPLE, "path": "x.tsv", "links": "links.tsv", "link_confidence": 2},
        _lines("lamp\ta\t0.9", "desk\tb\t1"),
        others={"x.tsv": b"a\tb\tc\n"},
    ),
    "names": Kind(
        "names.tsv",
        {**_TRIPLE, "path": "x.tsv", "entity_names": "names.tsv"},
        _lines("a\tLeeds", "b\tYork"),
        others={"x.tsv": b"a\tb\tc\n"},
    ),
    "ntriples": Kind(
        "x.nt",
        _TRIPLE,
        _lines(
            "<http://a.example/a> <http://a.example/b> <http://a.example/c> .",
            '<http://a.example/a> <http://a.example/n> "Caf\\u00e9"@fr .',
            "_:x <http://a.example/b> _:y . # said",
        ),
    ),
    "turtle": Kind(
        "x.ttl",
        _TRIPLE,
        _lines(
            "@prefix a: <http://a.example/> .",
            'a:a a:b a:c, [ a:d "text"@en ] ; a:e ( 1 2.5 true ) .',
        ),
    ),
}
"""Source kinds whose files are lines; Parquet has types, and a file of its own."""
