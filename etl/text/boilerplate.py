"""Text that sites add to reviews, blanked out so that character offsets stay true."""

from __future__ import annotations

import re
from typing import Final

_BOILERPLATE: Final = re.compile(
    r"""
      [\[(]\s*(?:click\s+here\s+)?(?:to\s+read\s+(?:the\s+)?)?full\s+(?:article|review|text)
          [^\])]{0,80}(?:[\])]|$)                              # [Full review in Spanish]
    | (?:click\s+here|click)\s+(?:for|to\s+(?:read|see|view))\s+(?:the\s+)?(?:full|entire|complete)
          \s+(?:article|review)\b\.?
    | (?:read|see)\s+(?:the\s+)?(?:full|entire|complete)\s+(?:article|review)
          (?:\s+(?:at|on)\s+\S+)?\s*(?:>+|\.{2,})?
    | \[\[(?:VIDEOID|ASIN):[^\]]*\]\]?                         # Amazon's embedded media
    | \b(?:product\s+received\s+for\s+free|early\s+access\s+review)\b
    | \[/?(?:h1|h2|h3|b|i|u|strike|spoiler|noparse|list|olist|quote|code|table|tr|th|td|hr
          |url(?:=[^\]]*)?|\*)\]                               # Steam's markup
    | <(?:/?[a-zA-Z][^<>]{0,200}|!--.*?--)>                    # HTML
    | &(?:[a-zA-Z]{2,8}|\#\d{1,6}|\#x[0-9a-fA-F]{1,5});
    | (?:https?://|www\.)\S+
    """,
    re.IGNORECASE | re.VERBOSE,
)
_MARKS: Final = (
    *("[", "<", "&", "://", "www."),
    *("full", "entire", "complete", "received", "early"),
)
_PLAIN_QUOTES = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"'})


def blank_boilerplate(text: str) -> str:
    """Return the text, equally long, with spaces in place of boilerplate, markup and addresses.

    Curly quotes become plain ones, which tokenizers and lexicons know.
    """
    lower = text.lower()
    if any(mark in lower for mark in _MARKS):  # else there is none, which is ten times faster told
        text = _BOILERPLATE.sub(lambda found: " " * len(found.group()), text)
    return text if text.isascii() else text.translate(_PLAIN_QUOTES)
