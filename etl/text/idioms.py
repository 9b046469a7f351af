"""Turns of phrase whose sentiment is not in their words, for the scorer to read as plain words."""

from __future__ import annotations

import re
from typing import Final

_PRAISE: Final = r"""
      could(?:n'?t|\snot)\s(?:be|have\sbeen|ask\sfor(?:\sa)?)\s(?:any\s)?(?:better|happier|more\s\w+)
    | can(?:'t|not|\snot)\s(?:go\swrong|fault|complain|be\sbeat(?:en)?|beat)
    | can(?:'t|not|\snot)\srecommend(?:\s\w+){0,3}\senough
    | (?:hard|tough)\sto\sbeat | second\sto\snone | spot[\s-]on | top[\s-]notch | rock[\s-]solid
    | thumbs\sup | hats\soff | full\smarks | big\sfan\sof | special\spraise
    | exceed(?:s|ed|ing)?\s(?:my|our|all|any)\s(?:\w+\s)?expectations? | better\sthan\sexpected
    | (?:well\s)?worth\s(?:it|every|the\s(?:money|price|wait|cost)) | w[oi]ns?\sme\sover | sold\sme
    | beats\s(?:my|the|what|that|any|all|everything|others?) | (?:holds?|held)\sup\swell
    | blew\s(?:me|us)\saway | blown\saway | a\s(?:breeze|bargain|steal|pleasure)
"""
_BLAME: Final = r"""
      could\s(?:be|have\sbeen|use)\s(?:(?:a\s(?:lot|bit|little)|much|some|far)\s)?(?:better|more)
    | could\suse\ssome | expected\s(?:\w+\s)?(?:better|more) | hoped\sfor\s(?:better|more)
    | should\s(?:be|have\sbeen)\s(?:better|more) | leaves?\s\w+(?:\s\w+)?\sto\sbe\sdesired
    | (?:let(?:s|ting)?|letting)\s(?:me|us|you|it)\sdown | let\sdown | a\slet-?down
    | can(?:'t|not|\snot)\sstand | could(?:n't|\snot)\sstand | thumbs\sdown | far\sfrom\s\w+
    | not\sworth | waste\sof | rip[\s-]?off | (?:fell|falls?|fallen|falling)\sapart | deal\s?breaker
    | (?:does|did|do|would|will)(?:n't|\snot)\s(?:work|last|fit|hold|help|function)\b
    | won't\s(?:work|last|fit|hold) | (?:stopped|quit)\sworking | wanted\sto\slike | cheaped\sout
    | too\s(?:loud|noisy|heavy|small|big|large|tight|thin|thick|weak|quiet|soft|hard|short|long|dark
        |bright|dim|hot|cold|slow|fast|high|low|expensive|stiff|loose|narrow|wide|much|many|complicated)
    | big\sminus | (?:a|the)\s(?:real\s|total\s|bit\sof\sa\s)?(?:pain|mess|chore|nightmare|joke)\b
"""
_NEITHER: Final = r"""
      (?:worried|nervous|s[kc]eptical|hesitant|concerned|unsure|doubtful|wary)\s(?:about|of|that)
    | no\sstrong\s(?:feelings|opinion|views) | nothing\sspecial\sto | like\smost\speople
    | nothing\sbut
"""

_IDIOM: Final = re.compile(
    rf"\b(?:(?P<praise>{_PRAISE})|(?P<blame>{_BLAME})|(?P<neither>{_NEITHER}))",
    re.VERBOSE,
)
_PLAIN: Final = {"praise": "great", "blame": "awful", "neither": "about"}


def plain_words(text: str) -> str:
    """Return a text, equally long, whose idioms are words that the sentiment lexicon knows."""
    lower = text.lower()  # to ignore case in the expression takes three times as long
    if len(lower) != len(text):  # İ
        lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    parts, last = list[str](), 0
    for found in _IDIOM.finditer(lower):
        plain = _PLAIN[found.lastgroup or "neither"].ljust(len(found.group()))
        parts += [text[last : found.start()], plain]
        last = found.end()
    return "".join([*parts, text[last:]]) if parts else text
