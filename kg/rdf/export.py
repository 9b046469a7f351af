"""The live graph as records of triples, streamed: first all nodes, then all relationships.

A relationship is said twice: as a plain triple, which any SPARQL can follow, and as an
rdf:Statement with a name of its own, which holds the relationship's properties. RDF-star would say
it once; rdflib 7 neither reads nor writes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

from kg.bolt import to_python
from kg.errors import ConfigError
from kg.identifiers import between, check_kind
from kg.progress import Progress, no_progress
from kg.rdf import terms
from kg.rdf.forms import form_of, open_text
from kg.rdf.terms import Iri
from kg.rdf.values import to_literal
from kg.rdf.writers import Record, writer
from kg.schema import BOOKKEEPING, NODE_TYPES, NODES, OF_THE_DATABASE, RELATIONSHIP_TYPES
from kg.store import Store

LABELS: Final = tuple(
    node.label for node in (*NODE_TYPES, *BOOKKEEPING) if node.label not in OF_THE_DATABASE
)
"""What is exported."""
_KEYS: Final = {kind.type: kind.keys for kind in RELATIONSHIP_TYPES}
_BATCH: Final = 1_000


@dataclass
class ExportReport:
    """What an export wrote, and what of the graph has no place in it."""

    triples: int = 0
    nodes: Counter[str] = field(default_factory=Counter)
    relationships: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)


def export(
    store: Store,
    path: Path,
    *,
    form: str | None = None,
    base: str = terms.DEFAULT_BASE,
    progress: Progress = no_progress,
) -> ExportReport:
    """Write the whole graph into a file, which is there only when it is complete.

    Args:
        form: turtle, ntriples, jsonld, trig or nquads; by default the ending of `path` says it,
            and one that ends with .gz is packed.
        base: what the names of nodes begin with.

    Raises:
        ConfigError: the form is unknown, or the base no IRI.
    """
    chosen = writer(
        form_of(path, form), terms.node_iri(terms.check_base(base), "Dataset", "dataset")
    )
    report = ExportReport()
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.part")
    try:
        with open_text(unfinished, "w", packed=path.suffix == ".gz") as file:
            report.triples = chosen.write(records(store, base, report, progress), file)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return report


def records(
    store: Store, base: str, report: ExportReport, progress: Progress = no_progress
) -> Iterator[Record]:
    """Every node and relationship of the schema, and what of the graph is left out, counted."""
    reader = _Reader(store, base, report, progress)
    for label in LABELS:
        yield from reader.nodes(label)
    for type_ in sorted(str(row["type"]) for row in store.read("read/snapshot_types")):
        yield from reader.relationships(type_)
    for row in store.read("read/node_counts"):
        if row["label"] not in NODES and row["label"] not in reader.kinds:
            report.left_out[f":{row['label']}"] += int(str(row["count"]))


class _Reader:
    def __init__(self, store: Store, base: str, report: ExportReport, progress: Progress) -> None:
        self._store = store
        self._base = base
        self._report = report
        self._progress = progress
        self.kinds: set[str] = set()

    def nodes(self, label: str) -> Iterator[Record]:
        classes = (terms.class_iri(label), terms.ALSO.get(label))
        types = [(terms.TYPE, found) for found in classes if found]
        identifiers = {"__LABEL__": label, "__KEY__": NODES[label].key}
        for batch in self._store.stream("read/export_nodes", _BATCH, identifiers):
            for key, labels, properties in batch:
                kinds = [(terms.TYPE, kind) for kind in self._kinds(label, labels)]
                said = self._properties(label, cast(Mapping[str, object], properties))
                if label == "Entity" and (web := terms.on_the_web(str(key))):
                    said.append((terms.SAME, web))
                yield terms.node_iri(self._base, label, str(key)), [*types, *kinds, *said]
            self._report.nodes[label] += len(batch)
            self._tell()

    def relationships(self, type_: str) -> Iterator[Record]:
        """All of a type; those whose ends have no label of the schema are counted, not written."""
        between: Counter[tuple[str, str]] = Counter()
        for row in self._store.read("read/export_ends", {"__TYPE__": type_}):
            start, end = _label(row["start"]), _label(row["end"])
            if start and end:
                between[start, end] += int(str(row["count"]))
            else:
                self._report.left_out[f"[:{type_}]"] += int(str(row["count"]))
        for start, end in sorted(between):
            yield from self._between(type_, start, end)

    def _between(self, type_: str, start: str, end: str) -> Iterator[Record]:
        verb = terms.type_iri(type_)
        identifiers = between(type_, start, end)
        path = f"{self._base}{terms.STATEMENT}/{type_}/{start}/"
        for batch in self._store.stream("read/export_relationships", _BATCH, identifiers):
            for start_key, ends in batch:
                head = terms.node_iri(self._base, start, str(start_key))
                begin = f"{path}{terms.encoded(str(start_key))}/{end}/"
                names: Counter[str] = Counter()
                for end_key, properties in cast(list[tuple[str, dict[str, object]]], ends):
                    tail = terms.node_iri(self._base, end, end_key)
                    name = begin + _told_apart(type_, end_key, properties)
                    names[name] += 1
                    number = names[name]
                    yield head, [(verb, tail)]
                    yield (
                        Iri(name if number == 1 else f"{name}/{number}"),
                        [
                            (terms.TYPE, terms.REIFIED),
                            (terms.SUBJECT, head),
                            (terms.PREDICATE, verb),
                            (terms.OBJECT, tail),
                            *self._properties(type_, properties),
                        ],
                    )
                self._report.relationships[type_] += names.total()
            self._tell()

    def _properties(self, owner: str, properties: Mapping[str, object]) -> list[tuple[Iri, object]]:
        said: list[tuple[Iri, object]] = []
        for name, given in properties.items():
            value = _value(given)
            verb = terms.property_iri(owner, name)
            if verb == terms.GENERATED_BY and isinstance(value, str):
                value = terms.run_iri(self._base, owner, value)
            elif to_literal(value) is None:
                self._report.left_out[f"{owner}.{name} ({type(given).__name__})"] += 1
                continue
            said.append((verb, value))
        return said

    def _kinds(self, label: str, labels: object) -> Iterator[Iri]:
        """The classes that a node's further labels are; only attributes have some."""
        for other in cast(list[str], labels):
            if other == label:
                continue
            try:
                kind = check_kind(other) if label == "Attribute" else None
            except ConfigError:
                kind = None
            if kind:
                self.kinds.add(kind)
                yield terms.class_iri(kind)

    def _tell(self) -> None:
        done = self._report.nodes.total() + self._report.relationships.total()
        self._progress(done, None, "nodes and relationships")


def _value(given: object) -> object:
    """A value as plain Python; a duration, which has no such value, as it is."""
    if isinstance(given, str | int | float):
        return given
    value = to_python(given)
    return given if isinstance(value, str) else value


def _label(labels: object) -> str | None:
    return next((label for label in cast(list[str], labels) if label in LABELS), None)


def _told_apart(type_: str, end_key: str, properties: Mapping[str, object]) -> str:
    """The end, and what tells two relationships of this type to it apart."""
    keys = [str(properties.get(name, "")) for name in _KEYS.get(type_, ())]
    return "/".join(map(terms.encoded, [end_key, *keys]))
