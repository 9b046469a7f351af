"""Sentiment learnt from likes and dislikes: better than the lexicon, and never from itself."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError
from text_world import SMALL, attributes_table

from etl.extract import ExtractReport, extract_reviews
from etl.staging import Staging
from etl.tables import ITEMS, REVIEWS
from etl.text.learnt_sentiment import folds_of
from etl.text.settings import SentimentSettings, TextSettings
from etl.text.vectors import Encoder
from kg.errors import ConfigError
from recommender.config import Config

PRAISE, BLAME = ("frindle", "zorpish", "plimmy"), ("grunky", "tavish", "wozzle")
SHOPS = [f"kettle {number}" for number in range(12)]
LEARNT = SMALL.model_copy(update={"sentiment": SentimentSettings(method="learnt", min_labels=60)})

Row = dict[str, object]


def kettles(count: int = 160, seed: int = 3) -> list[Row]:
    """Reviews of kettles in words that no lexicon knows; three in four praise."""
    rng = random.Random(seed)
    rows: list[Row] = []
    for number in range(count):
        liked = rng.random() < 0.75
        words = rng.choices(PRAISE if liked else BLAME, k=2)
        text = f"We boiled {rng.randint(2, 9)} cups. It is {words[0]}, the lid is {words[1]}."
        rows.append(review(f"r{number:03d}", rng.choice(SHOPS), text, liked))
    return rows


def review(review_id: str, item: str, text: str, positive: bool | None) -> Row:
    return {
        "review_id": review_id,
        "user_id": f"user of {review_id}",
        "item_id": item,
        "text": text,
        "positive": positive,
        "content_hash": review_id,
        "source": "test",
    }


def extracted(
    folder: Path,
    rows: list[Row],
    held_out: Collection[str] = (),
    settings: TextSettings = LEARNT,
    attributes: list[tuple[str, str, str]] | None = None,
    encoder: Encoder | None = None,
    earlier: Path | None = None,
) -> tuple[dict[str, float | None], ExtractReport]:
    """Return the sentiment of each review, and the report."""
    staging = Staging(folder)
    staging.write("reviews", [pa.Table.from_pylist(rows, schema=REVIEWS)])
    staging.write("items", [ITEMS.empty_table()])
    staging.write("attributes", [attributes_table(attributes or [])])
    report = extract_reviews(staging, held_out, settings, 1, earlier=earlier, encoder=encoder)
    facts = pl.DataFrame(staging.read("review_facts"))
    return dict(facts.select("review_id", "sentiment").iter_rows()), report


def test_words_that_no_lexicon_knows_are_learnt(tmp_path: Path) -> None:
    rows = kettles()
    unseen = [
        review("good", "kettle of tomorrow", "A zorpish kettle, the spout is plimmy.", None),
        review("bad", "kettle of tomorrow", "A grunky kettle, the spout is wozzle.", None),
    ]
    felt, report = extracted(tmp_path, [*rows, *unseen])
    good, bad = felt["good"], felt["bad"]
    assert good is not None
    assert bad is not None
    assert -1 <= bad < -0.3 < 0.3 < good <= 1
    quality = report.sentiment_quality["en"]
    assert quality.labels == len(rows)
    assert quality.lexicon_auc is not None
    assert quality.auc > 0.95 > 0.6 > quality.lexicon_auc
    assert report.sentiment_auc == pytest.approx(quality.auc)
    assert report.learnt_sentiment == ["en"]


def test_clauses_without_a_word_that_the_lexicon_knows_are_felt_by_what_was_learnt(
    tmp_path: Path,
) -> None:
    rows = [*kettles(), mixed(None)]
    extracted(tmp_path / "learnt", rows, attributes=NAMES)
    lexicon = SMALL.model_copy(update={"sentiment": SentimentSettings(method="lexicon")})
    extracted(tmp_path / "lexicon", rows, settings=lexicon, attributes=NAMES)
    gribnok, ulmate, dervix = mentions(tmp_path / "learnt")
    assert gribnok > 0.3
    assert ulmate < -0.1
    assert dervix < -0.3
    assert mentions(tmp_path / "lexicon")[:2] == [0.0, 0.0]


@pytest.mark.parametrize("liked", [True, False])
def test_a_review_s_own_verdict_tells_of_its_mentions_but_not_against_clear_words(
    tmp_path: Path, liked: bool
) -> None:
    extracted(tmp_path / "none", [*kettles(), mixed(None)], attributes=NAMES)
    extracted(tmp_path / "told", [*kettles(), mixed(liked)], attributes=NAMES)
    without, told = mentions(tmp_path / "none"), mentions(tmp_path / "told")
    assert all((one > other) == liked for one, other in zip(told, without, strict=True))
    assert told[2] < 0, "awful is awful, whether the kettle is liked or not"


def test_the_verdict_of_a_held_out_review_tells_nothing_of_its_mentions(tmp_path: Path) -> None:
    extracted(tmp_path / "none", [*kettles(), mixed(None)], {"mixed"}, attributes=NAMES)
    extracted(tmp_path / "held", [*kettles(), mixed(True)], {"mixed"}, attributes=NAMES)
    assert mentions(tmp_path / "held") == mentions(tmp_path / "none")
    assert Staging(tmp_path / "held").read("review_facts")["verdict"].null_count == 1


NAMES = [("kettle of tomorrow", "Maker", name) for name in ("Gribnok", "Ulmate", "Dervix")]


def mixed(liked: bool | None) -> Row:
    text = "The Gribnok is zorpish and plimmy, but the Ulmate is wozzle. The Dervix is awful."
    return review("mixed", "kettle of tomorrow", text, liked)


def mentions(folder: Path) -> list[float]:
    """Return the sentiment of each mention in the review "mixed", in order."""
    found = Staging(folder).scan("mentions").filter(pl.col("review_id") == "mixed").collect()
    return found.sort(pl.col("starts").list.first())["sentiment"].to_list()


def test_a_text_that_says_nothing_is_near_nought_though_most_texts_praise(tmp_path: Path) -> None:
    plain = review(
        "plain", "kettle of tomorrow", "We boiled 4 cups. It is round, the lid is of steel.", None
    )
    felt, _ = extracted(tmp_path, [*kettles(), plain])
    assert felt["plain"] == pytest.approx(0.0, abs=0.35)


def of_digits(texts: Sequence[str]) -> NDArray[np.float16]:
    """Vectors by which even and odd sums of digits are told apart, and little else."""
    sums = [sum(map(int, filter(str.isdigit, text))) for text in texts]
    return np.array(
        [
            [1 - 2 * (total % 2), total / 50, len(text) / 100, 1.0]
            for total, text in zip(sums, texts, strict=True)
        ],
        np.float16,
    )


DIGITS = Encoder("digits/1", of_digits)
with_and_without_encoder = pytest.mark.parametrize(
    "encoder", [None, DIGITS], ids=["no encoder", "encoder"]
)


def numbered(count: int = 200, seed: int = 5) -> list[Row]:
    """Kettles that are liked if the digits of their number have an even sum; no word tells."""
    rng = random.Random(seed)
    rows: list[Row] = []
    for number in range(count):
        model = rng.randint(10_000, 99_999)
        liked = sum(map(int, str(model))) % 2 == 0
        text = f"We have bought the kettle {model} and it boils the water."
        rows.append(review(f"n{number:03d}", rng.choice(SHOPS), text, liked))
    return rows


def test_vectors_tell_what_words_do_not(tmp_path: Path) -> None:
    rows = numbered()
    unseen = [
        review("good", "kettle of tomorrow", "I have bought the kettle 11114 for my tea.", None),
        review("bad", "kettle of tomorrow", "I have bought the kettle 11113 for my tea.", None),
    ]
    _, deaf = extracted(tmp_path / "without", rows)
    felt, report = extracted(tmp_path / "with", [*rows, *unseen], encoder=DIGITS)
    good, bad = felt["good"], felt["bad"]
    assert good is not None
    assert bad is not None
    assert bad < -0.3 < 0.3 < good
    assert deaf.sentiment_quality["en"].auc < 0.65 < 0.95 < report.sentiment_quality["en"].auc
    assert report.sentiment_auc == pytest.approx(report.sentiment_quality["en"].auc)
    facts = pl.DataFrame(Staging(tmp_path / "with").read("review_facts"))
    assert set(facts["extractor"]) == {"kgrec-learnt-sentiment/3+digits/1"}


def test_two_processes_hear_the_same_vectors_as_one(tmp_path: Path) -> None:
    rows = numbered()
    alone, _ = extracted(tmp_path / "one", rows, encoder=DIGITS)
    crew = LEARNT.model_copy(update={"workers": 2})
    assert extracted(tmp_path / "two", rows, settings=crew, encoder=DIGITS)[0] == alone


def test_a_model_that_is_kept_asks_for_the_vectors_of_new_reviews_alone(tmp_path: Path) -> None:
    asked: list[str] = []

    def encode(texts: Sequence[str]) -> NDArray[np.float16]:
        asked.extend(texts)
        return of_digits(texts)

    kept = LEARNT.model_copy(update={"refit_share": 0.1})
    rows, new = numbered(), review("new", "kettle of tomorrow", "Our kettle is the 11114.", None)
    before, _ = extracted(tmp_path / "first", rows, settings=kept, encoder=DIGITS)
    after, report = extracted(
        tmp_path / "second",
        [*rows, new],
        settings=kept,
        encoder=Encoder("digits/1", encode),
        earlier=tmp_path / "first",
    )
    assert report.kept_model
    assert asked == ["Our kettle is the 11114."]
    score = after.pop("new")
    assert score is not None
    assert score > 0.3
    assert after == before


@with_and_without_encoder
def test_labels_of_held_out_reviews_change_nothing(tmp_path: Path, encoder: Encoder | None) -> None:
    rows = kettles() if encoder is None else numbered()
    held_out = {str(row["review_id"]) for row in rows[::4]}
    before, report = extracted(tmp_path / "before", rows, held_out, encoder=encoder)
    flipped = [
        {**row, "positive": not row["positive"]} if row["review_id"] in held_out else row
        for row in rows
    ]
    after, again = extracted(tmp_path / "after", flipped, held_out, encoder=encoder)
    assert after == before
    assert again.sentiment_quality == report.sentiment_quality
    assert again.sentiment_auc == report.sentiment_auc
    assert None not in {before[review_id] for review_id in held_out}
    assert extracted(tmp_path / "open", flipped, encoder=encoder)[0] != before


@with_and_without_encoder
def test_no_text_is_scored_by_a_model_that_saw_the_labels_of_its_item(
    tmp_path: Path, encoder: Encoder | None
) -> None:
    rows = kettles() if encoder is None else numbered()
    fold = dict(zip(SHOPS, folds_of(SHOPS).tolist(), strict=True))
    chosen = fold[SHOPS[0]]
    theirs = {str(row["review_id"]) for row in rows if fold[str(row["item_id"])] == chosen}
    before, _ = extracted(tmp_path / "before", rows, encoder=encoder)
    flipped = [
        {**row, "positive": not row["positive"]} if row["review_id"] in theirs else row
        for row in rows
    ]
    after, _ = extracted(tmp_path / "after", flipped, encoder=encoder)
    assert 0 < len(theirs) < len(rows)
    assert {key for key in before if after[key] == before[key]} == theirs


def test_equal_seeds_and_any_order_of_rows_give_equal_sentiment(tmp_path: Path) -> None:
    rows = kettles()
    before, _ = extracted(tmp_path / "before", rows)
    after, _ = extracted(tmp_path / "after", rows[::-1])
    assert after == pytest.approx(before, abs=1e-6)


def test_auto_keeps_the_lexicon_where_it_is_ahead(tmp_path: Path) -> None:
    rows = [
        {**row, "text": "Great kettle, I love it." if row["positive"] else "Awful. I hate it."}
        for row in kettles(80)
    ]
    auto = SMALL.model_copy(update={"sentiment": SentimentSettings(min_labels=60)})
    lexicon = SMALL.model_copy(update={"sentiment": SentimentSettings(method="lexicon")})
    felt, report = extracted(tmp_path / "auto", rows, settings=auto)
    assert report.sentiment_quality["en"].lexicon_auc == 1.0
    assert report.learnt_sentiment == []
    assert felt == extracted(tmp_path / "lexicon", rows, settings=lexicon)[0]


def test_a_language_without_a_lexicon_learns_from_its_own_labels(tmp_path: Path) -> None:
    words = {True: "muy buena y me encanta", False: "muy mala y se rompió enseguida"}
    rows = [
        {**row, "text": f"Compré esta tetera para la cocina y es {words[bool(row['positive'])]}"}
        for row in kettles(120)
    ]
    felt, report = extracted(tmp_path, rows)
    assert report.sentiment_quality["es"].lexicon_auc is None
    assert report.learnt_sentiment == ["es"]
    for row in rows:
        score = felt[str(row["review_id"])]
        assert score is not None
        assert (score > 0) == row["positive"]


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"encoder": {"model": None}}, r"sentiment.encoder is true, and encoder.model is null"),
        ({"text": {"sentiment": {"method": "lexicon", "encoder": True}}}, "got lexicon"),
    ],
)
def test_who_is_to_listen_to_an_encoder_needs_one_and_must_learn(
    more: dict[str, object], problem: str
) -> None:
    columns = {"user": "u", "item": "i"}
    source = {"type": "delimited", "path": "x.csv", "behaviour": "LIKED", "columns": columns}
    whole = {"name": "k", "sources": [source], "text": {"sentiment": {"encoder": True}}}
    assert Config.model_validate(whole).sentiment_encoder is not None
    with pytest.raises(ValidationError, match=problem):
        Config.model_validate(whole | more)


@pytest.mark.parametrize("spoilt", ["few", "one item", "all liked"])
def test_too_few_labels_leave_the_lexicon_or_stop_the_run(tmp_path: Path, spoilt: str) -> None:
    rows = kettles(40 if spoilt == "few" else 120)
    if spoilt == "one item":
        rows = [{**row, "item_id": "kettle"} for row in rows]
    if spoilt == "all liked":
        rows = [{**row, "positive": True} for row in rows]
    auto = SMALL.model_copy(update={"sentiment": SentimentSettings(min_labels=60)})
    assert extracted(tmp_path / "auto", rows, settings=auto)[1].sentiment_quality == {}
    with pytest.raises(ConfigError, match=r"en.*\d+.*wanted 60"):
        extracted(tmp_path / "learnt", rows)
