"""Which (user, item) pairs a model may learn from, and which it is judged by.

The split is made from staged keys, before any text is read, so that everything that is fitted on
text can leave the held-out reviews out. A pair's interactions and reviews share one part.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from embeddings.pairs import PAIR, frame, pairs_of
from embeddings.settings import SplitSettings
from kg.errors import ConfigError

Part = Literal["train", "valid", "test"]
TRAIN: Final[Part] = "train"
VALID: Final[Part] = "valid"
TEST: Final[Part] = "test"

_PURPOSE: Final[dict[Part, str]] = {TRAIN: "train on", VALID: "validate", TEST: "test"}

_BY_TIME: Final = ("temporal", "global_time", "leave_last_out")

SPLIT: Final = pa.schema(
    [
        pa.field("user_id", pa.string(), nullable=False),
        pa.field("item_id", pa.string(), nullable=False),
        pa.field("part", pa.string(), nullable=False),
    ]
)


def make_split(interactions: pa.Table, settings: SplitSettings, seed: int) -> pa.Table:
    """Assign each distinct pair to a part; the result does not depend on the order of rows.

    Args:
        interactions: staged interactions (`user_id`, `item_id`, `positive`, `at`, `split` …).
        settings: method and shares.
        seed: of the random methods, and of ties in time.

    Returns:
        user_id, item_id, part ("train", "valid" or "test"), sorted by keys. Pairs outside the
        k-core are absent. Users get at least one pair in each part that has a share, where they
        have `min_pairs`.

    Raises:
        ConfigError: times or a given split are needed and missing, or nothing is left to train on.
    """
    pairs = pairs_of(interactions)
    if settings.method == "given":
        pairs = pairs.join(_given_parts(interactions), on=PAIR, how="left")
    elif settings.method in _BY_TIME and pairs.height and pairs["at"].is_null().all():
        raise ConfigError(
            f"The split {settings.method!r} needs times, and no interaction has one.",
            remedy="Map a timestamp column in the source, or set split.method: random.",
        )
    pairs = _k_core(pairs, settings.k_core)
    random = np.random.default_rng(seed)
    pairs = pairs.with_columns(luck=pl.Series(random.random(pairs.height)))
    items = pairs.select("item_id").unique().sort("item_id")
    items = items.with_columns(part=_of_drawn_items(settings.cold_items, items.height, random))
    cold = pairs.drop("part", strict=False).join(items.drop_nulls(), on="item_id")
    warm = pairs.join(cold, on=PAIR, how="anti")
    order = ["user_id", "at", "luck"] if settings.method in _BY_TIME else ["user_id", "luck"]
    warm = warm.sort(order, nulls_last=False).select(*PAIR, part=_part(settings))
    split = pl.concat([warm, cold.select(*PAIR, "part")]).sort(PAIR)
    if pairs.height and not (split["part"] == TRAIN).any():
        raise ConfigError(
            f"The split {settings.method!r} leaves no pair to train on ({pairs.height} pairs).",
            remedy="Lower split.valid and split.test, or choose another split.method.",
        )
    return split.to_arrow().cast(SPLIT)


def with_earlier_parts(split: pa.Table, earlier: pa.Table, interactions: pa.Table) -> pa.Table:
    """Return the split with pairs in the parts that an earlier one has them in.

    Pairs that were there and had no part, since they were outside the k-core, were not held out,
    and something was learnt from them: they are to train on.

    Args:
        split: as `make_split` gives it.
        earlier: the earlier split.
        interactions: what that one was made from.
    """
    known = frame(interactions.select(PAIR)).unique().join(frame(earlier), on=PAIR, how="left")
    before = known.select(*PAIR, before=pl.col("part").fill_null(TRAIN))
    joined = frame(split).join(before, on=PAIR, how="left", maintain_order="left")
    parts = joined.select(*PAIR, part=pl.coalesce("before", "part"))
    return parts.to_arrow().cast(SPLIT)


def require_targets(
    split: pa.Table, interactions: pa.Table, settings: SplitSettings, *, validation: bool
) -> None:
    """Refuse a split that no model can be trained on, or judged by.

    Every part needs a liked pair: one user with three of them is enough.

    Args:
        split: as `make_split` gives it.
        interactions: what it was made from.
        settings: with which it was made, for the message.
        validation: whether a model needs validation targets.

    Raises:
        ConfigError: a part has no liked pair; with the counts.
    """
    pairs = pairs_of(interactions)
    inside = pairs.join(frame(split), on=PAIR)
    liked = inside.filter("positive")
    wanted = (TRAIN, VALID, TEST) if validation else (TRAIN, TEST)
    counts = {part: int((liked["part"] == part).sum()) for part in wanted}
    if all(counts.values()):
        return
    core = f", {inside.height:,} of them in the {settings.k_core}-core" if settings.k_core else ""
    told = ", ".join(f"{count:,} to {_PURPOSE[part]}" for part, count in counts.items())
    raise ConfigError(
        f"There is too little to learn from: {pairs.height:,} pairs of a user and an item{core}."
        f" The split {settings.method!r} leaves {told} that are liked; each needs at least one."
        f"{_who_has_enough(inside, settings)}",
        remedy=_more_targets(settings, liked=int(pairs["positive"].sum()), validation=validation),
    )


def held_out_reviews(split: pa.Table, reviews: pa.Table) -> pa.Array:
    """Return the ids of the reviews of held-out pairs (string array, sorted).

    Nothing that is fitted on text (lexicon, dictionary, topics) may see these.
    """
    held_out = frame(split).filter(pl.col("part") != TRAIN)
    ids = frame(reviews.select([*PAIR, "review_id"])).join(held_out, on=PAIR, how="semi")
    return ids["review_id"].sort().to_arrow().cast(pa.string())


def _part(settings: SplitSettings) -> pl.Expr:
    """The part of each row, of pairs in the order of user, then time or luck."""
    match settings.method:
        case "random" | "temporal":
            return _last_share_of_each_user(settings)
        case "global_time":
            return _after_a_point_in_time(settings)
        case "leave_last_out":
            return _from_the_last_liked(settings)
        case "given":
            return _given_with_validation(settings)


def _last_share_of_each_user(settings: SplitSettings) -> pl.Expr:
    count = pl.len().cast(pl.Int64).over("user_id")
    from_last = pl.int_range(pl.len(), dtype=pl.Int64).reverse().over("user_id")
    valid, test = (_held_count(count, share) for share in (settings.valid, settings.test))
    held = valid + test
    enough = (count >= settings.min_pairs) & (count > held)
    return _first_true({TEST: enough & (from_last < test), VALID: enough & (from_last < held)})


def _held_count(count: pl.Expr, share: float) -> pl.Expr:
    """A share of `count`, rounded down, at least one unless the share is zero."""
    return pl.max_horizontal((count * share).floor().cast(pl.Int64), pl.lit(int(share > 0)))


def _after_a_point_in_time(settings: SplitSettings) -> pl.Expr:
    """Pairs of one moment share a part; pairs of unknown time are for training."""
    at = pl.col("at").dt.epoch("us")
    test = at >= at.quantile(1.0 - settings.test, "higher")
    held = at >= at.quantile(1.0 - settings.test - settings.valid, "higher")
    return _first_true({TEST: test & (settings.test > 0), VALID: held & (settings.valid > 0)})


def _from_the_last_liked(settings: SplitSettings) -> pl.Expr:
    """Test: from the user's last liked pair on; validation: from the last but one up to there."""
    liked = pl.col("positive").cast(pl.Int64)
    liked_later = (liked.cum_sum(reverse=True) - liked).over("user_id")
    enough = liked.sum().over("user_id") >= settings.min_pairs
    return _first_true({TEST: enough & (liked_later == 0), VALID: enough & (liked_later == 1)})


def _of_drawn_items(share: float, count: int, random: np.random.Generator) -> pl.Series:
    """The part of each item that is held out whole, null for the others."""
    luck = (random.permutation(count) + 0.5) / max(1, count)
    part = pl.when(pl.col("luck") < share / 2).then(pl.lit(TEST)).otherwise(pl.lit(VALID))
    return (
        pl.DataFrame({"luck": luck}).select(pl.when(pl.col("luck") < share).then(part)).to_series()
    )


def _given_with_validation(settings: SplitSettings) -> pl.Expr:
    part = pl.col("part").fill_null(TRAIN)
    lacks_validation = (part != VALID).all()
    chosen = (part == TRAIN) & (pl.col("luck") < settings.valid)
    return _first_true({TEST: part == TEST, VALID: (part == VALID) | (lacks_validation & chosen)})


def _first_true(parts: dict[Part, pl.Expr]) -> pl.Expr:
    """The first part whose condition holds (an unknown one does not); training otherwise."""
    chosen = pl.lit(TRAIN)
    for part, condition in reversed(parts.items()):
        chosen = pl.when(condition).then(pl.lit(part)).otherwise(chosen)
    return chosen


def _given_parts(interactions: pa.Table) -> pl.DataFrame:
    """The most held-out part that a source gives any interaction of a pair."""
    rows = frame(interactions.select([*PAIR, "split"])).drop_nulls("split")
    if rows.is_empty():
        raise ConfigError(
            "The split 'given' was asked for, and no source brings one.",
            remedy="Map a split column or files per part in the source, or set split.method.",
        )
    parts = pl.Enum([TRAIN, VALID, TEST])
    unknown = set(rows["split"].unique()) - set(parts.categories)
    if unknown:
        raise ConfigError(
            f"A source gives the split {sorted(unknown)[0]!r}; wanted train, valid or test.",
        )
    latest = rows.group_by(PAIR).agg(part=pl.col("split").cast(parts).max())
    return latest.with_columns(pl.col("part").cast(pl.String))


def _k_core(pairs: pl.DataFrame, k: int) -> pl.DataFrame:
    """Keep users and items that have at least `k` liked pairs among each other."""
    if k == 0 or pairs.is_empty():
        return pairs
    user, item = (_codes(pairs[key]) for key in PAIR)
    liked = pairs["positive"].to_numpy()
    keep = np.ones(pairs.height, dtype=np.bool_)
    while True:
        counted = keep & liked
        users = np.bincount(user[counted], minlength=user.max() + 1) >= k
        items = np.bincount(item[counted], minlength=item.max() + 1) >= k
        narrower = keep & users[user] & items[item]
        if narrower.sum() == keep.sum():
            return pairs.filter(pl.Series(keep))
        keep = narrower


def _codes(keys: pl.Series) -> NDArray[np.int64]:
    return keys.rank("dense").to_numpy().astype(np.int64) - 1


def _who_has_enough(pairs: pl.DataFrame, settings: SplitSettings) -> str:
    """Say how many users can have pairs held out, where that goes by user."""
    if settings.method in ("global_time", "given"):
        return ""
    counted = pairs.filter("positive") if settings.method == "leave_last_out" else pairs
    enough = int((counted.group_by("user_id").len()["len"] >= settings.min_pairs).sum())
    what = "liked pairs" if settings.method == "leave_last_out" else "pairs"
    return (
        f" Of {pairs['user_id'].n_unique():,} users, {enough:,} have the {settings.min_pairs}"
        f" {what} (split.min_pairs) from which on some are held out."
    )


def _more_targets(settings: SplitSettings, *, liked: int, validation: bool) -> str:
    """What to do about a part without a liked pair."""
    if not liked:
        advice = "No pair counts as liked: look at `positive` and `label` in the sources."
    elif settings.test == 0 and settings.method not in ("leave_last_out", "given"):
        advice = "Set split.test above 0."
    elif validation and settings.valid == 0 and settings.method != "leave_last_out":
        advice = "Set split.valid above 0: model.models has some that choose by it."
    elif settings.k_core:
        advice = "Lower split.k_core, or add data."
    else:
        advice = "Add data, or choose another split.method."
    return f"{advice} `kgrec etl` fills the graph without learning."
