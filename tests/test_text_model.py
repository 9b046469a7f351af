"""Fitting on training reviews and extracting facts: aspects, topics, purity, the leak guard."""

from __future__ import annotations

import random
import re
from pathlib import Path
from string import ascii_lowercase

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from text_world import (
    ASPECTS,
    BLAME,
    PRAISE,
    SMALL,
    attributes_table,
    items_table,
    reviews_table,
    shop_reviews,
)

from etl.tables import ASPECTS as ASPECT_SCHEMA
from etl.tables import ENTITIES, MENTIONS, REVIEW_FACTS, REVIEW_TOPICS, TOPICS
from etl.text import inflection, tokens, topic_words
from etl.text.facts import Facts
from etl.text.fit import fit
from etl.text.model import TextModel
from etl.text.topic_fit import fit_topics
from kg.errors import ExtractionError

ITEMS = items_table({"headphones": "Quietside Hush", "film": "It"})
ATTRIBUTES = attributes_table([("headphones", "Brand", "Quietside")])
TEXTS = shop_reviews()


@pytest.fixture(scope="module")
def model() -> TextModel:
    return fit(reviews_table(TEXTS), ITEMS, ATTRIBUTES, SMALL, 1)


def extract(model: TextModel, texts: dict[str, str]) -> Facts:
    return model.extract(one_batch(reviews_table(texts)))


def one_batch(table: pa.Table) -> pa.RecordBatch:
    return table.combine_chunks().to_batches()[0]


def aspects_in(model: TextModel, text: str) -> dict[str, float]:
    rows = extract(model, {"r": text}).mentions.to_pylist()
    return {row["target_id"]: row["sentiment"] for row in rows if row["target_kind"] == "Aspect"}


def test_the_things_that_reviews_judge_become_aspects(model: TextModel) -> None:
    found = {aspect.aspect_id for aspect in model.aspects}
    assert set(ASPECTS) <= found
    assert not found & {"month", "train", "journey", "brother", "train journey"}


def test_mentions_carry_the_sentiment_of_their_clause(model: TextModel) -> None:
    found = aspects_in(model, "Great sound, awful battery.")
    assert found["sound"] > 0.3
    assert found["battery"] < -0.3
    found = aspects_in(model, "The sound isn't good but the customer service was superb!")
    assert found["sound"] < 0 < found["customer service"]


def test_a_verb_is_no_mention_of_the_noun(model: TextModel) -> None:
    assert aspects_in(model, "This sounds great and they sound fine") == {}


def test_offsets_cut_the_mention_out_of_the_text(model: TextModel) -> None:
    text = "<b>Batteries</b> are “weak”; the Quietside Hush's customer service, the battery, too"
    facts = extract(model, {"r": text})
    cut = {
        row["target_id"]: [text[s:e] for s, e in zip(row["starts"], row["ends"], strict=True)]
        for row in facts.mentions.to_pylist()
    }
    assert cut["battery"] == ["Batteries", "battery"]
    assert cut["customer service"] == ["customer service"]
    assert cut["Item:quietside hush"] == ["Quietside Hush"]


def test_tables_have_the_schemas_of_the_contract(model: TextModel) -> None:
    facts = extract(model, TEXTS)
    assert facts.review_facts.schema == REVIEW_FACTS
    assert facts.entities.schema == ENTITIES
    assert facts.mentions.schema == MENTIONS
    assert facts.review_topics.schema == REVIEW_TOPICS
    assert model.aspect_table().schema == ASPECT_SCHEMA
    assert model.topic_table().schema == TOPICS
    for table in (facts.review_facts, facts.mentions, facts.review_topics, model.aspect_table()):
        assert table.num_rows
        table.validate(full=True)
        assert all("/" in name for name in table.column("extractor").to_pylist())


def test_every_review_has_facts_even_an_empty_one(model: TextModel) -> None:
    facts = extract(model, {"a": "", "b": "10/10", "c": "Muy buenos auriculares para viajar"})
    rows = facts.review_facts.to_pylist()
    assert [(row["review_id"], row["language"]) for row in rows] == [
        ("a", "und"),
        ("b", "und"),
        ("c", "es"),
    ]
    assert [row["sentiment"] for row in rows] == [None, None, None]
    assert facts.mentions.num_rows == facts.review_topics.num_rows == 0


@given(seed=st.integers(0, 10_000), size=st.integers(1, 20))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_facts_of_a_review_do_not_depend_on_the_batch(
    model: TextModel, seed: int, size: int
) -> None:
    rng = random.Random(seed)
    chosen = rng.sample(sorted(TEXTS), size)
    together = extract(model, {key: TEXTS[key] for key in chosen})
    one = chosen[rng.randrange(size)]
    alone = extract(model, {one: TEXTS[one]})
    for name in ("review_facts", "mentions", "review_topics"):
        mine = [row for row in getattr(together, name).to_pylist() if row["review_id"] == one]
        assert mine == getattr(alone, name).to_pylist()


def test_equal_seeds_give_equal_models_in_any_order_of_reviews(model: TextModel) -> None:
    keys = sorted(TEXTS)
    random.Random(3).shuffle(keys)
    again = fit(reviews_table({key: TEXTS[key] for key in keys}), ITEMS, ATTRIBUTES, SMALL, 1)
    assert again.version == model.version
    np.testing.assert_array_equal(again.topics.strengths, model.topics.strengths)
    other = fit(reviews_table(TEXTS), ITEMS, ATTRIBUTES, SMALL, 2)
    assert other.version != model.version


def test_memory_does_not_grow_with_words_never_seen_before(
    model: TextModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "_MAX_WORDS", 300)
    rng = random.Random(7)
    strings = model._tokenizer.pipeline("en").vocab.strings
    grown: list[int] = []
    for _ in range(4):
        invented = ["".join(rng.choices(ascii_lowercase, k=9)) for _ in range(500)]
        extract(model, {word: f"The {word} is great, I say: buy the sound." for word in invented})
        grown.append(len(strings))
        assert len(model._tokenizer._words["en"]) <= 300
    assert grown[1:] == [grown[0]] * 3
    caches = [
        tokens._lexical_tag,
        topic_words._content_word,
        inflection.singular,
        inflection.plural,
    ]
    for cache in [*caches, model._scorer._word]:
        size = cache.cache_info().maxsize
        assert size is not None
        assert size <= 20_000


def test_what_is_saved_extracts_the_same(model: TextModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    loaded = TextModel.load(tmp_path)
    assert loaded.version == model.version
    assert extract(loaded, TEXTS) == extract(model, TEXTS)
    assert loaded.topic_table() == model.topic_table()


def test_a_missing_model_says_so(tmp_path: Path) -> None:
    with pytest.raises(ExtractionError, match=r"cannot be read.*\n.*extract stage"):
        TextModel.load(tmp_path)


def test_topics_tell_two_subjects_apart() -> None:
    rng = random.Random(5)
    kitchen = ["kettle", "coffee", "grinder", "espresso", "cup", "milk", "steam", "filter", "bean"]
    kitchen.append("pour")
    trail = ["boots", "tent", "trail", "backpack", "mountain", "stove", "hike", "socks", "rain"]
    trail.append("zipper")
    texts = [rng.choices(subject, k=14) for _ in range(100) for subject in (kitchen, trail)]
    chosen = SMALL.topics.model_copy(update={"min_collocation": 10_000, "passes": 20})
    fitted = fit_topics(texts, "en", chosen, 1)
    tops = [set(topic.words) for topic in fitted.topics]
    assert sorted(tops, key=lambda top: "tent" in top) == [set(kitchen), set(trail)]
    assert all(topic.coherence is not None and topic.coherence > 0 for topic in fitted.topics)
    assert fitted.weak
    for topic in fitted.topics:
        assert list(topic.word_weights) == sorted(topic.word_weights, reverse=True)


def test_too_little_text_gives_no_topics_and_no_aspects() -> None:
    small = fit(reviews_table({"a": "Nice."}), ITEMS, ATTRIBUTES, SMALL, 1)
    assert small.topics.topics == []
    assert small.aspects == []
    assert extract(small, {"b": "Nice sound, Quietside!"}).mentions.num_rows == 1
    empty = fit(reviews_table({}), ITEMS, ATTRIBUTES, SMALL, 1)
    assert extract(empty, {"b": "Nice sound"}).review_facts.num_rows == 1


def test_chinese_has_names_but_no_topics() -> None:
    texts = {f"r{number}": "故宫很美，值得一去，景色非常漂亮" for number in range(20)}
    fitted = fit(reviews_table(texts), items_table({"palace": "故宫"}), ATTRIBUTES, SMALL, 1)
    facts = extract(fitted, {"r": "我喜欢故宫的景色"})
    assert facts.mentions.column("target_id").to_pylist() == ["Item:故宫"]
    assert facts.review_facts.column("tokens").to_pylist() == [8]
    assert fitted.topics.topics == []


def test_a_word_of_praise_alone_makes_no_aspect() -> None:
    rng = random.Random(1)
    texts = {
        f"i{number}": f"Good idea. The sound is {rng.choice(PRAISE + BLAME)} to me."
        for number in range(60)
    }
    found = {a.aspect_id for a in fit(reviews_table(texts), ITEMS, ATTRIBUTES, SMALL, 1).aspects}
    assert found == {"sound"}


@pytest.mark.parametrize(
    ("praise", "no_aspect"),
    [
        ("This strap is {}.", "strap"),
        ("These picks are {}.", "pick"),
        ("I find my computer {0}: my {0} computer.", "computer"),
        ("A {0} thriller, a truly {0} thriller.", "thriller"),
        ("This album is a {0} rock album and the {0} rock is loud.", "rock"),
    ],
)
def test_the_item_its_kind_and_what_one_owns_are_no_aspects(praise: str, no_aspect: str) -> None:
    words = (PRAISE + BLAME) * 5
    texts = {f"r{number}": praise.format(word) for number, word in enumerate(words)}
    texts |= {f"s{number}": f"The sound is {word}." for number, word in enumerate(words)}
    fitted = fit(reviews_table(texts), ITEMS, ATTRIBUTES, SMALL, 1)
    assert [aspect.aspect_id for aspect in fitted.aspects] == ["sound"]
    as_part = {
        key: text.replace("This ", "The ").replace("These ", "The ").replace("my ", "the ")
        for key, text in texts.items()
    }
    as_part = {key: re.sub(r"\b[Aa] ", "the ", text) for key, text in as_part.items()}
    as_part = {key: text.replace("rock album", "rock") for key, text in as_part.items()}
    fitted = fit(reviews_table(as_part), ITEMS, ATTRIBUTES, SMALL, 1)
    assert no_aspect in {aspect.aspect_id for aspect in fitted.aspects}
