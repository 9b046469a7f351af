"""Finding a key or a text in what is not a table: log lines, raw rows, bytes of any file."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from functools import cached_property
from mmap import mmap

from kg.forgotten import Forgotten
from recommender.erasure.needles import Needles
from recommender.terminal import json_text, plain

DISTINCT = 6
"""Characters that a key needs, not all digits, to be looked for anywhere; a shorter one, such as
42, could be any number, and is looked for between quotes or separators."""
LEAST_TEXT = 16
"""Characters that a text needs to be looked for by itself: nobody is known by "Great!"."""
SNIPPET = 60
"""Characters of a text that are looked for, from its beginning: raw rows may be cut."""


@dataclass(frozen=True)
class Traces:
    """What gives somebody away in a text."""

    who: Forgotten

    @cached_property
    def keys(self) -> list[str]:
        """Keys of people, and of the reviews if those alone are meant or are distinct."""
        return sorted(self.who.users | {key for key in self.who.reviews if _distinct(key)})

    @cached_property
    def snippets(self) -> list[str]:
        """The beginnings of texts that are long enough to be somebody's own."""
        return sorted(
            {text.strip()[:SNIPPET] for text in self.who.texts if len(text.strip()) >= LEAST_TEXT}
        )

    @cached_property
    def _needles(self) -> Needles:
        """Snippets, and distinct keys as whole words, however they are written."""
        keys = [key for key in self.keys if _distinct(key)]
        texts = [form.encode() for snippet in self.snippets for form in _forms(snippet)]
        return Needles(texts, [form.encode() for key in keys for form in _forms(key)])

    @cached_property
    def _short(self) -> re.Pattern[str] | None:
        """Keys that could be anything, as whole fields between quotes or separators."""
        forms = [re.escape(form) for key in self.keys if not _distinct(key) for form in _forms(key)]
        if not forms:
            return None
        edge = "[\"'\\t,;|:]"
        return re.compile(rf"(?:^|(?<={edge}))(?:{'|'.join(forms)})(?:$|(?={edge}))", re.MULTILINE)

    def in_line(self, text: str) -> bool:
        """Tell whether a log line or a raw row names them, be it by a short key."""
        return self.in_text(text) or (
            self._short is not None and self._short.search(text) is not None
        )

    def in_text(self, text: str) -> bool:
        """Tell whether a value or a page does; a short key is no trace there."""
        return self.in_bytes(text.encode("utf-8", "surrogateescape"))

    def in_bytes(self, content: bytes | mmap) -> bool:
        """Tell whether a file's bytes do; the same."""
        return self._needles.in_(content)


def _distinct(key: str) -> bool:
    return len(key) >= DISTINCT and not key.isdigit()


def _forms(text: str) -> list[str]:
    """The text as it is, as JSON, CSV, HTML, Python and our terminal write it."""
    forms = {
        text,
        plain(text),
        json_text(text)[1:-1],
        repr(text)[1:-1],
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
        text.replace('"', '""'),
        html.escape(text),
        html.escape(text, quote=False),
    }
    return sorted(forms)
