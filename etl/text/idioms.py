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

_PRAISE_OF_A_PART: Final = r"""
      could(?:n'?t|\snot)\sbeat | to\sdie\sfor | (?:is|are)\s(?:just\s)?right(?!\s\w)
    | just\sthe\sright | the\sright\s(?:amount|size|length)
"""
_BLAME_OF_A_PART: Final = r"""
      wish(?:es|ed)?\s(?:that\s)?(?:it|they|there|the|you|we|i)(?:'?d)?\b
    | (?:would|will|could)\s(?:also\s)?be\s(?:so\s)?(?:nice|better|good|great|cool)\b
    | (?:just\s)?needs?\sto\s(?:be\s)?(?:add|fix|improve|work)(?:e?d)? | instead\sof\san?
    | (?:does|do|did|wo|would)n'?t\s(?:down)?load | (?:does|do|did|wo)n'?t\s(?:start|launch|connect)
    | feels?\s(?:a\s(?:bit|little)\s)?cheap | not\sbe\sfor\severyone
"""


def _idioms(praise: str, blame: str, neither: str) -> re.Pattern[str]:
    groups = rf"\b(?:(?P<praise>{praise})|(?P<blame>{blame})|(?P<neither>{neither}))"
    return re.compile(groups, re.VERBOSE)


_IDIOM: Final = _idioms(_PRAISE, _BLAME, _NEITHER)
_OF_A_PART: Final = _idioms(
    f"{_PRAISE}|{_PRAISE_OF_A_PART}", f"{_BLAME_OF_A_PART}|{_BLAME}", _NEITHER
)
_PLAIN: Final = {"praise": "great", "blame": "awful", "neither": "about"}


def plain_words(text: str) -> str:
    """Return a text, equally long, whose idioms are words that the sentiment lexicon knows."""
    return _replaced(_IDIOM, text)


def plain_words_of_parts(text: str) -> str:
    """Return the same for clauses about one thing, where a wish for more or better is blame."""
    return _replaced(_OF_A_PART, text)


def _replaced(idiom: re.Pattern[str], text: str) -> str:
    lower = text.lower()  # to ignore case in the expression takes three times as long
    if len(lower) != len(text):  # İ
        lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    parts, last = list[str](), 0
    for found in idiom.finditer(lower):
        plain = _PLAIN[found.lastgroup or "neither"].ljust(len(found.group()))
        parts += [text[last : found.start()], plain]
        last = found.end()
    return "".join([*parts, text[last:]]) if parts else text
