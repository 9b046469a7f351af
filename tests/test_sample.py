"""The bundled shop: made again byte for byte, and what is planted in it is there."""

from __future__ import annotations

import gzip
import json
import math
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from recommender.sample import DATA
from recommender.sample.generate import generate
from recommender.sample.truth import read_truth

FILES = sorted(path.name for path in DATA.glob("*.gz"))


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    return read_truth()


@pytest.fixture(scope="module")
def reviews(truth: dict[str, Any]) -> list[dict[str, Any]]:
    """The good rows, each once."""
    good: dict[str, dict[str, Any]] = {}
    for line in gzip.decompress((DATA / "reviews.jsonl.gz").read_bytes()).splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if row["review_id"] in truth["mentions"]:
            good[row["review_id"]] = row
    return list(good.values())


def test_the_generator_writes_the_bundled_bytes(tmp_path: Path) -> None:
    generate(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == FILES
    for name in FILES:
        written, bundled = (tmp_path / name).read_bytes(), (DATA / name).read_bytes()
        assert gzip.decompress(written) == gzip.decompress(bundled), name
        if "ng" not in zlib.ZLIB_RUNTIME_VERSION:  # zlib-ng packs the same content otherwise
            assert written == bundled, name


def test_the_files_are_small_enough_to_bundle() -> None:
    assert sum((DATA / name).stat().st_size for name in FILES) < 1_500_000


def test_counts(reviews: list[dict[str, Any]], truth: dict[str, Any]) -> None:
    assert len(reviews) == len(truth["mentions"]) == 8000
    assert len({row["user"] for row in reviews}) == len(truth["users"]) == 500
    assert len({row["item"] for row in reviews}) == len(truth["quality"]) == 150
    assert len({(row["user"], row["item"]) for row in reviews}) == 8000


def test_no_two_reviews_are_equal(reviews: list[dict[str, Any]]) -> None:
    assert len({row["text"] for row in reviews}) == len(reviews)


def test_reviews_have_one_to_eight_sentences_and_most_sentences_are_said_once(
    reviews: list[dict[str, Any]],
) -> None:
    split = [re.split(r"(?<=[.!?])\s+", row["text"]) for row in reviews]
    sentences = [sentence.lower() for parts in split for sentence in parts]
    assert len(set(sentences)) / len(sentences) > DISTINCT_SENTENCES
    lengths = Counter(min(len(parts), 12) for parts in split)
    assert min(lengths) == 1
    assert max(lengths, key=lambda n: lengths[n]) in (3, 4, 5)


DISTINCT_SENTENCES = 0.78


def test_planted_mentions_are_where_the_truth_says(
    reviews: list[dict[str, Any]], truth: dict[str, Any]
) -> None:
    for row in reviews:
        for aspect, polarity, start, end in truth["mentions"][row["review_id"]]:
            assert row["text"][start:end].lower() in truth["aspects"][aspect]
            assert polarity in (-1, 0, 1)
        assert row["text"] == row["text"].strip()


def test_opinions_follow_the_stars(reviews: list[dict[str, Any]], truth: dict[str, Any]) -> None:
    signs: defaultdict[int, list[int]] = defaultdict(list)
    for row in reviews:
        signs[row["stars"]] += [m[1] for m in truth["mentions"][row["review_id"]]]
    share = {stars: sum(s > 0 for s in all_) / len(all_) for stars, all_ in signs.items()}
    assert sorted(share, key=lambda stars: share[stars]) == [1, 2, 3, 4, 5]
    assert share[1] < 0.2 < 0.8 < share[5]


def test_planted_taste_finds_held_out_items_and_popularity_does_not(
    reviews: list[dict[str, Any]], truth: dict[str, Any]
) -> None:
    random = Random(3)
    by_user: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in reviews:
        by_user[row["user"]].append(row)
    train, test, liked = {}, {}, Counter[str]()
    for user, rows in by_user.items():
        random.shuffle(rows)
        held = max(1, len(rows) // 5)
        test[user] = {row["item"] for row in rows[:held] if row["stars"] >= 4}
        train[user] = {row["item"] for row in rows[held:]}
        liked.update(row["item"] for row in rows[held:] if row["stars"] >= 4)

    def taste(user: str) -> dict[str, float]:
        shares = truth["users"][user].items()
        return {
            item: sum(share * truth["taste"][segment][item] for segment, share in shares)
            for item in truth["quality"]
        }

    popular = _ndcg(lambda _: liked, train, test)
    oracle = _ndcg(taste, train, test)
    assert oracle > 2 * popular
    assert oracle > 0.3


def test_popularity_is_skewed_but_mildly(reviews: list[dict[str, Any]]) -> None:
    counts = sorted(Counter(row["item"] for row in reviews).values(), reverse=True)
    assert 0.15 < sum(counts[:15]) / 8000 < 0.3


def _ndcg(
    score: Callable[[str], Mapping[str, float]],
    train: dict[str, set[str]],
    test: dict[str, set[str]],
) -> float:
    gains = []
    for user, wanted in test.items():
        if not wanted:
            continue
        scores = score(user)
        free = sorted(set(scores) - train[user])
        ranked = sorted(free, key=lambda item: -scores[item])[:10]
        gain = sum(1 / math.log2(n + 2) for n, item in enumerate(ranked) if item in wanted)
        gains.append(gain / sum(1 / math.log2(n + 2) for n in range(min(10, len(wanted)))))
    return sum(gains) / len(gains)
