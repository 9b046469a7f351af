"""An exported graph into an empty one: node for node, property for property."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Final

from kg.errors import GraphError, SourceError
from kg.identifiers import between, check_kind
from kg.progress import Progress, no_progress
from kg.rdf import terms
from kg.rdf.readers import read_records
from kg.rdf.terms import Iri
from kg.rdf.writers import Record
from kg.schema import NODES, OF_THE_DATABASE
from kg.store import Store

_BATCH: Final = 5_000
_SORT: Final = "Sort it so that a subject's lines stand together: LC_ALL=C sort FILE -o FILE"

Row = dict[str, object]


@dataclass
class ImportReport:
    """What an import wrote."""

    nodes: Counter[str] = field(default_factory=Counter)
    relationships: Counter[str] = field(default_factory=Counter)


def restore(
    store: Store, path: Path, *, form: str | None = None, progress: Progress = no_progress
) -> ImportReport:
    """Write an export into an empty graph, which then equals the one that was exported.

    Raises:
        GraphError: the graph is not empty.
        SourceError: the file is no export of ours, or is not whole.
    """
    held = {str(row["label"]) for row in store.read("read/node_counts")} - OF_THE_DATABASE
    if held:
        raise GraphError(
            f"The graph is not empty: it holds nodes of {', '.join(sorted(held))}.",
            remedy="Import into another database, or empty this one: `kgrec graph clear`.",
        )
    return _restore(store, read_records(path, form), path, progress)


def _restore(
    store: Store, records: Iterable[Record], path: Path, progress: Progress
) -> ImportReport:
    report = ImportReport()
    writing = _Batches(store, report, path)
    for subject, pairs in records:
        types = [str(value) for verb, value in pairs if verb == terms.TYPE]
        labels = [iri.removeprefix(terms.KG) for iri in types if iri.startswith(terms.KG)]
        if terms.REIFIED in types:
            writing.relationship(subject, pairs)
        elif labels:
            writing.node(subject, labels, pairs)
        elif not all(terms.type_of(verb) for verb, _ in pairs):
            raise SourceError(f"{path} says of <{subject}> more, but not what it is.", remedy=_SORT)
        progress(report.nodes.total() + report.relationships.total(), None, "rows")
    writing.flush()
    if not report.nodes:
        raise SourceError(
            f"{path} holds no node of ours.",
            remedy="It reads what `kgrec rdf export` wrote; docs/rdf.md says how to bring in more.",
        )
    return report


class _Batches:
    """Rows by the query that writes them; all nodes go before the first relationship."""

    def __init__(self, store: Store, report: ImportReport, path: Path) -> None:
        self._store = store
        self._report = report
        self._path = path
        self._nodes: dict[tuple[str, str], list[Row]] = defaultdict(list)
        self._joins: dict[tuple[str, str, str], list[Row]] = defaultdict(list)

    def node(self, subject: Iri, labels: list[str], pairs: list[tuple[Iri, object]]) -> None:
        """Take a node; a full batch of its kind is written."""
        label = next((each for each in labels if each in NODES), "")
        named = terms.node_of(subject)
        if named is None or named[0] != label:
            raise SourceError(f"{self._path} has a node <{subject}> whose class is not its name's.")
        kind = next((check_kind(each) for each in labels if each != label), "")
        if kind and label != "Attribute":
            raise SourceError(f"{self._path}: <{subject}> is a {label} and also a {kind}.")
        rows = self._nodes[label, kind]
        rows.append({"key": named[1], **_row(label, pairs)})
        if len(rows) == _BATCH:
            self._write_nodes(label, kind)

    def relationship(self, subject: Iri, pairs: list[tuple[Iri, object]]) -> None:
        """Take a relationship; a full batch of its kind is written, after all nodes so far."""
        said = {verb: str(value) for verb, value in pairs}
        type_ = terms.type_of(said.get(terms.PREDICATE, ""))
        start, end = (terms.node_of(said.get(verb, "")) for verb in (terms.SUBJECT, terms.OBJECT))
        if type_ is None or start is None or end is None:
            raise SourceError(
                f"{self._path}: the statement <{subject}> lacks its subject, predicate or object.",
                remedy=_SORT,
            )
        rows = self._joins[type_, start[0], end[0]]
        rows.append({"start": start[1], "end": end[1], **_row(type_, pairs)})
        if len(rows) == _BATCH:
            self._write_joins(type_, start[0], end[0])

    def flush(self) -> None:
        """Write what is left."""
        self._write_all_nodes()
        for joined in list(self._joins):
            self._write_joins(*joined)

    def _write_all_nodes(self) -> None:
        for label, kind in list(self._nodes):
            self._write_nodes(label, kind)

    def _write_nodes(self, label: str, kind: str) -> None:
        rows = self._nodes.pop((label, kind))
        if kind:
            self._store.write("write/import_attributes", {"__KIND__": kind}, rows=rows)
        else:
            identifiers = {"__LABEL__": label, "__KEY__": NODES[label].key}
            self._store.write("write/import_nodes", identifiers, rows=rows)
        self._report.nodes[label] += len(rows)

    def _write_joins(self, type_: str, start: str, end: str) -> None:
        self._write_all_nodes()
        rows = self._joins.pop((type_, start, end))
        identifiers = between(type_, start, end)
        written = self._store.write("write/import_relationships", identifiers, rows=rows)
        if written[0]["written"] != len(rows):
            raise SourceError(
                f"{self._path} tells of {len(rows):,} relationships {start} {type_} {end}, and of "
                f"the ends of {written[0]['written']:,} of them.",
                remedy=f"The file is not whole, or has statements before nodes. {_SORT}",
            )
        self._report.relationships[type_] += len(rows)


def _row(owner: str, pairs: list[tuple[Iri, object]]) -> Row:
    """Properties, and the times among them, which the embedded graph takes as texts only.

    Names of things are no properties: types, what an entity is on the web, where a node leads.
    """
    properties: Row = {}
    times: list[dict[str, str]] = []
    for verb, value in pairs:
        name = terms.property_of(owner, verb)
        if isinstance(value, Iri):
            run = terms.node_of(value) if verb == terms.GENERATED_BY else None
            if run is not None:
                properties["runId"] = run[1]
        elif name is None:
            raise SourceError(f"<{verb}> is no property of {owner}.")
        elif isinstance(value, date):
            times.append({"name": name, "kind": _kind(value), "value": value.isoformat()})
        else:
            properties[name] = value
    return {"properties": properties, "times": times}


def _kind(value: date) -> str:
    if not isinstance(value, datetime):
        return "date"
    return "zoned" if value.tzinfo else "local"
