"""Reasons in words: numbers agree, and nothing is said that the counts do not hold."""

from __future__ import annotations

import pytest

from embeddings.reason_words import Counted, clause, plain, sentence
from embeddings.reasons import Kind

SOUND = Counted(
    "aspect",
    "sound",
    own=2,
    praised=2,
    examples=("Strat", "Les Paul"),
    evidence=12,
    positive=11,
    negative=1,
)


def test_an_aspect_in_words() -> None:
    assert sentence([SOUND]) == (
        "Because you praised the *sound* of *Strat* and *Les Paul* and people praise that of this"
        " one (12 reviews, 92 % positive)."
    )


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((1, 1, 0, 1, 1, 0), ("you praised the *light* of *A* and one person praises that of this"
         " one (1 review)")),
        ((5, 4, 1, 200, 199, 1), ("you praised the *light* of *A*, *B* and 2 others and people"
         " praise that of this one (200 reviews, 99 % positive)")),
        ((1, 0, 1, 3, 2, 0), ("you found fault with the *light* of one thing but people praise that"
         " of this one (3 reviews, 67 % positive)")),
        ((2, 1, 1, 2, 1, 1), ("you wrote about the *light* of *A* and *B* and people disagree about"
         " that of this one (2 reviews, 50 % positive)")),
        ((3, 0, 0, 4, 0, 0), ("you wrote about the *light* of *A*, *B* and one other and others"
         " wrote about that of this one (4 reviews)")),
        ((1, 1, 0, 4, 0, 1), ("you praised the *light* of *A* and one person blames that of this"
         " one (4 reviews, 0 % positive)")),
        ((1, 0, 2, 4, 1, 3), ("you found fault with the *light* of 2 things and people blame that"
         " of this one (4 reviews, 25 % positive)")),
    ],
)  # fmt: skip
def test_opinions_are_no_better_than_their_counts(
    counts: tuple[int, int, int, int, int, int], said: str
) -> None:
    own, praised, blamed, evidence, positive, negative = counts
    counted = Counted(
        "aspect", "light", own, praised, blamed, ("A", "B", "C"), evidence, positive, negative
    )
    assert clause(counted) == said


@pytest.mark.parametrize(
    ("kind", "own", "evidence", "said"),
    [
        ("item", 1, 0, "you liked *X*, which the model finds similar"),
        ("item", 1, 1, "you liked *X*, as did one other person who liked this one"),
        ("item", 1, 1200, "you liked *X*, as did 1,200 other people who liked this one"),
        ("topic", 1, 1, "one of your reviews is about *X*, as is one review of this one"),
        ("topic", 2, 5, "2 of your reviews are about *X*, as are 5 reviews of this one"),
        ("entity", 1, 2, "one of your reviews mentions *X*, and 2 reviews of this one do, too"),
        ("entity", 2, 1, "2 of your reviews mention *X*, and one review of this one does, too"),
        ("attribute", 1, 1, "*A*, which you liked, shares *X* with this one"),
        ("attribute", 2, 1, "*A* and *B*, which you liked, share *X* with this one"),
        ("user", 1, 1, "*X* liked this one, and you both liked *A*"),
        ("user", 9, 1, "*X* liked this one, and you both liked *A*, *B* and 7 others"),
        ("popular", 0, 1, "one person likes it"),
        ("popular", 0, 2, "2 people like it"),
    ],
)
def test_numbers_agree(kind: Kind, own: int, evidence: int, said: str) -> None:
    assert clause(Counted(kind, "X", own, own, 0, ("A", "B", "C")[:own], evidence)) == said


def test_reasons_are_joined() -> None:
    one, two = Counted("popular", "X", evidence=1), Counted("item", "X", evidence=2)
    assert sentence([one, two]) == (
        "Because one person likes it; and you liked *X*, as did 2 other people who liked this one."
    )
    assert sentence([]) == ""


def test_what_looks_like_markup_is_none() -> None:
    evil = "<script>alert(\"x\")</script>\n*bold* 'q' `c`"
    said = clause(Counted("user", evil, 1, 1, 0, (evil,), 1))
    assert not set("<>\"'`\n") & set(said)
    assert said.count("*") == 4
    assert plain("Tom & Jerry") == "Tom & Jerry"
