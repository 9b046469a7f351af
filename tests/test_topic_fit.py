"""How many topics there are, and what they are called."""

from __future__ import annotations

import random

import pytest
from text_world import SMALL

from etl.text.topic_fit import fit_topics
from etl.text.topic_words import Words

SUBJECTS = {
    name: words.split()
    for name, words in {
        "kitchen": "kettle coffee grinder espresso cup milk steam filter bean pour",
        "trail": "boots tent trail backpack mountain stove hike socks rain zipper",
        "music": "piano choir organ hymn chord tempo melody violin bass drum",
        "sea": "anchor harbour sail mast deck rope tide gull wave captain",
    }.items()
}
CHOSEN = SMALL.topics.model_copy(update={"min_collocation": 10_000, "passes": 10})


def texts() -> list[Words]:
    rng = random.Random(5)
    return [rng.choices(words, k=14) for _ in range(60) for words in SUBJECTS.values()]


def test_the_number_of_topics_is_that_of_the_most_coherent() -> None:
    asked = CHOSEN.model_copy(update={"count": "auto", "counts": (2, 4, 16)})
    told: list[tuple[int, int | None, str]] = []
    fitted = fit_topics(
        texts(), "en", asked, 1, lambda done, total=None, unit="": told.append((done, total, unit))
    )
    assert sorted(fitted.curve) == [2, 4, 16]
    assert len(fitted.topics) == len(fitted.strengths) == 4
    assert max(fitted.curve, key=fitted.curve.__getitem__) == 4
    assert told[-1] == (3, 3, "numbers of topics")
    coherences = [topic.coherence for topic in fitted.topics]
    assert sum(c or 0.0 for c in coherences) / 4 == pytest.approx(fitted.curve[4])


def test_what_is_chosen_equals_what_is_asked_for_by_number() -> None:
    chosen = fit_topics(
        texts(), "en", CHOSEN.model_copy(update={"count": "auto", "counts": (2, 4)}), 1
    )
    asked = fit_topics(texts(), "en", CHOSEN.model_copy(update={"count": 4}), 1)
    assert chosen.topics == asked.topics
    assert not asked.curve


def test_numbers_of_topics_that_texts_do_not_suffice_for_are_not_tried() -> None:
    asked = CHOSEN.model_copy(update={"count": "auto", "counts": (2, 500)})
    assert len(fit_topics(texts(), "en", asked, 1).topics) == 2
    none = CHOSEN.model_copy(update={"count": "auto", "counts": (500,)})
    assert fit_topics(texts(), "en", none, 1).topics == []


def test_a_label_begins_with_the_phrase_that_sets_the_topic_apart() -> None:
    rng = random.Random(6)
    said = [[*words, "guitar", "strap"] if "choir" in words else words for words in texts()]
    common = [[*words, rng.choice(["nice", "day"])] for words in said]
    asked = CHOSEN.model_copy(update={"count": 4, "min_collocation": 30, "max_review_share": 0.9})
    labels = [topic.label for topic in fit_topics(common, "en", asked, 1).topics]
    assert sum(label.startswith("guitar strap, ") for label in labels) == 1
    (label,) = (label for label in labels if "guitar" in label)
    assert set(label.removeprefix("guitar strap, ").split(", ")) <= {*SUBJECTS["music"]}
