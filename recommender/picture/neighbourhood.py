"""The rows that draw a user, an item, or what a query finds."""

from __future__ import annotations

from typing import Final

from kg.errors import ConfigError, UnknownKeyError
from kg.store import Rows, Store
from recommender.near_keys import near_keys

PLACES: Final = 8
"""Places of a list beside the rest of a user's neighbourhood."""


def of_user(store: Store, user: str, limit: int) -> Rows:
    """Return paths of a user's list, and of what they did and care about."""
    listed = store.read("browse/list_picture", userId=user, limit=PLACES)
    return listed + store.read("browse/user_picture", userId=user, limit=limit)


def of_item(store: Store, item: str, limit: int) -> Rows:
    """Return paths from an item to its attributes, what describes it and what is like it."""
    return store.read("browse/item_picture", itemId=item, limit=limit)


def of_key(store: Store, key: str, limit: int) -> Rows:
    """Return the paths of the user or item that has this key.

    Raises:
        UnknownKeyError: nobody and nothing has it.
        ConfigError: a user and an item have it.
    """
    users, items = near_keys(store, "User", key), near_keys(store, "Item", key)
    if key in users and key in items:
        raise ConfigError(
            f"{key!r} is the key of a user and of an item.",
            remedy=f"Say which: browse/user_picture -p userId={key}, "
            f"or browse/item_picture -p itemId={key}.",
        )
    if key in users:
        return of_user(store, key, limit)
    if key in items:
        return of_item(store, key, limit)
    raise UnknownKeyError(
        "user or item", key, [*users, *items], remedy="`kgrec queries` lists queries that draw."
    )
