"""Every pair goes to one part, by rules that can be checked by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from embeddings.models.settings import ModelSettings
from embeddings.pairs import frame, pairs_of
from embeddings.settings import SplitSettings
from embeddings.split import (
    held_out_reviews,
    make_split,
    require_targets,
    with_earlier_parts,
)
from kg.errors import ConfigError

START = datetime(2020, 1, 1, tzinfo=UTC)
COLUMNS = pa.schema(
    [
        ("user_id", pa.string()),
        ("item_id", pa.string()),
        ("behaviour", pa.string()),
        ("rating", pa.float64()),
        ("positive", pa.bool_()),
        ("count", pa.int64()),
        ("at", pa.timestamp("us", tz="UTC")),
        ("split", pa.string()),
    ]
)


def interaction(user: str, item: str, **known: object) -> dict[str, object]:
    return {"user_id": user, "item_id": item, "behaviour": "RATED", **known}


def table(*rows: dict[str, object]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=COLUMNS)


def diary(user: str, length: int) -> list[dict[str, object]]:
    """One item a day: i00, i01, …"""
    return [
        interaction(user, f"i{day:02}", at=START + timedelta(days=day)) for day in range(length)
    ]


def parts(split: pa.Table) -> dict[tuple[str, str], str]:
    return {(row["user_id"], row["item_id"]): row["part"] for row in split.to_pylist()}


def items_of(split: pa.Table, part: str) -> list[str]:
    return [item for (_, item), of in parts(split).items() if of == part]


def test_temporal_holds_out_the_last_tenth_for_the_test_and_the_tenth_before_to_validate() -> None:
    split = make_split(table(*diary("ann", 20)), SplitSettings(method="temporal"), seed=0)
    assert items_of(split, "test") == ["i18", "i19"]
    assert items_of(split, "valid") == ["i16", "i17"]


def test_a_random_split_gives_each_user_the_same_shares() -> None:
    split = frame(make_split(table(*diary("ann", 20), *diary("bob", 10)), SplitSettings(), seed=1))
    counts = {
        (user, part): n for user, part, n in split.group_by("user_id", "part").len().iter_rows()
    }
    assert counts == {
        ("ann", "train"): 16,
        ("ann", "valid"): 2,
        ("ann", "test"): 2,
        ("bob", "train"): 8,
        ("bob", "valid"): 1,
        ("bob", "test"): 1,
    }


def test_cold_items_are_held_out_with_all_their_pairs() -> None:
    rows = table(*diary("ann", 20), *diary("bob", 10), *diary("cid", 20))
    settings = SplitSettings(valid=0, test=0, cold_items=0.3)
    split = make_split(rows, settings, seed=3)
    held = {part: set(items_of(split, part)) for part in ("train", "valid", "test")}
    assert {part: len(items) for part, items in held.items()} == {
        "train": 14,
        "valid": 3,
        "test": 3,
    }
    assert not held["test"] & (held["train"] | held["valid"])
    assert not held["valid"] & held["train"]


def test_the_pairs_of_other_items_are_split_as_ever_beside_cold_ones() -> None:
    rows = table(*diary("ann", 20), *diary("cid", 20))
    split = frame(make_split(rows, SplitSettings(cold_items=0.5), seed=3))
    of_item = split.group_by("item_id").agg(pl.col("part").unique().sort(), pl.len())
    whole = of_item.filter(pl.col("part").list.len() == 1, pl.col("part").list.first() != "train")
    assert whole.height >= 10, "five for each part, and by luck some that both users hold out"
    warm = split.filter(
        pl.col("user_id") == "ann", ~pl.col("item_id").is_in(whole["item_id"].to_list())
    )
    assert set(warm["part"]) == {"train", "valid", "test"}
    assert split.height == 40


def test_another_seed_draws_other_pairs() -> None:
    rows = table(*diary("ann", 40))
    assert make_split(rows, SplitSettings(), seed=1) != make_split(rows, SplitSettings(), seed=2)


def test_users_with_too_few_pairs_keep_all_of_them_for_training() -> None:
    split = make_split(table(*diary("ann", 4)), SplitSettings(min_pairs=5), seed=0)
    assert set(parts(split).values()) == {"train"}


def test_leave_last_out_targets_the_last_liked_item_and_hides_what_came_after_it() -> None:
    days = diary("ann", 7)
    for day, row in enumerate(days):
        row["positive"] = day not in (4, 6)
    split = make_split(table(*days), SplitSettings(method="leave_last_out"), seed=0)
    assert items_of(split, "test") == ["i05", "i06"]
    assert items_of(split, "valid") == ["i03", "i04"]


def test_global_time_cuts_all_users_at_one_moment_and_can_leave_a_user_without_training() -> None:
    late = [interaction("zoe", f"j{day}", at=START + timedelta(days=100 + day)) for day in range(2)]
    split = make_split(table(*diary("ann", 18), *late), SplitSettings(method="global_time"), seed=0)
    assert items_of(split, "test") == ["j0", "j1"]
    assert items_of(split, "valid") == ["i16", "i17"]


def test_a_given_split_is_kept_and_the_most_held_out_part_wins_a_dispute() -> None:
    rows = table(
        interaction("ann", "a", split="train"),
        interaction("ann", "b", split="valid"),
        interaction("ann", "c", split="test"),
        interaction("ann", "c", behaviour="VIEWED", split="train"),
        interaction("ann", "d"),
    )
    split = make_split(rows, SplitSettings(method="given"), seed=0)
    assert parts(split) == {
        ("ann", "a"): "train",
        ("ann", "b"): "valid",
        ("ann", "c"): "test",
        ("ann", "d"): "train",
    }


def test_a_given_split_without_validation_gets_some_from_training_and_none_from_the_test() -> None:
    rows = [interaction("ann", f"i{n}", split="test" if n % 2 else "train") for n in range(200)]
    split = make_split(table(*rows), SplitSettings(method="given", valid=0.3), seed=0)
    assert len(items_of(split, "test")) == 100
    assert 15 <= len(items_of(split, "valid")) <= 45


def test_all_that_happens_between_a_user_and_an_item_shares_one_part() -> None:
    rows = diary("ann", 10) + [{**row, "behaviour": "VIEWED"} for row in diary("ann", 10)]
    assert make_split(table(*rows), SplitSettings(), seed=0).num_rows == 10


def test_the_core_drops_in_chains_and_counts_only_what_was_liked() -> None:
    square = [interaction(user, item) for user in ("ann", "bob") for item in ("x", "y")]
    tail = [interaction("bob", "z"), interaction("cid", "z"), interaction("cid", "w")]
    disliked = [interaction("dan", item, positive=False) for item in ("x", "y")]
    split = make_split(table(*square, *tail, *disliked), SplitSettings(k_core=2), seed=0)
    assert set(parts(split)) == {("ann", "x"), ("ann", "y"), ("bob", "x"), ("bob", "y")}


def test_what_somebody_says_outranks_what_they_do_and_the_latest_word_counts() -> None:
    rows = table(
        interaction("ann", "x", positive=True, at=START, rating=5.0),
        interaction("ann", "x", positive=False, at=START + timedelta(days=1), rating=1.0),
        interaction("ann", "x", at=START + timedelta(days=2), count=3),
        interaction("ann", "y", at=START),
    )
    x, y = pairs_of(rows).to_dicts()
    assert (x["positive"], x["rating"], x["at"]) == (False, 3.0, START + timedelta(days=2))
    assert x["weight"] == pytest.approx(1 + 1.6094379)
    assert (y["positive"], y["rating"], y["weight"]) == (True, None, 1.0)


def test_held_out_reviews_are_those_of_validation_and_test_pairs() -> None:
    split = make_split(table(*diary("ann", 10)), SplitSettings(method="temporal"), seed=0)
    reviews = pa.table(
        {
            "review_id": ["r1", "r2", "r3", "r4"],
            "user_id": ["ann", "ann", "ann", "bob"],
            "item_id": ["i00", "i08", "i09", "i09"],
        }
    )
    assert held_out_reviews(split, reviews).to_pylist() == ["r2", "r3"]


def test_no_interactions_make_an_empty_split() -> None:
    assert make_split(table(), SplitSettings(k_core=5), seed=0).num_rows == 0


@pytest.mark.parametrize("method", ["temporal", "global_time", "leave_last_out"])
def test_a_split_by_time_without_times_is_refused(method: str) -> None:
    settings = SplitSettings.model_validate({"method": method})
    with pytest.raises(ConfigError, match="needs times"):
        make_split(table(interaction("ann", "x")), settings, seed=0)


def test_a_given_split_that_nobody_gave_or_that_says_something_else_is_refused() -> None:
    settings = SplitSettings(method="given")
    with pytest.raises(ConfigError, match="no source brings one"):
        make_split(table(interaction("ann", "x")), settings, seed=0)
    with pytest.raises(ConfigError, match="'dev'"):
        make_split(table(interaction("ann", "x", split="dev")), settings, seed=0)


def check(*rows: dict[str, object], validation: bool = True, **settings: object) -> None:
    """Split a world and ask whether it is enough to learn from."""
    chosen = SplitSettings.model_validate(settings)
    split = make_split(table(*rows), chosen, seed=0)
    require_targets(split, table(*rows), chosen, validation=validation)


def test_one_user_who_likes_three_items_is_enough() -> None:
    check(*diary("ann", 3))
    check(*diary("ann", 3), method="leave_last_out")


def test_two_pairs_are_enough_where_nothing_is_chosen_on_validation() -> None:
    given = [interaction("ann", "x", split="train"), interaction("bob", "y", split="test")]
    check(*given, method="given", valid=0.0, validation=False)
    with pytest.raises(ConfigError, match="0 to validate") as refused:
        check(*given, method="given", valid=0.0)
    assert "Set split.valid above 0" in refused.value.remedy


@pytest.mark.parametrize(
    ("models", "needs"),
    [
        ({"models": ["popularity", "hetero-gat"]}, True),
        ({"models": ["popularity"]}, False),
        ({"models": ["ease"]}, True),
        ({"models": ["ease"], "ease": {"l2": [200.0]}}, False),
    ],
)
def test_validation_is_needed_where_something_is_chosen_by_it(
    models: dict[str, object], needs: bool
) -> None:
    assert ModelSettings.model_validate(models).needs_validation is needs


def test_too_small_a_world_is_refused_with_its_counts() -> None:
    world = [*diary("ann", 2), interaction("bob", "i00"), interaction("cid", "i01")]
    with pytest.raises(ConfigError) as refused:
        check(*world)
    assert refused.value.message == (
        "There is too little to learn from: 4 pairs of a user and an item. The split 'random' "
        "leaves 4 to train on, 0 to validate, 0 to test that are liked; each needs at least one. "
        "Of 3 users, 0 have the 3 pairs (split.min_pairs) from which on some are held out."
    )
    assert refused.value.remedy.startswith("Add data")


@pytest.mark.parametrize(
    ("rows", "settings", "advice"),
    [
        ([], {}, "look at `positive`"),
        ([{**row, "positive": False} for row in diary("ann", 5)], {}, "look at `positive`"),
        (diary("ann", 5), {"k_core": 2}, "Lower split.k_core"),
        (diary("ann", 5), {"test": 0.0}, "Set split.test above 0"),
    ],
)
def test_what_to_do_about_too_small_a_world_depends_on_why(
    rows: list[dict[str, object]], settings: dict[str, object], advice: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        check(*rows, **settings)
    assert advice in refused.value.remedy


def test_shares_that_leave_nothing_to_learn_from_are_refused() -> None:
    with pytest.raises(ValueError, match="no share for training"):
        SplitSettings(valid=0.5, test=0.5)


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcd"), st.sampled_from("uvwxyz"), st.integers(0, 9), st.booleans()
        ),
        max_size=60,
    ),
    st.sampled_from(["random", "temporal", "global_time", "leave_last_out"]),
    st.integers(0, 3),
    st.randoms(use_true_random=False),
)
def test_each_pair_has_one_part_whatever_the_order_of_rows(
    world: list[tuple[str, str, int, bool]], method: str, k_core: int, shuffler: object
) -> None:
    rows = [
        interaction(user, item, at=START + timedelta(days=day), positive=positive)
        for user, item, day, positive in world
    ]
    settings = SplitSettings.model_validate({"method": method, "k_core": k_core, "test": 0.3})
    try:
        split = make_split(table(*rows), settings, seed=7)
    except ConfigError:
        assert method == "global_time"
        return
    pairs = frame(split).select("user_id", "item_id")
    assert pairs.is_unique().all()
    expected = {(user, item) for user, item, _, _ in world}
    assert set(pairs.iter_rows()) == expected if k_core == 0 else set(pairs.iter_rows()) <= expected
    shuffler.shuffle(rows)  # type: ignore[attr-defined]
    assert split == make_split(table(*rows), settings, seed=7)
    training = frame(split).filter(pl.col("part") == "train")
    if method != "global_time":
        assert set(training["user_id"]) == set(pairs["user_id"])


def test_pairs_stay_where_an_earlier_split_had_them() -> None:
    rows = [interaction("ann", f"i{number}") for number in range(10)]
    before = table(*rows[:6])
    earlier = make_split(before, SplitSettings(), seed=1)
    drawn = make_split(table(*rows[1:]), SplitSettings(), seed=1)
    kept = parts(with_earlier_parts(drawn, earlier, before))
    assert kept.keys() == parts(drawn).keys(), "the first pair is gone"
    for pair, part in kept.items():
        assert part == parts(earlier).get(pair, parts(drawn)[pair])
    assert any(parts(drawn)[pair] != part for pair, part in kept.items())


def test_what_was_outside_the_core_is_to_train_on_when_it_comes_in() -> None:
    rows = [interaction(user, f"i{number}") for user in ("ann", "bob") for number in range(20)]
    before, core = table(*rows[:21]), SplitSettings(k_core=2)
    earlier = make_split(before, core, seed=1)
    assert earlier.num_rows == 0
    kept = parts(with_earlier_parts(make_split(table(*rows), core, seed=1), earlier, before))
    assert {part for (user, _), part in kept.items() if user == "ann"} == {"train"}
    assert {part for (user, _), part in kept.items() if user == "bob"} == {"train", "valid", "test"}


@pytest.mark.parametrize("other", [{"method": "temporal"}, {"cold_items": 0.1}])
def test_parts_can_be_kept_only_where_luck_decides_pair_by_pair(other: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="method random and cold_items 0"):
        SplitSettings.model_validate({"keep": True} | other)
