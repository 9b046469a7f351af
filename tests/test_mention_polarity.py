"""How often a mention's sign is what a reader says it is, on 300 mentions labelled by hand."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from test_examples_read import read_example

from etl.text.boilerplate import blank_boilerplate
from etl.text.clauses import clause_sentiments
from etl.text.idioms import plain_words_of_parts
from etl.text.sentiment import SentimentScorer
from etl.text.tokens import Tokenizer, Tokens

LABELLED = Path(__file__).parent / "mention_polarity.tsv"
NEUTRAL = 0.05
FLOORS = {"musical_instruments": 0.6, "rotten_tomatoes": 0.44, "steam": 0.56}  # of `report`


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
    reviews = staging.scan("reviews").select("review_id", "text").collect()
    texts = dict(reviews.join(rows, on="review_id", how="semi").iter_rows())
    assert len(texts) == rows.height
    tokenizer, scorer = Tokenizer(), SentimentScorer()
    right = {"develop": [0, 0], "report": [0, 0]}
    for row in rows.to_dicts():
        text = blank_boilerplate(texts[row["review_id"]])
        ((tokens, _),) = tokenizer.cut([text], "en")
        own = (row["start"], row["end"])
        beside = [
            tuple(map(int, span.split("-"))) for span in (row["beside"] or "").split(",") if span
        ]
        places = sorted([own, *beside])
        spans = [positions(tokens, start, end) for start, end in places]
        scores = clause_sentiments(tokens, plain_words_of_parts(text), spans, scorer)
        whole = scorer.score(sentence(tokens, own[0]))
        right[row["part"]][0] += sign(scores[places.index(own)]) == row["polarity"]
        right[row["part"]][1] += sign(whole) == row["polarity"]
    told = {part: [hits / 50 for hits in found] for part, found in right.items()}
    record_property("accuracy of clauses, of VADER on the sentence", told)
    assert told["report"][0] >= FLOORS[name], told


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
