"""Text that was stored as HTML, brought to what people read."""

from __future__ import annotations

import html
import re
from typing import Final

import polars as pl

_BREAK: Final = re.compile(
    r"(?:(?<!\s)\s++|)</?(?:br|p|div|li|ul|ol|hr|h[1-6])\b[^<>]{0,500}>\s*", re.IGNORECASE
)
"""Blanks are tried from the first of a run only; from each, a long run would take for ever."""
_TAG: Final = re.compile(
    r"</?(?:a|b|i|u|s|em|strong|span|font|img|small|sub|sup|code|blockquote)\b[^<>]{0,500}>",
    re.IGNORECASE,
)
_ENDLESS: Final = re.compile(r"&#[0-9]{1000,};?")
"""A number of a character that Python refuses to read."""


def plain_text(text: str) -> str:
    """Return a text without tags, and with characters in place of `&quot;`, `&eacute;`, `&#34;`.

    Tags that begin a line or a paragraph become line breaks. What is no tag ("<3") stays.
    """
    text = _TAG.sub("", _BREAK.sub("\n", text))
    return characters(text).replace("\xa0", " ")


def characters(text: str) -> str:
    """Return a text with characters in place of `&amp;`; a number that names none gives U+FFFD."""
    return html.unescape(_ENDLESS.sub("\ufffd", text))


def plain_texts(texts: pl.Series) -> pl.Series:
    """Return texts as `plain_text` does."""
    marked = texts.str.contains("[&<]").fill_null(False)
    if not marked.any():
        return texts
    plain = pl.Series(map(plain_text, texts.filter(marked)), dtype=pl.String)
    return texts.scatter(marked.arg_true(), plain)
