"""How often a mention's sign is what a reader says it is, on 300 mentions labelled by hand."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from test_examples_read import read_example

from etl.text.boilerplate import blank_boilerplate
from etl.text.clauses import clauses_of
from etl.text.idioms import plain_words_of_parts
from etl.text.learnt_sentiment import LearntSentiment, whole_text
from etl.text.mention_sentiment import mention_sentiments
from etl.text.sentiment import SentimentScorer
from etl.text.sentiment_learner import LabelledText, learn_sentiment
from etl.text.settings import SentimentSettings
from etl.text.tokens import Tokenizer, Tokens

LABELLED = Path(__file__).parent / "mention_polarity.tsv"
NEUTRAL = 0.05
LEARNT_FROM = 10_000  # reviews
FLOORS = {  # of `report`: of all mentions, and of those with an opinion
    "musical_instruments": (0.58, 0.82),
    "rotten_tomatoes": (0.58, 0.78),
    "steam": (0.72, 0.87),
}
WAYS = "ours, without the verdict, the clause by the lexicon, the sentence by the lexicon"
REVIEW = ["review_id", "item_id", "title", "text", "positive"]


def labelled() -> pl.DataFrame:
    """Return the labels: set, part, review_id, start, end, polarity, beside."""
    return pl.read_csv(
        LABELLED, separator="\t", comment_prefix="#", schema_overrides={"beside": str}
    )


def test_the_labels_are_three_hundred_half_of_them_to_report_on() -> None:
    counts = labelled().group_by("set", "part").len().sort("set", "part").rows()
    assert counts == [(name, part, 50) for name in sorted(FLOORS) for part in ("develop", "report")]
    assert labelled()["polarity"].is_in([-1, 0, 1]).all()
    assert labelled()["review_id"].is_unique().all()


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(FLOORS))
def test_mentions_have_the_sign_that_a_reader_gives_them(
    name: str, data_dir: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    rows = labelled().filter(pl.col("set") == name)
    _, staging = read_example(name, data_dir, tmp_path)
    reviews = staging.scan("reviews").select(REVIEW).collect()
    texts = {
        row["review_id"]: row for row in reviews.join(rows, on="review_id", how="semi").to_dicts()
    }
    assert len(texts) == rows.height
    tokenizer, scorer = Tokenizer(), SentimentScorer()
    learnt = learnt_from(reviews, scorer)
    signs: dict[str, list[tuple[int, ...]]] = {"develop": [], "report": []}
    for row in rows.to_dicts():
        review = texts[row["review_id"]]
        text = blank_boilerplate(review["text"])
        ((tokens, _),) = tokenizer.cut([text], "en")
        own = (row["start"], row["end"])
        beside = [
            tuple(map(int, span.split("-"))) for span in (row["beside"] or "").split(",") if span
        ]
        places = sorted([own, *beside])
        spans = [positions(tokens, start, end) for start, end in places]
        clauses = clauses_of(tokens, plain_words_of_parts(text), spans, scorer)
        clause = clauses[places.index(own)]
        odds = learnt.odds_of([clause.text], [review["item_id"]], [None])
        told, untold = (
            mention_sentiments([clause.sentiment], odds, [verdict])[0]
            for verdict in (review["positive"], None)
        )
        whole = scorer.score(sentence(tokens, own[0]))
        ways = [sign(score) for score in (told, untold, clause.sentiment, whole)]
        against = row["polarity"] * (1 if review["positive"] else -1) < 0
        signs[row["part"]].append((row["polarity"], int(against), *ways))
    right = {part: accuracies(found) for part, found in signs.items()}
    record_property(f"accuracy of all, with an opinion, against the verdict: {WAYS}", right)
    assert right["report"][0][0] >= FLOORS[name][0], right
    assert right["report"][1][0] >= FLOORS[name][1], right


def learnt_from(reviews: pl.DataFrame, scorer: SentimentScorer) -> LearntSentiment:
    """Return what a sample of labelled reviews teaches; a mention's item is never in its fold."""
    labelled = reviews.filter(pl.col("positive").is_not_null()).sort("review_id")
    sample = labelled.sample(min(LEARNT_FROM, labelled.height), seed=1).sort("review_id")
    texts = [
        LabelledText(
            whole_text(row["title"], row["text"]),
            row["item_id"],
            row["positive"],
            scorer.score(row["text"]),
        )
        for row in sample.to_dicts()
    ]
    found = learn_sentiment(texts, SentimentSettings(), seed=1)
    assert found
    return found[0]


def accuracies(signs: list[tuple[int, ...]]) -> list[list[float]]:
    """Return how often each way has the reader's sign.

    Of all mentions, of those with an opinion, and of those with one against their review's verdict.
    """
    table = np.array(signs)
    polarity, against = table[:, 0], table[:, 1] == 1
    right = table[:, 2:] == polarity[:, None]
    return [right[rows].mean(0).tolist() for rows in (polarity < 2, polarity != 0, against)]


def positions(tokens: Tokens, start: int, end: int) -> tuple[int, int]:
    """Return the token positions of some characters."""
    first = bisect_right(tokens.starts, start) - 1
    return first, first + sum(start < begin < end for begin in tokens.starts) + 1


def sentence(tokens: Tokens, start: int) -> str:
    """Return the sentence of a character."""
    position = bisect_right(tokens.starts, start) - 1
    spans = tokens.sentence_spans()
    first, last = next((a, b) for a, b in spans if a <= position < b)
    return tokens.text[tokens.starts[first] : tokens.end(last - 1)]


def sign(score: float | None) -> int:
    return 0 if score is None or abs(score) <= NEUTRAL else (1 if score > 0 else -1)
