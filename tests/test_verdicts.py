"""Comparisons in words: no claim that the interval does not carry."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest

from embeddings.comparison import Comparison
from recommender.verdicts import comparisons_of, headline, verdict

AHEAD = Comparison("gat", "ease", "ndcg@10", 0.02, 0.01, 0.03, 1.053, "ahead", 1200)
LEVEL = replace(AHEAD, low=-0.01, verdict="level")
BEHIND = replace(AHEAD, difference=-0.06, low=-0.07, high=-0.05, ratio=0.8, verdict="behind")


@pytest.mark.parametrize(
    ("comparison", "words"),
    [
        (AHEAD, "5.3 % ahead"),
        (LEVEL, "level (+5.3 %)"),
        (replace(LEVEL, ratio=0.992), "level (−0.8 %)"),
        (BEHIND, "20 % behind"),
        (replace(AHEAD, ratio=None), "ahead"),
        (replace(AHEAD, ratio=6.58), "ahead, 6.6 ×"),
        (replace(LEVEL, ratio=6.58), "level (+558 %)"),
    ],
)
def test_a_verdict_in_words(comparison: Comparison, words: str) -> None:
    assert verdict(comparison) == words


@pytest.mark.parametrize(
    ("comparison", "sentence"),
    [
        (
            AHEAD,
            (
                "gat is 5.3 % ahead of ease, the best baseline of this run, in NDCG@10"
                " (+0.0200, 95 % interval +0.0100 to +0.0300, 1,200 users)."
            ),
        ),
        (
            LEVEL,
            (
                "gat is level with ease, the best baseline of this run, in NDCG@10"
                " (+0.0200, 95 % interval −0.0100 to +0.0300, 1,200 users)."
            ),
        ),
        (
            BEHIND,
            (
                "gat is 20 % behind ease, the best baseline of this run, in NDCG@10"
                " (−0.0600, 95 % interval −0.0700 to −0.0500, 1,200 users)."
            ),
        ),
        (
            replace(AHEAD, verdict="level", users=5),
            (
                "gat is level with ease, the best baseline of this run, in NDCG@10"
                " (+0.0200, 95 % interval +0.0100 to +0.0300, 5 users, too few to tell)."
            ),
        ),
    ],
)
def test_the_headline_is_about_the_best_baseline(comparison: Comparison, sentence: str) -> None:
    others = [replace(AHEAD, against="popularity"), replace(AHEAD, metric="recall@20")]
    assert headline([*others, comparison], "ease") == sentence


def test_what_was_not_compared_has_no_headline() -> None:
    assert headline([], None) == ""
    assert headline([AHEAD], "popularity") == ""


def test_comparisons_come_back_as_they_were_written() -> None:
    written = {"comparisons": [asdict(AHEAD), asdict(replace(BEHIND, ratio=None))]}
    assert comparisons_of(written) == [AHEAD, replace(BEHIND, ratio=None)]
    assert comparisons_of({"models": {}}) == []
