"""Texts from data on their way to a terminal or a page: they are shown, and never obeyed.

A key or review may hold escape sequences, which would colour, move or clear what is on the screen,
and marks of direction, which would reorder it.
"""

from __future__ import annotations

import json
import re
from typing import Final

from rich.markup import escape as escape_markup

_OBEYED: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)
"""What a terminal acts on, and halves of surrogate pairs, which cannot be written."""
_FORMULA: Final = re.compile(r"[=+\-@\t\r]")
_NUMBER: Final = re.compile(r"[+-]?[0-9.]+([eE][+-]?[0-9]+)?")


def plain(text: str) -> str:
    r"""Return a text whose characters that a terminal obeys are written out.

    >>> plain("red \x1b[31m alert")
    'red \\x1b[31m alert'
    """
    return _OBEYED.sub(_written, text)


def is_text(name: str) -> bool:
    """Tell whether a name can be written in UTF-8; that of a file may hold bytes that cannot."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def shown(value: object) -> object:
    """Return what a template shows of a value: `plain` of a text from data, all else as it is."""
    return plain(value) if type(value) is str else value


def escape(text: str) -> str:
    """Return a text as rich's markup for just that text."""
    return escape_markup(plain(text))


def json_text(value: object, *, indent: int | None = None) -> str:
    r"""Return a value as JSON that reads back the same, with such characters as `\u`."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=str)
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def csv_cell(value: str) -> str:
    """Return a text for a cell of CSV; one that a spreadsheet would run begins with `'`."""
    runs = _FORMULA.match(value) and not _NUMBER.fullmatch(value)
    return f"'{value}" if runs else value


def _written(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
