"""RDF: writing and reading N-Triples, as the export and the import do, against rdflib's own.

The floors call rdflib alone: `Graph.serialize` of a graph that it already holds, and `Graph.parse`.
A tenth of the records are nodes; the others are relationships, each with its statement.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from rdflib import Graph

from benchmarks.job import Job, Stopwatch, Work
from kg.rdf import terms
from kg.rdf.readers import read_triples
from kg.rdf.terms import DEFAULT_BASE, Iri, node_iri
from kg.rdf.writers import Record, writer

_WRITER = writer("ntriples", Iri("urn:bench"))


def prepare(job: Job) -> None:
    """Write the file that is read."""
    with _file(job).open("w", encoding="utf-8") as file:
        _WRITER.write(_records(job), file)


def ours(job: Job) -> Work:
    """Write, or read, as the name of the benchmark says."""
    return _write(job) if job.benchmark == "rdf-write" else _read(job)


def floor(job: Job) -> Work:
    """Let rdflib do the same."""
    graph = Graph()
    if job.benchmark == "rdf-write":
        graph.parse(_file(job), format="nt")

    def work(watch: Stopwatch) -> int:
        with watch:
            if job.benchmark == "rdf-write":
                graph.serialize(job.path / "floor.nt", format="nt", encoding="utf-8")
            else:
                graph.parse(_file(job), format="nt")
        return len(graph)

    return work


def _write(job: Job) -> Work:
    def work(watch: Stopwatch) -> int:
        with watch, (job.path / "ours.nt").open("w", encoding="utf-8") as file:
            return _WRITER.write(_records(job), file)

    return work


def _read(job: Job) -> Work:
    def work(watch: Stopwatch) -> int:
        with watch:
            return sum(1 for _ in read_triples(_file(job)))

    return work


def _file(job: Job) -> Path:
    return job.path / "graph.nt"


def _records(job: Job) -> Iterator[Record]:
    """About `job.size` triples: what the export makes of users, items and ratings."""
    draw = random.Random(job.seed)
    users = items = max(8, job.size // 120)
    for label, count in (("User", users), ("Item", items)):
        for number in range(count):
            key = f"{label.lower()} {number}"
            name = (terms.property_iri(label, "title"), f"The “{number}th” thing\nof its kind")
            types = [(terms.TYPE, terms.class_iri(label)), (terms.TYPE, terms.ALSO[label])]
            yield node_iri(DEFAULT_BASE, label, key), [*types, (terms.IDENTIFIER, key), name]
    verb, weight = terms.type_iri("RATED"), terms.property_iri("RATED", "weight")
    for number in range(job.size // 8):
        head = node_iri(DEFAULT_BASE, "User", f"user {number % users}")
        tail = node_iri(DEFAULT_BASE, "Item", f"item {(number // users + number) % items}")
        yield head, [(verb, tail)]
        yield (
            Iri(f"{DEFAULT_BASE}statement/RATED/{number}"),
            [
                (terms.TYPE, terms.REIFIED),
                (terms.SUBJECT, head),
                (terms.PREDICATE, verb),
                (terms.OBJECT, tail),
                (weight, draw.random()),
                (terms.property_iri("RATED", "count"), draw.randrange(9)),
                (terms.GENERATED_BY, terms.run_iri(DEFAULT_BASE, "RATED", "run-1")),
            ],
        )
