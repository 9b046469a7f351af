"""Files of RDF as triples, and as records: the triples of one subject together.

N-Triples and N-Quads are read line by line, so memory does not grow with the file; a subject's
lines must stand together there, as the export (or a sorted file) has them. rdflib reads the other
forms, whole.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import IO, Final

from rdflib import BNode, Dataset, Literal, URIRef
from rdflib.term import Node

from kg.errors import SourceError
from kg.rdf.forms import Form, form_of, open_text
from kg.rdf.terms import REIFIED, TYPE, Iri
from kg.rdf.values import from_literal
from kg.rdf.writers import Record

_IRI: Final = r"<([^\x00-\x20<>\"{}|^`]*)>"
_THING: Final = r"(?:<([^\x00-\x20<>\"{}|^`]*)>|(_:[^\s<>\"]+))"
_LINE: Final = re.compile(
    rf"\s*{_THING}\s*{_IRI}\s*"
    rf"(?:{_THING}|\"((?:[^\"\\\n\r]|\\.)*)\"(?:\^\^{_IRI}|@([A-Za-z0-9-]+))?)"
    r"\s*+(?:<[^>]*>\s*+)?\.\s*+(?:#.*\n?)?"
)
_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_SHORT: Final = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'"}
_BY_LINE: Final = ("ntriples", "nquads")
_RDFLIB: Final = {"turtle": "turtle", "trig": "trig", "jsonld": "json-ld"}
_LONGEST_LINE: Final = 16_777_216
_LARGEST_WHOLE: Final = 268_435_456
"""Characters of a file that is read whole."""

_UNFIT: Final = (ValueError, KeyError, OverflowError, RecursionError)
"""What reading a value raises that is none."""

Triple = tuple[str, Iri, object]


class Tagged(str):
    """A text that says its language."""

    language: str

    @classmethod
    def of(cls, text: str, language: str) -> Tagged:
        """Return the text with its language."""
        tagged = cls(text)
        tagged.language = language
        return tagged


def read_records(path: Path, form: str | None = None) -> Iterator[Record]:
    """Yield a file's triples, those of one subject that stand together as one record.

    Raises: as `read_triples` does.
    """
    for subject, together in groupby(read_triples(path, form), key=itemgetter(0)):
        yield Iri(subject), [(verb, value) for _, verb, value in together]


def read_triples(path: Path, form: str | None = None) -> Iterator[Triple]:
    """Yield a file's triples; a blank node is named `_:` and its label.

    Raises:
        ConfigError: the form is unknown.
        SourceError: the file is missing, or no sound RDF of this form; names the place.
    """
    if not path.is_file():
        raise SourceError(f"There is no file {path}.", remedy="Correct its name.")
    known = form_of(path, form)
    with (
        _damage_of(path),
        open_text(path, "r", packed=path.suffix == ".gz") as file,
    ):
        yield from _lines(file, path) if known in _BY_LINE else _parsed(file, path, known)


@contextmanager
def _damage_of(path: Path) -> Iterator[None]:
    try:
        yield
    except (UnicodeDecodeError, EOFError, zlib.error, OSError) as error:
        raise SourceError(
            f"{path} is damaged, or no text in UTF-8: {error}.", remedy="Fetch the file again."
        ) from error


def _lines(file: IO[str], path: Path) -> Iterator[Triple]:
    for number, line in enumerate(iter(lambda: file.readline(_LONGEST_LINE + 1), ""), 1):
        if len(line) > _LONGEST_LINE:
            raise SourceError(f"{path}, line {number} has more than {_LONGEST_LINE:,} characters.")
        found = _LINE.fullmatch(line)
        if found is None:
            if line.strip() and not line.lstrip().startswith("#"):
                raise SourceError(
                    f"{path}, line {number}: {line[:200]!r} is no triple of names and literals.",
                    remedy="Files of other making go through rdflib: save them as Turtle.",
                )
            continue
        try:
            triple = _triple(found)
        except _UNFIT as error:
            raise SourceError(f"{path}, line {number}: {error}: {line[:200]!r}.") from error
        yield triple


def _triple(found: re.Match[str]) -> Triple:
    subject, blank, verb, iri, label, text, datatype, language = found.groups()
    value: object = (
        Iri(label or _unescape(iri))
        if text is None
        else _value(_unescape(text), datatype, language)
    )
    return blank or _unescape(subject), Iri(_unescape(verb)), value


def _parsed(file: IO[str], path: Path, form: Form) -> Iterator[Triple]:
    """A whole file through rdflib, statements last."""
    text = file.read(_LARGEST_WHOLE + 1)
    if len(text) > _LARGEST_WHOLE:
        raise SourceError(
            f"{path} has more than {_LARGEST_WHOLE:,} characters, too much for {form}.",
            remedy="Turn it into N-Triples, which is read line by line.",
        )
    try:
        dataset = Dataset(default_union=True)
        dataset.parse(data=_closed(text) if form == "jsonld" else text, format=_RDFLIB[form])
        yield from list(_triples(dataset))
    except Exception as error:  # rdflib's parsers raise errors of many kinds
        raise SourceError(f"{path} is no sound {form}: {str(error)[:500]}.") from error


def _closed(text: str) -> str:
    """Return a JSON-LD document if it says all itself: its parser would fetch what it names.

    Raises:
        ValueError: it names a context that lies elsewhere.
    """
    document = json.loads(text)
    here = [document]
    while here:
        each = here.pop()
        if isinstance(each, dict):
            context = each.get("@context")
            named = context if isinstance(context, list) else [context]
            if "@import" in each or any(isinstance(part, str) for part in named):
                raise ValueError("it names a @context elsewhere, which is not fetched")
            here += each.values()
        elif isinstance(each, list):
            here += each
    return json.dumps(document)


def _triples(dataset: Dataset) -> Iterator[Triple]:
    subjects = sorted(set(dataset.subjects()), key=lambda s: (_reified(dataset, s), str(s)))
    for subject in subjects:
        pairs = dataset.predicate_objects(subject)
        for verb, value in sorted(pairs, key=lambda pair: str(pair[0]) != TYPE):
            yield _name(subject), Iri(str(verb)), _term(value)


def _reified(dataset: Dataset, subject: Node) -> bool:
    return (subject, URIRef(TYPE), URIRef(REIFIED)) in dataset


def _term(node: Node) -> object:
    if isinstance(node, Literal):
        return _value(_name(node), str(node.datatype) if node.datatype else None, node.language)
    return Iri(_name(node))


def _name(node: Node) -> str:
    name = str(node)
    name.encode("utf-8")  # half of a surrogate pair is no text
    return f"_:{name}" if isinstance(node, BNode) else name


def _value(text: str, datatype: str | None, language: str | None) -> object:
    if language:
        return Tagged.of(text, language.lower())
    return text if datatype is None else from_literal(text, datatype)


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    plain = _ESCAPE.sub(_character, text)
    plain.encode("utf-8")  # half of a surrogate pair is no text
    return plain


def _character(found: re.Match[str]) -> str:
    short, long, letter = found.groups()
    return chr(int(short or long, 16)) if short or long else _SHORT.get(letter, letter)
