"""Figures by what is declared about users: categories that enough users share."""

from __future__ import annotations

import pyarrow as pa
from snapshot_world import make_snapshot

from embeddings.trait_groups import by_trait

USERS = [f"u{n:02}" for n in range(60)]


def traits(**of: list[str | None]) -> pa.Table:
    """Each trait's values, one per user in order."""
    return make_snapshot(
        traits=[
            {"user_id": user, "name": name, "value": value}
            for name, values in of.items()
            for user, value in zip(USERS, values, strict=False)
            if value is not None
        ]
    ).traits


def found(table: pa.Table, figures: list[float]) -> list[tuple[str, str, int, float]]:
    per_user = pa.table({"user_id": USERS[: len(figures)], "ndcg@10": figures})
    groups = by_trait(per_user, table, metric="ndcg@10", seed=1)
    return [(each.trait, each.value, each.users, each.mean) for each in groups]


def test_each_value_has_the_mean_of_its_users_largest_group_first() -> None:
    town = ["Graz"] * 25 + ["Linz"] * 35
    assert found(traits(town=town), [0.5] * 25 + [0.25] * 35) == [
        ("town", "Linz", 35, 0.25),
        ("town", "Graz", 25, 0.5),
    ]


def test_values_of_few_users_are_left_out_and_so_is_what_all_share() -> None:
    town = ["Graz"] * 20 + ["Linz"] * 21 + ["Wels"] * 19
    lonely = ["yes"] * 41 + ["no"] * 19
    assert found(traits(town=town, alive=["yes"] * 60, lonely=lonely), [1.0] * 60) == [
        ("town", "Linz", 21, 1.0),
        ("town", "Graz", 20, 1.0),
    ]


def test_users_who_were_not_judged_do_not_count() -> None:
    town = ["Graz"] * 30 + ["Linz"] * 30
    assert found(traits(town=town), [1.0] * 45) == []
    assert len(found(traits(town=town), [1.0] * 50)) == 2


def test_a_quantity_is_no_category_but_a_few_numbers_are() -> None:
    years = [str(30 + n % 2) if n < 46 else str(n) for n in range(60)]
    assert found(traits(age=years), [1.0] * 60) == []
    assert len(found(traits(sex=[str(n % 2) for n in range(60)]), [1.0] * 60)) == 2


def test_the_interval_holds_the_mean() -> None:
    per_user = pa.table({"user_id": USERS, "ndcg@10": [n / 60 for n in range(60)]})
    town = traits(town=["Graz", "Linz"] * 30)
    for group in by_trait(per_user, town, metric="ndcg@10", seed=1):
        assert group.low < group.mean < group.high
