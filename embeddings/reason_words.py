"""Reasons in plain words, from what `recommend/explain` counts in the graph as it is now.

Nothing is said that the counts do not hold: "praise" needs more good than bad words, a plural two
of a kind, and a reason without evidence says nothing. Names and quotes are other people's text:
what could be taken for markup is replaced by signs that look alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from embeddings.reasons import Kind

_LIKE_MARKUP: Final = str.maketrans("<>\"'`*", "\u2039\u203a\u201d\u2019\u2019\u2217")
_NAMED: Final = 2
"""Most of the user's things that a sentence names."""


@dataclass(frozen=True)
class Counted:
    """What a reason rests on: a row of `recommend/explain`, which says what each column is."""

    kind: Kind
    name: str
    own: int = 0
    praised: int = 0
    blamed: int = 0
    examples: tuple[str, ...] = ()
    evidence: int = 0
    positive: int = 0
    negative: int = 0


def plain(text: str) -> str:
    """Return a text in one line, without what HTML or the marks of emphasis could be made of.

    >>> plain("Tom &\\n\\tJerry")
    'Tom & Jerry'
    """
    return " ".join(text.translate(_LIKE_MARKUP).split())


def clause(counted: Counted) -> str:
    """Return what a reason says, to follow "because"; names stand in asterisks."""
    return _CLAUSES[counted.kind](counted)


def sentence(reasons: Sequence[Counted]) -> str:
    """Return all of them in one sentence; empty without any.

    >>> sentence([Counted("popular", "Kettle", evidence=1)])
    'Because one person likes it.'
    """
    clauses = [clause(each) for each in reasons]
    if len(clauses) > 1:
        clauses[-1] = f"and {clauses[-1]}"
    return f"Because {'; '.join(clauses)}." if clauses else ""


def _item(of: Counted) -> str:
    if not of.evidence:
        return f"you liked {_name(of)}, which the model finds similar"
    others = _several(of.evidence, "other person", "other people")
    return f"you liked {_name(of)}, as did {others} who liked this one"


def _aspect(of: Counted) -> str:
    if of.praised > of.blamed:
        own = f"you praised the {_name(of)} of {_things(of.examples, of.praised)}"
    elif of.blamed > of.praised:
        own = f"you found fault with the {_name(of)} of {_several(of.blamed, 'thing', 'things')}"
    else:
        own = f"you wrote about the {_name(of)} of {_things(of.examples, of.own)}"
    joined = "but" if of.blamed > of.praised and of.positive > of.negative else "and"
    return f"{own} {joined} {_opinion(of)} {_reviews(of)}"


def _opinion(of: Counted) -> str:
    if of.positive > of.negative:
        return f"{_speak(of.positive, 'praise')} that of this one"
    if of.positive and of.positive == of.negative:
        return "people disagree about that of this one"
    if of.negative:
        return f"{_speak(of.negative, 'blame')} that of this one"
    return "others wrote about that of this one"


def _speak(number: int, verb: str) -> str:
    return f"one person {verb}s" if number == 1 else f"people {verb}"


def _reviews(of: Counted) -> str:
    """The brackets of an opinion: who speaks of it, and how many of them well."""
    number = f"{of.evidence:,} review{'' if of.evidence == 1 else 's'}"
    if of.evidence == 1 or not of.positive + of.negative:
        return f"({number})"
    most = 100 if of.positive == of.evidence else 99
    return f"({number}, {min(most, round(100 * of.positive / of.evidence))} % positive)"


def _topic(of: Counted) -> str:
    own = _several(of.own, "of your reviews is", "of your reviews are")
    others = "is one review" if of.evidence == 1 else f"are {of.evidence:,} reviews"
    return f"{own} about {_name(of)}, as {others} of this one"


def _entity(of: Counted) -> str:
    own = _several(of.own, "of your reviews mentions", "of your reviews mention")
    others = _several(of.evidence, "review of this one does", "reviews of this one do")
    return f"{own} {_name(of)}, and {others}, too"


def _attribute(of: Counted) -> str:
    share = "shares" if of.own == 1 else "share"
    return f"{_things(of.examples, of.own)}, which you liked, {share} {_name(of)} with this one"


def _user(of: Counted) -> str:
    return f"{_name(of)} liked this one, and you both liked {_things(of.examples, of.own)}"


def _popular(of: Counted) -> str:
    likes = _several(of.evidence, "person likes", "people like")
    return f"{likes} it"


_CLAUSES: Final[dict[Kind, Callable[[Counted], str]]] = {
    "item": _item,
    "aspect": _aspect,
    "topic": _topic,
    "entity": _entity,
    "attribute": _attribute,
    "user": _user,
    "popular": _popular,
}


def _name(of: Counted) -> str:
    return f"*{plain(of.name)}*"


def _things(examples: Sequence[str], number: int) -> str:
    """`*Lamp*`, `*Lamp* and *Desk*`, or `*Lamp*, *Desk* and 3 others`."""
    named = [f"*{plain(each)}*" for each in examples[: min(_NAMED, number)]]
    more = number - len(named)
    if more:
        return f"{', '.join(named)} and {_several(more, 'other', 'others')}"
    return " and ".join(named)


def _several(number: int, one: str, more: str) -> str:
    return f"one {one}" if number == 1 else f"{number:,} {more}"
