"""A guess as commented YAML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from etl.guess import Guess, SourceGuess

_PLAIN: Final = re.compile(r"[A-Za-z_/][A-Za-z0-9_./-]*( [A-Za-z0-9_./-]+)*")
_WORDS: Final = frozenset(["true", "false", "yes", "no", "on", "off", "null", "y", "n", "~"])


def render(guess: Guess) -> str:
    """Return a guess as a config in YAML, with samples, confidence and questions in comments."""
    return "\n".join(_lines(guess)) + "\n"


def _lines(guess: Guess) -> Iterator[str]:
    yield "# Written by `kgrec init` from a look at the files. Check it, then `kgrec run` it."
    if any(source.questions for source in guess.sources):
        yield "# QUESTIONS remain; look for the word below."
    yield ""
    yield f"name: {_scalar(guess.name)}"
    yield ""
    yield "sources:"
    for source in guess.sources:
        yield from _source(source)


def _source(source: SourceGuess) -> Iterator[str]:
    for note in source.notes:
        yield f"  # {_one_line(note)}"
    for question in source.questions:
        yield f"  # QUESTION: {_one_line(question)}"
    if source.tried:
        yield f"  # {_one_line(source.tried)}."
    if not source.settings:
        return
    comments = {guess.column: guess for guess in source.columns}
    mark = "- "
    for key, value in source.settings.items():
        if key == "columns" and isinstance(value, dict):
            yield f"  {mark}columns:"
            yield from _columns(value, source)
        else:
            yield f"  {mark}{key}: {_value(value)}"
        mark = "  "
    left = [guess for guess in comments.values() if not guess.meaning]
    if left:
        yield "    # Columns left out:"
        for guess in left:
            samples = ", ".join(map(repr, guess.samples))
            yield f"    #   {_one_line(f'{guess.column}: {guess.why} ({samples})')}"


def _columns(columns: Mapping[str, object], source: SourceGuess) -> Iterator[str]:
    guesses = {guess.column: guess for guess in source.columns}
    for key, value in columns.items():
        if isinstance(value, list):
            yield f"      {key}:"
            for part in value:
                yield f"        - {_value(part)}{_comment(guesses.get(str(part.get('column'))))}"
        elif key in ("traits", "properties") and isinstance(value, dict):
            yield f"      {key}:"
            for name, column in value.items():
                shown = _comment(guesses.get(str(column)))
                yield f"        {_scalar(name)}: {_scalar(column)}{shown}"
        else:
            named = value.get("column") if isinstance(value, dict) else value
            asked = "  # QUESTION" if value == "?" else _comment(guesses.get(str(named)))
            yield f"      {key}: {_value(value)}{asked}"


def _comment(guess: object) -> str:
    from etl.guess.columns import ColumnGuess

    if not isinstance(guess, ColumnGuess):
        return ""
    samples = ", ".join(map(repr, guess.samples))
    why = f"; {guess.why}" if guess.why else ""
    sure = "" if guess.confidence >= 0.8 else f"; {guess.confidence:.0%} sure"
    return f"  # {_one_line(samples + why + sure)}"


def _value(value: object) -> str:
    if isinstance(value, dict):
        inside = ", ".join(f"{_scalar(key)}: {_value(part)}" for key, part in value.items())
        return f"{{{inside}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return _scalar(value)


def _scalar(value: object) -> str:
    if isinstance(value, str):
        if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
            return value
        return json.dumps(value, ensure_ascii=not value.isprintable())
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value)


def _one_line(text: str) -> str:
    return "".join(char if char.isprintable() else "·" for char in " ".join(text.split()))
