"""Records into text, one at a time, whatever the form: memory does not grow with the graph.

rdflib's writers hold the whole graph, and its Turtle writer rounds doubles to seven digits; these
write what it reads, and a test holds all five forms to the same triples by rdflib's parsers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import IO, Final

from kg.rdf.forms import Form
from kg.rdf.terms import PREFIXES, TYPE, Iri
from kg.rdf.values import STRING, to_literal

Record = tuple[Iri, list[tuple[Iri, object]]]
"""Some triples of one subject, its types first: a value is an `Iri` or one of the graph's."""

_ESCAPED: Final = re.compile(
    '["\\\\\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]'
)
_SHORT: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_LOCAL: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Writer:
    """One form: what begins a file, what stands for some records, what ends it."""

    head: str
    records: Callable[[Iterable[Record]], Iterator[str]]
    foot: str = ""

    def write(self, records: Iterable[Record], file: IO[str]) -> int:
        """Write a whole file; returns the number of triples."""
        triples = 0

        def counted() -> Iterator[Record]:
            nonlocal triples
            for record in records:
                triples += len(record[1])
                yield record

        file.write(self.head)
        file.writelines(self.records(counted()))
        file.write(self.foot)
        return triples


def writer(form: Form, graph: Iri) -> Writer:
    """The writer of a form; TriG and N-Quads put all triples into one named graph."""
    prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
    match form:
        case "ntriples":
            return Writer("", lambda records: _lines(records, " .\n"))
        case "nquads":
            return Writer("", lambda records: _lines(records, f" <{graph}> .\n"))
        case "turtle":
            return Writer(prefixes, _turtle)
        case "trig":
            return Writer(f"{prefixes}\n<{graph}> {{\n", _turtle, "}\n")
        case "jsonld":
            context = json.dumps(PREFIXES, indent=1)
            return Writer(f'{{"@context": {context},\n"@graph": [\n', _json, "\n]}\n")


def _lines(records: Iterable[Record], end: str) -> Iterator[str]:
    for subject, pairs in records:
        start = f"<{subject}> <"
        for predicate, value in pairs:
            yield f"{start}{predicate}> {_plain(value)}{end}"


def _plain(value: object) -> str:
    if isinstance(value, Iri):
        return f"<{value}>"
    text, datatype = _literal(value)
    quoted = f'"{_escape(text)}"'
    return quoted if datatype == STRING else f"{quoted}^^<{datatype}>"


def _turtle(records: Iterable[Record]) -> Iterator[str]:
    for subject, pairs in records:
        types = ", ".join(_curie(str(value)) for verb, value in pairs if verb == TYPE)
        said = [f"{_curie(verb)} {_brief(value)}" for verb, value in pairs if verb != TYPE]
        together = " ;\n  ".join([f"a {types}", *said] if types else said)
        yield f"\n<{subject}> {together} .\n"


def _brief(value: object) -> str:
    if isinstance(value, Iri):
        return _curie(value)
    text, datatype = _literal(value)
    quoted = f'"{_escape(text)}"'
    return quoted if datatype == STRING else f"{quoted}^^{_curie(datatype)}"


def _curie(iri: str) -> str:
    return compact(iri) or f"<{iri}>"


@lru_cache(maxsize=65_536)
def compact(iri: str) -> str | None:
    """`kg:title` for an IRI of a known namespace whose rest is a plain word."""
    for name, namespace in PREFIXES.items():
        if iri.startswith(namespace) and _LOCAL.fullmatch(iri, len(namespace)):
            return f"{name}:{iri[len(namespace) :]}"
    return None


def _json(records: Iterable[Record]) -> Iterator[str]:
    separator = ""
    for subject, pairs in records:
        node: dict[str, object] = {"@id": subject}
        types = [compact(str(value)) or value for verb, value in pairs if verb == TYPE]
        if types:
            node["@type"] = types
        for verb, value in pairs:
            if verb != TYPE:
                node[compact(verb) or verb] = _value_object(value)
        yield separator + json.dumps(node, ensure_ascii=False)
        separator = ",\n"


def _value_object(value: object) -> object:
    if isinstance(value, Iri):
        return {"@id": value}
    if isinstance(value, str | bool):
        return value
    text, datatype = _literal(value)
    return {"@value": text, "@type": compact(datatype) or datatype}


def _literal(value: object) -> tuple[str, str]:
    found = to_literal(value)
    if found is None:  # the export leaves such values out and counts them
        raise TypeError(f"RDF has no literal for a {type(value).__name__}.")
    return found


def _escape(text: str) -> str:
    return _ESCAPED.sub(_code, text) if _ESCAPED.search(text) else text


def _code(found: re.Match[str]) -> str:
    character = found.group()
    return _SHORT.get(character) or f"\\u{ord(character):04X}"
