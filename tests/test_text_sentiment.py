"""Sentiment of reviews and of the clauses in which things are mentioned."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.text.clauses import Clause, clauses_of
from etl.text.idioms import plain_words, plain_words_of_parts
from etl.text.sentiment import SentimentScorer
from etl.text.tokens import Tokenizer, Tokens

SCORER = SentimentScorer()
TOKENIZER = Tokenizer()


def cut(text: str, language: str = "en") -> Tokens:
    return next(tokens for tokens, _ in TOKENIZER.cut([text], language))


def review_score(text: str, title: str | None = None, language: str = "en") -> float | None:
    return SCORER.score_review(cut(text, language), plain_words(text), title)


def polarity(text: str, *nouns: str) -> list[int]:
    """Return the sign of each noun's clause."""
    tokens = cut(text)
    spans = sorted((tokens.lower.index(noun), tokens.lower.index(noun) + 1) for noun in nouns)
    scores = [
        clause.sentiment
        for clause in clauses_of(tokens, plain_words_of_parts(tokens.text), spans, SCORER)
    ]
    by_position = dict(zip([start for start, _ in spans], scores, strict=True))
    values = [by_position[tokens.lower.index(noun)] for noun in nouns]
    return [(value > 0) - (value < 0) for value in values if value is not None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("great sound, awful battery", [1, -1]),
        ("The sound is great but the battery is awful.", [1, -1]),
        ("Awful sound. The battery, which I replaced in May, is great.", [-1, 1]),
        ("The sound and the battery are great.", [1, 1]),
        ("Great sound and battery.", [1, 1]),
        ("The sound is not good, the battery is.", [-1, 0]),
        ("The sound isn't great; battery is superb", [-1, 1]),
        ("I love the sound although the battery is terrible", [1, -1]),
        ("Crisp, clear sound while the battery is flimsy", [1, -1]),
        ("The sound could not be better, the battery let me down", [1, -1]),
        ("I was worried about the battery but I love it. The sound is a joke", [-1, 1]),
        ("No comfort in the sound, and the battery is too weak", [-1, -1]),
        ("There is a sound and a battery.", [0, 0]),
        ("The sound is fun, although I wish they'd add a battery.", [1, -1]),
        ("I could not beat the sound. A better battery would be nice.", [1, -1]),
        ("The sound is just right, the battery doesn't start.", [1, -1]),
        ("A buzz instead of a sound. The battery is to die for!", [-1, 1]),
        ("It’s the sound I love, however the battery isn’t good", [1, -1]),
    ],
)
def test_each_mention_takes_its_clauses_sentiment(text: str, expected: list[int]) -> None:
    assert polarity(text.replace("’", "'"), "sound", "battery") == expected


WORDS = """
    great GREAT good awful bad! terrible kind of very VERY no not never least at but or nor so this
    without doubt bad ass yeah right to die for kiss death sort isn't sound the, battery :) (nice) ?
    badass shit the bomb hardly slightly café 😍 beating heart
"""


@given(st.lists(st.sampled_from(WORDS.split()), max_size=14))
@settings(max_examples=400)
def test_scores_are_vaders_own(words: list[str]) -> None:
    text = " ".join(words)
    assert SCORER.score(text) == SCORER._analyzer.polarity_scores(text)["compound"]


@given(st.lists(st.sampled_from(["Thumbs up", "SPOT ON", "could be better", "İ", "ok"])))
def test_plain_words_are_as_long_as_the_text(phrases: list[str]) -> None:
    text = " ".join(phrases)
    plain = plain_words(text)
    assert len(plain) == len(text)
    idioms = sum(phrase not in {"İ", "ok"} for phrase in phrases)
    assert plain.count("great") + plain.count("awful") == idioms


def test_intensifiers_and_negation_count() -> None:
    assert SCORER.score("very good sound") > SCORER.score("good sound") > 0
    assert SCORER.score("not good") < 0 < SCORER.score("not bad")
    assert SCORER.score("never reliable") < 0 < SCORER.score("reliable")


def test_a_review_is_the_mean_of_its_sentences_and_its_title() -> None:
    text = "Great sound. Awful cable."
    first, second = SCORER.score("Great sound."), SCORER.score("Awful cable.")
    body = (first + second) / 2
    assert review_score(text, None) == pytest.approx(body)
    assert review_score(text, "  ") == pytest.approx(body)
    title = "Love them"
    assert review_score(text, title) == pytest.approx((body + SCORER.score(title)) / 2)


def test_languages_without_a_lexicon_have_no_sentiment() -> None:
    text = "Das ist ein sehr gutes Gerät"
    tokens = cut(text, "de")
    assert review_score(text, "great", "de") is None
    assert clauses_of(tokens, tokens.text, [(1, 2)], SCORER) == [Clause(text, None)]


def test_idioms_are_read_as_plain_words_of_equal_length() -> None:
    text = "It could not be better, though the strap let me down; nothing but praise."
    plain = plain_words(text)
    assert len(plain) == len(text)
    assert " ".join(plain.split()) == "It great , though the strap awful ; about praise."
    assert plain_words("We could be at the beach") == "We could be at the beach"


def test_skipping_texts_without_known_words_changes_no_score() -> None:
    texts = [
        "The lid is round!!",
        "it :) works",
        "GOOD",
        "(good)",
        "so so",
        "a 😀 b",
        "kind of odd?",
    ]
    for text in texts:
        assert SCORER.score(text) == SCORER._analyzer.polarity_scores(text)["compound"]
