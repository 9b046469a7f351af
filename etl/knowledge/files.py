"""Outside knowledge into the files that the `triples` and `delimited` sources read.

`triples.tsv` holds what is said of the linked entities, and of those that they lead to, `links.tsv`
which item is which entity, how sure that is and why, for people to look through, `names.tsv` what
entities are called, `attributes.jsonl` what becomes attributes of items.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from etl.knowledge.linking import Item, Link, find_links
from etl.knowledge.settings import KnowledgeMapping
from kg.errors import ConfigError
from kg.rdf.readers import Tagged, Triple, read_triples
from kg.rdf.terms import Iri

Open = Callable[[], Iterable[Triple]]


@dataclass(frozen=True)
class Knowledge:
    """What was found.

    Attributes:
        triples: head, what the mapping calls the predicate, tail.
        names: of each entity that has one.
        attributes: by item the values of each kind.
    """

    links: list[Link]
    triples: list[tuple[str, str, str]]
    names: dict[str, str]
    attributes: dict[str, dict[str, list[str]]]

    @property
    def by(self) -> Counter[str]:
        """How many links each way gave."""
        return Counter(link.by for link in self.links)


def gather(path: Path, items: Sequence[Item], mapping: KnowledgeMapping) -> Knowledge:
    """Link the items and take what the mapping wants, in some passes over the file.

    Memory grows with what is taken (of Turtle, JSON-LD and TriG also with the file).

    Raises:
        SourceError: the file is missing, or no sound RDF; names the line.
    """

    def triples() -> Iterable[Triple]:
        return read_triples(path)

    links = find_links(triples(), items, mapping)
    found = _around({link.entity for link in links}, triples, mapping)
    heads = {link.entity: link.item for link in links}
    said: dict[str, list[tuple[str, object]]] = defaultdict(list)
    if mapping.attributes:
        for head, verb, value in triples():
            if head in heads and verb in mapping.attributes:
                said[head].append((mapping.attributes[verb], value))
    things = {end for head, _, tail in found for end in (head, tail)} | heads.keys()
    things |= {str(value) for pairs in said.values() for _, value in pairs}
    names = _names(things, triples, mapping)
    return Knowledge(links, found, names, _attributes(heads, said, names))


def write(knowledge: Knowledge, folder: Path) -> list[Path]:
    """Write the files, and `sources.yaml`, the entries that a config needs to read them.

    Raises:
        ConfigError: a key or name holds a tab or a line break.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = knowledge.names
    links = [
        (each.item, each.entity, f"{each.confidence:g}", each.by, names.get(each.entity, ""))
        for each in knowledge.links
    ]
    header = [("item", "entity", "confidence", "by", "name")]
    kinds = sorted({kind for values in knowledge.attributes.values() for kind in values})
    files = {
        "triples.tsv": _tabbed(knowledge.triples),
        "links.tsv": _tabbed([*header, *links]),
        "names.tsv": _tabbed(sorted(names.items())),
        "sources.yaml": yaml.safe_dump(
            _sources(kinds, folder), sort_keys=False, allow_unicode=True
        ),
    }
    if kinds:
        files["attributes.jsonl"] = "".join(
            json.dumps({"item": item, **values}, ensure_ascii=False) + "\n"
            for item, values in sorted(knowledge.attributes.items())
        )
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return [folder / name for name in files]


def _around(
    linked: set[str], triples: Open, mapping: KnowledgeMapping
) -> list[tuple[str, str, str]]:
    """Triples of the linked entities, then of those that they lead to, hop by hop."""
    found: dict[tuple[str, str, str], None] = {}
    heads, done = linked, set[str]()
    for _ in range(mapping.hops):
        tails = set()
        for head, verb, value in triples():
            if head in heads and isinstance(value, Iri) and verb in mapping.predicates:
                found[head, mapping.predicates[verb], str(value)] = None
                tails.add(str(value))
        done |= heads
        heads = tails - done
        if not heads:
            break
    return list(found)


def _names(things: set[str], triples: Open, mapping: KnowledgeMapping) -> dict[str, str]:
    """The name of each thing in the best language, of several the first by letters."""
    places = {language: place for place, language in enumerate(mapping.languages)}
    best: dict[str, tuple[int, int, str]] = {}
    predicates = {verb: place for place, verb in enumerate(mapping.names)}
    for head, verb, value in triples():
        if head in things and verb in predicates and not isinstance(value, Iri):
            language = value.language if isinstance(value, Tagged) else ""
            place = places.get(language, len(places) if not language else None)
            if place is not None:
                rank = (place, predicates[verb], " ".join(str(value).split()))
                best[head] = min(best.get(head, rank), rank)
    return {head: name for head, (_, _, name) in best.items() if name}


def _attributes(
    heads: dict[str, str], said: dict[str, list[tuple[str, object]]], names: dict[str, str]
) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for head, pairs in said.items():
        values: dict[str, set[str]] = defaultdict(set)
        for kind, value in pairs:
            values[kind].add(
                names.get(value, _last(value)) if isinstance(value, Iri) else str(value)
            )
        found[heads[head]] = {kind: sorted(each) for kind, each in sorted(values.items())}
    return found


def _last(iri: str) -> str:
    """The last word of an address, where an entity has no name."""
    return iri.rstrip("/#").replace("#", "/").rpartition("/")[2].replace("_", " ")


def _tabbed(rows: Iterable[tuple[str, ...]]) -> str:
    lines = []
    for row in rows:
        if any(character in text for text in row for character in "\t\n\r"):
            raise ConfigError(f"{row!r} holds a tab or a line break, which a table cannot hold.")
        lines.append("\t".join(row) + "\n")
    return "".join(lines)


def _sources(kinds: list[str], folder: Path) -> list[dict[str, object]]:
    triples: dict[str, object] = {
        "type": "triples",
        "path": str(folder / "triples.tsv"),
        "separator": "\t",
        "links": str(folder / "links.tsv"),
        "link_header": True,
        "link_confidence": 2,
        "entity_names": str(folder / "names.tsv"),
    }
    if not kinds:
        return [triples]
    columns = {"item": "item", "attributes": [{"kind": kind, "column": kind} for kind in kinds]}
    place = str(folder / "attributes.jsonl")
    return [triples, {"type": "delimited", "path": place, "columns": columns}]
