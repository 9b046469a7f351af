"""Which reasons of published places have live evidence in the graph: all of them, by joins.

The evidence of each kind is that of `recommend/why`, which replays one place by walking paths.
Here the graph is read once, item by item and user by user, and everything else is set work.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import polars as pl
from scipy.sparse import csr_array

from kg.store import Store

PAGE: Final = 500
"""Users whose places are held at a time."""
Schema = Mapping[str, pl.DataType | type[pl.DataType]]

_THINGS: Final = ("aspect", "topic", "entity", "attribute")
_PARTS: Final = ("kind", "weight", "key")

_KEYS: Final = pl.List(pl.String)
_ITEMS: Final[Schema] = {"item": pl.String, "things": _KEYS, "similar": _KEYS}
_USERS: Final[Schema] = {"user": pl.String, "liked": _KEYS}
_PLACES: Final[Schema] = {
    "user": pl.String,
    "item": _KEYS,
    "reasons": pl.List(_KEYS),
    "interests": _KEYS,
}

Page = list[tuple[object, ...]]


@dataclass(frozen=True)
class Evidence:
    """What of the graph can bear out a reason, but for the users' interests.

    Attributes:
        things: item, thing: what items are described by or have, as `kind|key`.
        similar: item, key: which items are similar, both ways.
        liked: user, item: who likes what.
        users, items: user (item) and position, the user's row (the item's column) in `likes`.
        likes: users × items, 1 where the user likes the item.
    """

    things: pl.DataFrame
    similar: pl.DataFrame
    liked: pl.DataFrame
    users: pl.DataFrame
    items: pl.DataFrame
    likes: csr_array

    @classmethod
    def read(cls, store: Store) -> Self:
        """Read it from the graph, in two streams."""
        of_items = pl.DataFrame(_all(store, "read/check_items"), schema=_ITEMS, orient="row")
        of_users = pl.DataFrame(_all(store, "read/check_likes"), schema=_USERS, orient="row")
        items = of_items.select("item", position=pl.int_range(pl.len()))
        users = of_users.select("user", position=pl.int_range(pl.len()))
        liked = _pairs(of_users, "user", "liked", "item")
        placed = _at(_at(liked, users, "user"), items, "item")
        where = (placed["user_at"].to_numpy(), placed["item_at"].to_numpy())
        ones = np.ones(placed.height, np.int32)
        return cls(
            things=_pairs(of_items, "item", "things", "thing"),
            similar=_pairs(of_items, "item", "similar", "key"),
            liked=liked,
            users=users,
            items=items,
            likes=csr_array((ones, where), shape=(users.height, items.height)),
        )

    def unsupported(self, page: Page) -> pl.DataFrame:
        """Return the places of a page none of whose reasons has evidence: user, item, reasons.

        Args:
            page: rows of `read/check_places`.
        """
        users = pl.DataFrame(page, schema=_PLACES, orient="row")
        places = (
            users.select("user", "item", "reasons")
            .explode("item", "reasons")
            .with_row_index("place")
        )
        reasons = (
            places.explode("reasons")
            .drop_nulls("reasons")
            .with_columns(pl.col("reasons").str.splitn("|", 3).struct.rename_fields(_PARTS))
            .unnest("reasons")
            .drop_nulls("key")
        )
        interests = _pairs(users, "user", "interests", "thing")
        live = pl.concat(
            [
                self._shared(reasons.filter(pl.col("kind").is_in(_THINGS)), interests),
                self._liked(reasons.filter(pl.col("kind") == "item")),
                self._alike(reasons.filter(pl.col("kind") == "user")),
                self._popular(reasons.filter(pl.col("kind") == "popular")),
            ]
        )
        return places.join(live, on="place", how="anti").drop("place")

    def _shared(self, reasons: pl.DataFrame, interests: pl.DataFrame) -> pl.DataFrame:
        """Places whose user is interested in the thing and whose item has it."""
        named = reasons.with_columns(thing=pl.concat_str("kind", "key", separator="|"))
        return (
            named.join(interests, on=["user", "thing"], how="semi")
            .join(self.things, on=["item", "thing"], how="semi")
            .select("place")
        )

    def _liked(self, reasons: pl.DataFrame) -> pl.DataFrame:
        """Places whose user likes the key, which is similar to the item or liked with it."""
        likes_key = self.liked.rename({"item": "key"})
        found = reasons.join(likes_key, on=["user", "key"], how="semi")
        similar = found.join(self.similar, on=["item", "key"], how="semi").select("place")
        rest = _at(found.join(similar, on="place", how="anti"), self.items, "item", "key")
        counted = rest.join(
            self._shared_by(csr_array(self.likes.T), rest, "item_at", "key_at"),
            on=["item_at", "key_at"],
        ).join(self.liked.with_columns(own=1), on=["user", "item"], how="left")
        others = pl.col("shared") - pl.col("own").fill_null(0)
        return pl.concat([similar, counted.filter(others > 0).select("place")])

    def _alike(self, reasons: pl.DataFrame) -> pl.DataFrame:
        """Places whose item another user likes, who likes something else that the user likes."""
        likes_item = self.liked.rename({"user": "key"})
        found = reasons.filter(pl.col("key") != pl.col("user")).join(
            likes_item, on=["key", "item"], how="semi"
        )
        found = _at(found, self.users, "user", "key")
        counted = found.join(
            self._shared_by(self.likes, found, "user_at", "key_at"), on=["user_at", "key_at"]
        ).join(self.liked.with_columns(own=1), on=["user", "item"], how="left")
        others = pl.col("shared") - pl.col("own").fill_null(0)
        return counted.filter(others > 0).select("place")

    def _popular(self, reasons: pl.DataFrame) -> pl.DataFrame:
        """Places whose item is the key, and somebody likes it."""
        own = reasons.filter(pl.col("key") == pl.col("item"))
        return own.join(self.liked, on="item", how="semi").select("place")

    @staticmethod
    def _shared_by(matrix: csr_array, rows: pl.DataFrame, left: str, right: str) -> pl.DataFrame:
        """left, right, shared: how many columns each pair of the matrix's rows shares, once."""
        pairs = rows.select(left, right).unique()
        both = matrix[pairs[left].to_numpy()].multiply(matrix[pairs[right].to_numpy()])
        return pairs.with_columns(shared=pl.Series(np.asarray(both.sum(1), np.int64).ravel()))


def places(store: Store) -> Iterator[Page]:
    """Yield the published places of all users, in pages of users."""
    return store.stream("read/check_places", PAGE)


def _all(store: Store, query: str) -> Page:
    return [row for page in store.stream(query) for row in page]


def _pairs(rows: pl.DataFrame, key: str, values: str, name: str) -> pl.DataFrame:
    """key, name: each pair of a key and one of its values, once."""
    return rows.select(key, pl.col(values).alias(name)).explode(name).drop_nulls().unique()


def _at(rows: pl.DataFrame, index: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """Add a column `…_at` of positions for each of `columns`; rows with unknown keys go."""
    key, position = index.columns
    for column in columns:
        named = index.select(pl.col(key).alias(column), pl.col(position).alias(f"{column}_at"))
        rows = rows.join(named, on=column)
    return rows
