"""One query file: its header, its text per dialect, and the check that both agree.

A file begins with a header of `//` comments, which people can read and Neo4j Browser keeps:

    // recommend/for_user: the best items for a user, best first
    // access: read
    // asked: what do you recommend to {userId}?
    // param userId: string — the user's key
    // identifier __BEHAVIOUR__: behaviour — what counts as having
    // returns itemId: string — the item's key
    :param userId => 'u-1';
    MATCH …

`asked` lines are questions that the query answers, with parameters in braces; `kgrec ask` goes by
them. `:param` lines give a default, and let the file be pasted into Neo4j Browser or cypher-shell
as it is; they are not sent. A dialect's own text stands in `name.neo4j.cypher` or
`name.embedded.cypher`, with the same header.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, cast, get_args

from kg import cypher_text
from kg.errors import ConfigError, QueryFileError
from kg.identifiers import IDENTIFIER_KINDS, IdentifierKind, check_identifier
from kg.parameter import TYPES, Parameter, parse_literal

Access = Literal["read", "write"]
Dialect = Literal["neo4j", "embedded"]
DIALECTS: Final[tuple[Dialect, ...]] = get_args(Dialect)

_TITLE: Final = re.compile(r"// (?P<name>[\w/]+): (?P<summary>\S.*)")
_ACCESS: Final = re.compile(r"// access: (?P<access>read|write)")
_PARAM: Final = re.compile(r"// param (?P<name>\w+): (?P<type>\S+) [—-] (?P<meaning>\S.*)")
_IDENTIFIER: Final = re.compile(
    r"// identifier (?P<name>__[A-Z_]+__): (?P<kind>\w+) [—-] (?P<meaning>\S.*)"
)
_ASKED: Final = re.compile(r"// asked: (?P<question>\S.*)")
_SLOT: Final = re.compile(r"\{(\w+)\}")
_RETURNS: Final = re.compile(r"// returns (?P<name>\w+): (?P<type>\S+) [—-] (?P<meaning>\S.*)")
_DEFAULT: Final = re.compile(r":param (?P<name>\w+) => (?P<value>.*?);?\s*")
_ENTRY: Final = re.compile(r"// (param|identifier|returns|access|asked)\b")


@dataclass(frozen=True)
class Column:
    """One column of a query's result."""

    name: str
    type: str
    meaning: str


@dataclass(frozen=True)
class Identifier:
    """A placeholder for a label or relationship type, filled in from a closed set."""

    name: str
    kind: IdentifierKind
    meaning: str


@dataclass(frozen=True)
class Query:
    """A query of the catalogue. `texts` holds what is sent, by dialect; None is for all others."""

    name: str
    summary: str
    access: Access
    questions: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    columns: tuple[Column, ...] = ()
    texts: Mapping[Dialect | None, str] = field(default_factory=dict)

    def text(self, dialect: Dialect, identifiers: Mapping[str, str] | None = None) -> str:
        """The text for a server of this dialect, identifiers filled in.

        Raises:
            QueryFileError: there is no text for this dialect, or identifiers are missing.
            ConfigError: a value may not stand for its identifier.
        """
        text = self.texts.get(dialect, self.texts.get(None))
        if text is None:
            raise QueryFileError(
                f"Query {self.name!r} has no text for the {dialect} dialect, "
                f"only for {', '.join(map(str, self.texts))}."
            )
        given = dict(identifiers or {})
        wanted = {identifier.name for identifier in self.identifiers}
        if given.keys() != wanted:
            raise QueryFileError(
                f"Query {self.name!r} got identifiers {sorted(given)}, wanted {sorted(wanted)}."
            )
        checked = {i.name: check_identifier(i.kind, given[i.name]) for i in self.identifiers}
        return cypher_text.fill(text, checked) if checked else text

    def arguments(self, given: Mapping[str, object]) -> dict[str, object]:
        """The parameters to send: those given, checked, and the defaults of the others.

        Raises:
            ConfigError: a parameter is missing, unknown or of another type.
        """
        wanted = {parameter.name: parameter for parameter in self.parameters}
        unknown = sorted(given.keys() - wanted.keys())
        missing = sorted(p.name for p in self.parameters if p.required and p.name not in given)
        if unknown or missing:
            got = f"has no parameter {unknown[0]!r}" if unknown else f"needs {missing[0]!r}"
            raise ConfigError(
                f"Query {self.name!r} {got}.",
                remedy=f"Its parameters are: {', '.join(wanted) or 'none'}.",
            )
        return {
            name: parameter.check(given.get(name, parameter.default), self.name)
            for name, parameter in wanted.items()
        }

    def example_identifiers(self) -> dict[str, str]:
        """A value for each identifier, to explain the query with."""
        return {i.name: IDENTIFIER_KINDS[i.kind] for i in self.identifiers}


def parse_query(name: str, texts: Mapping[Dialect | None, str]) -> Query:
    """The query of this name from the content of its files, by dialect.

    Raises:
        QueryFileError: header and text disagree, or two files of one name have other headers.
    """
    queries = [_parse_file(name, dialect, text) for dialect, text in texts.items()]
    first = queries[0]
    for other in queries[1:]:
        if replace(other, texts={}) != replace(first, texts={}):
            raise QueryFileError(
                f"The files of query {name!r} have different headers; wanted the same in each."
            )
    return replace(first, texts={d: t for query in queries for d, t in query.texts.items()})


def _parse_file(name: str, dialect: Dialect | None, content: str) -> Query:
    file = f"cypher/{name}{f'.{dialect}' if dialect else ''}.cypher"
    lines = content.splitlines()
    header = _Header(file, name)
    start = 0
    for start, line in enumerate(lines):
        if line.strip() and not line.startswith(("//", ":param")):
            break
        header.take(start + 1, line)
    body = "\n".join(lines[start:]).strip().rstrip(";").rstrip()
    query = header.query(body, dialect)
    _check(file, query, body)
    return query


class _Header:
    """Collects the header's lines."""

    def __init__(self, file: str, name: str) -> None:
        self.file = file
        self.name = name
        self.summary = ""
        self.access: Access | None = None
        self.questions: list[str] = []
        self.parameters: list[Parameter] = []
        self.identifiers: list[Identifier] = []
        self.columns: list[Column] = []
        self.defaults: dict[str, object] = {}

    def take(self, number: int, line: str) -> None:
        """Read one line of the header; a comment that is no entry is for people."""
        if number == 1:
            self._title(line)
        elif found := _ACCESS.fullmatch(line):
            self.access = cast(Access, found["access"])
        elif found := _ASKED.fullmatch(line):
            self.questions.append(found["question"])
        elif found := _PARAM.fullmatch(line):
            self._of(number, found["type"], list(TYPES))
            self.parameters.append(Parameter(found["name"], found["type"], found["meaning"]))
        elif found := _RETURNS.fullmatch(line):
            self.columns.append(Column(found["name"], found["type"], found["meaning"]))
        elif found := _IDENTIFIER.fullmatch(line):
            kind = cast(IdentifierKind, self._of(number, found["kind"], list(IDENTIFIER_KINDS)))
            self.identifiers.append(Identifier(found["name"], kind, found["meaning"]))
        elif found := _DEFAULT.fullmatch(line):
            try:
                self.defaults[found["name"]] = parse_literal(found["value"])
            except ValueError as error:
                raise QueryFileError(f"{self.file}:{number}: {error}.") from error
        elif line.startswith(":param") or _ENTRY.match(line):
            raise QueryFileError(
                f"{self.file}:{number}: got {line!r}, wanted an entry like "
                "'// param name: type — meaning' or ':param name => value;'."
            )

    def query(self, body: str, dialect: Dialect | None) -> Query:
        if self.access is None:
            raise QueryFileError(f"{self.file}: the header lacks '// access: read' or 'write'.")
        if stray := self.defaults.keys() - {parameter.name for parameter in self.parameters}:
            raise QueryFileError(
                f"{self.file}: ':param {min(stray)}' has no '// param {min(stray)}: …' line."
            )
        for question in self.questions:
            self._check_slots(question)
        parameters = tuple(
            replace(p, default=self.defaults[p.name], required=False)
            if p.name in self.defaults
            else p
            for p in self.parameters
        )
        return Query(
            self.name,
            self.summary,
            self.access,
            tuple(self.questions),
            parameters,
            tuple(self.identifiers),
            tuple(self.columns),
            {dialect: body},
        )

    def _check_slots(self, question: str) -> None:
        if stray := set(_SLOT.findall(question)) - {
            parameter.name for parameter in self.parameters
        }:
            raise QueryFileError(
                f"{self.file}: '// asked: {question}' has no '// param {min(stray)}: …' line."
            )

    def _title(self, line: str) -> None:
        found = _TITLE.fullmatch(line)
        if not found or found["name"] != self.name:
            raise QueryFileError(
                f"{self.file}:1: got {line!r}, wanted '// {self.name}: what the query does'."
            )
        self.summary = found["summary"]

    def _of(self, number: int, value: str, known: Sequence[str]) -> str:
        if value not in known:
            raise QueryFileError(
                f"{self.file}:{number}: got the type {value!r}, wanted one of {', '.join(known)}."
            )
        return value


def _check(file: str, query: Query, body: str) -> None:
    """Refuse a file whose header and text disagree."""
    if len(cypher_text.statements(body)) != 1:
        raise QueryFileError(
            f"{file}: wanted one statement, got {len(cypher_text.statements(body))}."
        )
    _same(file, "parameters", [p.name for p in query.parameters], cypher_text.parameters(body))
    _same(file, "identifiers", [i.name for i in query.identifiers], cypher_text.identifiers(body))
    columns = cypher_text.columns(body)
    if [column.name for column in query.columns] != columns:
        raise QueryFileError(
            f"{file}: the header's columns are {[c.name for c in query.columns]}, "
            f"the text returns {columns}; wanted the same, in the same order."
        )
    if (query.access == "write") != cypher_text.writes(body):
        does = "changes" if query.access == "read" else "does not change"
        raise QueryFileError(
            f"{file}: the header says 'access: {query.access}', but the text {does} the graph."
        )


def _same(file: str, what: str, header: Sequence[str], text: set[str]) -> None:
    if len(set(header)) < len(header) or set(header) != text:
        raise QueryFileError(
            f"{file}: the header's {what} are {sorted(header)}, the text has {sorted(text)}; "
            "wanted the same."
        )
