"""What of RDF needs a parser, rdflib's: Turtle, and N-Triples that are not plain.

`triples.py` imports this when it meets some, for rdflib is not needed to check a config.
"""

from __future__ import annotations

from pathlib import Path

from rdflib import BNode, Graph, Literal
from rdflib.compare import to_canonical_graph
from rdflib.exceptions import ParserError
from rdflib.plugins.parsers.ntriples import DummySink, W3CNTriplesParser
from rdflib.term import Node

from etl.sources.base import Reason
from etl.sources.files import Reject
from kg.errors import SourceError

Keys = tuple[str, ...]
"""Head, predicate and tail."""


def parse_lines(
    lines: list[tuple[int, str]], *, literals: bool
) -> tuple[list[tuple[int, str, Keys]], list[Reject]]:
    """Take lines of N-Triples apart.

    Args:
        lines: number and text.
        literals: whether triples that end in a number or text are kept.

    Returns:
        Number, text and keys of each line; and the lines that are no triple.
    """
    kept, rejected = [], []
    for number, raw in lines:
        parsed = _parse_line(raw)
        if isinstance(parsed, str):
            rejected.append(Reject(number, Reason.BROKEN_RDF, parsed, raw))
        elif literals or not isinstance(parsed[2], Literal):
            kept.append((number, raw, tuple(map(_key, parsed))))
    return kept, rejected


def parse_turtle(text: str, place: Path, *, literals: bool) -> list[Keys]:
    """Return the triples of a Turtle file, sorted.

    Args:
        place: the file, for the message.
        literals: whether triples that end in a number or text are kept.

    Raises:
        SourceError: it cannot be parsed.
    """
    graph = Graph()
    try:
        graph.parse(data=text, format="turtle")
        if any(isinstance(node, BNode) for triple in graph for node in triple):
            graph = to_canonical_graph(graph)  # names blank nodes by what is said of them
    except Exception as error:  # rdflib raises errors of many kinds
        raise SourceError(f"{place} is no sound Turtle: {str(error)[:500]}.") from error
    for triple in graph:
        if not all(_storable(str(node)) for node in triple):
            raise SourceError(
                f"{place} holds half of a surrogate pair, which stands for no character: "
                f"{' '.join(map(str, triple))[:200]!r}."
            )
    return sorted(
        tuple(map(_key, triple))
        for triple in graph
        if literals or not isinstance(triple[2], Literal)
    )


class _Sink(DummySink):
    def __init__(self) -> None:
        self.found: list[tuple[Node, Node, Node]] = []

    def triple(self, head: Node, predicate: Node, tail: Node) -> None:
        self.found.append((head, predicate, tail))


class _Labels(dict[str, BNode]):
    """Lets blank nodes keep their labels, where rdflib would give new ones in every run."""

    def get(self, label: str, default: object = None) -> BNode:
        return BNode(label)


def _parse_line(line: str) -> tuple[Node, Node, Node] | str:
    sink = _Sink()
    try:
        W3CNTriplesParser(sink=sink, bnode_context=_Labels()).parsestring(line)
    except (ParserError, ValueError, OverflowError) as error:
        return str(error)
    if not all(_storable(str(node)) for triple in sink.found for node in triple):
        return "half of a surrogate pair, which stands for no character"
    return sink.found[0] if len(sink.found) == 1 else f"{len(sink.found)} triples in a line"


def _storable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _key(node: Node) -> str:
    return f"_:{node}" if isinstance(node, BNode) else str(node)
