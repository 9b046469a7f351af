"""The sentiment of the clause in which something is mentioned.

A sentence is cut at commas, conjunctions and words of contrast. A mention takes the score of its
own piece; a piece without an opinion borrows from a neighbour that its words lean on: "the battery,
which I replaced, is awful", "the sound and the build quality are great". The words of the mentions
themselves say nothing: "comfort" is no praise. What no lexicon has an opinion on is left to learnt
sentiment (`etl/text/model.py`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from etl.text.sentiment import SentimentScorer
from etl.text.tokens import Tokens

_CONTRASTS: Final = frozenset(
    """
    but however although though yet while whereas except despite unlike unfortunately sadly
    otherwise nevertheless still
    """.split()  # noqa: SIM905
)
_BREAKS: Final = frozenset([";", ":", "—", "–", "--", "(", ")", "..."])
_JOINTS: Final = frozenset({",", "and", "or", "plus", "&", "/"})


@dataclass(frozen=True, slots=True)
class Clause:
    """What surrounds a mention.

    Attributes:
        text: the mention's own piece of the sentence.
        sentiment: of the lexicon, -1 … 1; 0 where neither the piece nor one that it leans on has an
            opinion, None without a lexicon.
    """

    text: str
    sentiment: float | None


@dataclass(slots=True)
class _Piece:
    start: int
    end: int
    joined: bool  # to the piece before it, by a comma or conjunction rather than a contrast
    mentions: bool = False
    score: float | None = None


def clauses_of(
    tokens: Tokens, plain: str, spans: Sequence[tuple[int, int]], scorer: SentimentScorer
) -> list[Clause]:
    """Return the clause of each mention.

    Args:
        tokens: the text.
        plain: the text in plain words, equally long.
        spans: (start, end) token positions of each mention, ascending.
        scorer: of lexicons.
    """
    known = scorer.knows(tokens.language)
    text = _masked(tokens, plain, spans)
    result: list[Clause] = []
    pieces: list[_Piece] = []
    sentence_end = -1
    for start, _ in spans:
        if start >= sentence_end:
            sentence = bisect_right(tokens.sentences, start) - 1
            sentence_start, sentence_end = tokens.sentences[sentence : sentence + 2]
            pieces = _pieces(tokens, sentence_start, sentence_end)
            for other, _ in spans:
                if sentence_start <= other < sentence_end:
                    pieces[_index(pieces, other)].mentions = True
        index = _index(pieces, start)
        own = tokens.text[tokens.starts[pieces[index].start] : tokens.end(pieces[index].end - 1)]
        score = _sentiment_at(text, tokens, pieces, index, scorer) if known else None
        result.append(Clause(own, score))
    return result


def _pieces(tokens: Tokens, start: int, end: int) -> list[_Piece]:
    pieces = [_Piece(start, end, joined=False)]
    for position in range(start, end):
        word = tokens.lower[position]
        joint = word in _JOINTS
        if joint or word in _CONTRASTS or word in _BREAKS:
            last = pieces[-1]
            if last.start == position:  # ", but": the stronger cut counts
                last.joined = last.joined and joint
                continue
            last.end = position
            pieces.append(_Piece(position, end, joined=joint))
            if joint and position + 1 < end and tokens.lower[position + 1] in _CONTRASTS:
                pieces[-1].joined = False
    return pieces


def _index(pieces: Sequence[_Piece], position: int) -> int:
    return next(i for i, piece in enumerate(pieces) if position < piece.end)


def _masked(tokens: Tokens, plain: str, spans: Sequence[tuple[int, int]]) -> str:
    """Return the text with the mentions blackened, so that their own words do not count."""
    parts, last = [], 0
    for start, end in spans:
        first, behind = max(last, tokens.starts[start]), tokens.end(end - 1)
        parts += [plain[last:first], "x" * (behind - first)]
        last = max(last, behind)
    return "".join([*parts, plain[last:]])


def _sentiment_at(
    text: str, tokens: Tokens, pieces: Sequence[_Piece], index: int, scorer: SentimentScorer
) -> float:
    own = _score(text, tokens, pieces[index], scorer)
    if own:
        return own
    predicated = _has_verb(tokens, pieces[index])
    for following in range(index + 1, len(pieces)):
        piece = pieces[following]
        leans_on = piece.joined or _speaks_of_it(tokens, piece)
        if not leans_on or (predicated and piece.mentions):
            break
        if score := _score(text, tokens, piece, scorer):
            return score
    for preceding in range(index, 0, -1):
        if not pieces[preceding].joined or (predicated and pieces[preceding - 1].mentions):
            break
        if score := _score(text, tokens, pieces[preceding - 1], scorer):
            return score
    return 0.0


def _score(text: str, tokens: Tokens, piece: _Piece, scorer: SentimentScorer) -> float:
    if piece.score is None:
        piece.score = scorer.score(text[tokens.starts[piece.start] : tokens.end(piece.end - 1)])
    return piece.score


def _speaks_of_it(tokens: Tokens, piece: _Piece) -> bool:
    """Return whether a piece after a word of contrast goes on about the same thing."""
    return not piece.mentions and "PRP" in tokens.tags[piece.start + 1 : piece.start + 3]


def _has_verb(tokens: Tokens, piece: _Piece) -> bool:
    return any(tag.startswith("VB") for tag in tokens.tags[piece.start : piece.end])
