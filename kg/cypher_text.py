"""What a Cypher text says of itself: its parameters, identifiers, result columns and statements.

This reads only as much grammar as the catalogue's checks need: strings, comments, brackets and
the words of the last clause.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_SKIPPED: Final = re.compile(
    r"""
    //[^\n]*                      # a comment to the end of the line
    | /\*.*?\*/                   # a comment in a text
    | '(?:\\.|[^'\\])*'           # strings
    | "(?:\\.|[^"\\])*"
    """,
    re.VERBOSE | re.DOTALL,
)
_PARAMETER: Final = re.compile(r"\$(\w+)")
_IDENTIFIER: Final = re.compile(r"\b__[A-Z][A-Z_]*?__\b")
_WRITING: Final = re.compile(
    r"(?<![.:`$\w])(?:CREATE|MERGE|SET|DELETE|REMOVE|DROP|FOREACH)\b", re.IGNORECASE
)
_RESULT: Final = re.compile(r"(?<![.:`$\w])(RETURN|YIELD)\b(\s+DISTINCT\b)?", re.IGNORECASE)
_AFTER_COLUMNS: Final = re.compile(
    r";|(?<![.:`$\w])(?:ORDER\s+BY|SKIP|OFFSET|LIMIT|UNION|WHERE)\b", re.IGNORECASE
)
_ALIAS: Final = re.compile(r"\bAS\s+(`[^`]+`|\w+)\s*$", re.IGNORECASE)
_PAIRS: Final = {"(": ")", "[": "]", "{": "}"}


def bare(text: str) -> str:
    """The text with comments and the content of strings blanked out, its length kept."""

    def blank(match: re.Match[str]) -> str:
        found = match.group()
        if found[0] in "'\"":
            return found[0] + " " * (len(found) - 2) + found[-1]
        return re.sub(r"[^\n]", " ", found)

    return _SKIPPED.sub(blank, text)


def parameters(text: str) -> set[str]:
    """The names of all `$parameters` in the text."""
    return set(_PARAMETER.findall(bare(text)))


def identifiers(text: str) -> set[str]:
    """All placeholder identifiers (`__BEHAVIOUR__`) in the text."""
    return set(_IDENTIFIER.findall(bare(text)))


def fill(text: str, values: dict[str, str]) -> str:
    """The text with its placeholder identifiers replaced; values are checked by the caller."""
    return _IDENTIFIER.sub(lambda match: values[match.group()], text)


def fill_parameters(text: str, literals: dict[str, str]) -> str:
    """The text with its `$parameters` replaced by literals, outside strings and comments."""
    pieces, done = [], 0
    for match in _PARAMETER.finditer(bare(text)):
        pieces += [text[done : match.start()], literals[match.group(1)]]
        done = match.end()
    return "".join(pieces) + text[done:]


def writes(text: str) -> bool:
    """Whether the text holds a clause that changes the graph."""
    return _WRITING.search(bare(text)) is not None


def columns(text: str) -> list[str]:
    """The result columns: those of the last RETURN (or YIELD) outside all brackets.

    An expression without an alias counts with its own text, as on the server.
    """
    plain = bare(text)
    outer = _outside_brackets(plain)
    clauses = list(_RESULT.finditer(outer))
    if not clauses or (clauses[-1].group(1).upper() == "YIELD" and not _ends_with_yield(outer)):
        return []
    start = clauses[-1].end()
    end = _AFTER_COLUMNS.search(outer, start)
    stop = end.start() if end else len(outer)
    return [_column(text[a:b], plain[a:b]) for a, b in _pieces(outer, start, stop, ",")]


def statements(text: str) -> list[str]:
    """The text's statements, split at the semicolons outside strings and comments."""
    plain = bare(text)
    pieces = _pieces(plain, 0, len(plain), ";")
    return [text[a:b].strip() for a, b in pieces if plain[a:b].strip()]


def _ends_with_yield(outer: str) -> bool:
    """A SHOW or a CALL that stands alone gives the columns that it yields."""
    return outer.lstrip()[:4].upper() in {"SHOW", "CALL"}


def _column(text: str, plain: str) -> str:
    alias = _ALIAS.search(plain)
    return alias.group(1).strip("`") if alias else text.strip()


def _pieces(text: str, start: int, stop: int, separator: str) -> Iterator[tuple[int, int]]:
    begin = start
    for position in range(start, stop):
        if text[position] == separator:
            yield begin, position
            begin = position + 1
    yield begin, stop


def _outside_brackets(plain: str) -> str:
    """The text with everything between brackets (and the brackets) blanked out."""
    closing: list[str] = []
    out: list[str] = []
    for character in plain:
        if character in _PAIRS:
            closing.append(_PAIRS[character])
            out.append(" ")
        elif closing:
            if character == closing[-1]:
                closing.pop()
            out.append(" ")
        else:
            out.append(character)
    return "".join(out)
