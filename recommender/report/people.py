"""Some people with what they liked, what is recommended to them, and why, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from recommender.report.folder import Folder, mapping, number

_PEOPLE = 3
_TOP = 5
_REASONS = 3


@dataclass(frozen=True)
class Pick:
    """One recommended item. `hit` tells, for held-out lists, whether the person did like it."""

    rank: int
    title: str
    chance: float | None
    reasons: list[str]
    cold: bool
    hit: bool | None


@dataclass(frozen=True)
class Person:
    """One person's list."""

    name: str
    liked: list[str]
    picks: list[Pick]


@dataclass(frozen=True)
class People:
    """The section on people; `held_out` where the lists are those of the test."""

    people: list[Person]
    held_out: bool


def people_of(folder: Folder) -> People:
    """Return example people: of `examples.json`, else of the test's lists.

    `examples.json` holds `users`: a list of {user, liked: [item, …], recommendations: [{rank, item,
    title, probability, reasons, coldStart}]}; an item is a key, or {item, title}.
    """
    titles = _titles(folder)
    document = folder.document("examples.json")
    users = document.get("users", document.get("entries", []))
    published = [_person(mapping(user), titles) for user in users if mapping(user)]
    if published:
        return People(published[:_PEOPLE], held_out=False)
    return People(_held_out(folder, titles), held_out=True)


def _titles(folder: Folder) -> dict[str, str]:
    items = folder.staged("items", "item_id", "title")
    return {} if items is None else dict(items.drop_nulls().iter_rows())


def _person(user: Mapping[str, Any], titles: Mapping[str, str]) -> Person:
    liked = [_title(item, titles) for item in user.get("liked", [])]
    rows = [mapping(row) for row in user.get("recommendations", [])]
    picks = [
        Pick(
            rank=round(number(row.get("rank")) or place),
            title=str(row.get("title") or _title(row.get("item"), titles)),
            chance=number(row.get("probability")),
            reasons=[str(reason) for reason in row.get("reasons", [])][:_REASONS],
            cold=bool(row.get("coldStart")),
            hit=None,
        )
        for place, row in enumerate(rows[:_TOP], start=1)
    ]
    return Person(str(user.get("user", "")), liked[:_TOP], picks)


def _title(item: object, titles: Mapping[str, str]) -> str:
    if isinstance(item, Mapping):
        return str(item.get("title") or _title(item.get("item"), titles))
    return titles.get(str(item), str(item))


def _held_out(folder: Folder, titles: Mapping[str, str]) -> list[Person]:
    lists = folder.table("lists.parquet")
    interactions = folder.staged("interactions", "user_id", "item_id", "positive")
    if lists is None or lists.is_empty():
        return []
    if "model" in lists.columns:
        lists = lists.filter(pl.col("model") == lists["model"][0])
    top = lists.filter(pl.col("rank") <= _TOP)
    found = top.group_by("user_id").agg(pl.col("hit").sum()) if "hit" in top.columns else None
    order = (top.select("user_id").unique() if found is None else found).sort("user_id")
    if found is not None:
        order = order.sort("hit", "user_id", descending=[True, False])
    step = max(1, order.height // (4 * _PEOPLE))
    chosen = order["user_id"].gather_every(step).head(_PEOPLE).to_list()
    return [_from_test(user, top, interactions, titles) for user in chosen]


def _from_test(
    user: str, top: pl.DataFrame, interactions: pl.DataFrame | None, titles: Mapping[str, str]
) -> Person:
    rows = top.filter(pl.col("user_id") == user).sort("rank").to_dicts()
    picks = [
        Pick(row["rank"], _title(row["item_id"], titles), None, [], False, row.get("hit"))
        for row in rows
    ]
    hits = {row["item_id"] for row in rows if row.get("hit")}
    liked: list[str] = []
    if interactions is not None:
        own = interactions.filter(
            (pl.col("user_id") == user) & pl.col("positive").fill_null(value=True)
        )
        known = own.filter(~pl.col("item_id").is_in(list(hits)))["item_id"]
        liked = [_title(item, titles) for item in known.unique(maintain_order=True).head(_TOP)]
    return Person(user, liked, picks)
