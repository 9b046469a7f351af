"""A large synthetic shop, staged as the ETL stages one; equal for equal size and seed.

Per 50 interactions a user, per 200 an item. How much a user does is log-normal (σ = 1), what it is
follows popularity, which falls as rank^-0.8. Nobody has a taste, so who had what together is as
dense as it can be. An item has a brand, two genres and a country.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from benchmarks.world import Numbers, item_attributes, names, typed
from etl.staging import Staging

PER_USER: Final = 50
PER_ITEM: Final = 200
_START: Final = 1_600_000_000
_SECONDS: Final = 3 * 365 * 86_400
_KINDS: Final = (("Brand", 2_000), ("Genre", 40), ("Genre", 40), ("Country", 60))
_PART: Final = 1_000_000


def stage_world(folder: Path, interactions: int, seed: int) -> None:
    """Write users, items, attributes and interactions into the staging folder."""
    random, staging = np.random.default_rng(seed), Staging(folder)
    users, items = max(8, interactions // PER_USER), max(8, interactions // PER_ITEM)
    user, item = draw_pairs(random, interactions, users, items)
    user_ids, item_ids = names("user", np.arange(users)), names("item", np.arange(items))
    stars = random.integers(1, 6, len(user))
    at = _START + random.integers(0, _SECONDS, len(user))
    staging.write("users", [typed("users", pl.DataFrame({"user_id": user_ids}))])
    titles = pl.select(item_id=item_ids, title=pl.lit("The ") + item_ids)
    staging.write("items", [typed("items", titles)])
    staging.write("attributes", [typed("attributes", item_attributes(random, items, _KINDS))])
    staging.write(
        "interactions",
        (
            typed(
                "interactions",
                pl.DataFrame(
                    {
                        "user_id": user_ids.gather(user[part]),
                        "item_id": item_ids.gather(item[part]),
                        "rating": stars[part].astype(np.float64),
                        "positive": stars[part] >= 2,
                        "at": pl.Series(at[part] * 1_000_000),
                    }
                ).with_columns(behaviour=pl.lit("RATED"), count=pl.lit(1)),
            )
            for part in (slice(first, first + _PART) for first in range(0, len(user), _PART))
        ),
    )


def draw_pairs(
    random: np.random.Generator, count: int, users: int, items: int
) -> tuple[Numbers, Numbers]:
    """Distinct pairs, sorted by user and item: `count`, or half of all there are if less."""
    count = min(count, users * items // 2)
    activity = np.cumsum(random.lognormal(0.0, 1.0, users))
    popularity = np.cumsum(np.arange(1, items + 1) ** -0.8)
    cells = np.empty(0, np.int64)
    while len(cells) < count:
        wanted = count + count // 8 - len(cells)
        user = np.searchsorted(activity, random.random(wanted) * activity[-1])
        item = np.searchsorted(popularity, random.random(wanted) * popularity[-1])
        cells = np.unique(np.concatenate([cells, user * items + item]))
    if len(cells) > count:
        cells = np.delete(cells, random.choice(len(cells), len(cells) - count, replace=False))
    return cells // items, cells % items
