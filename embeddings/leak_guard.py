"""The check before training that nothing held out has come through.

`Snapshot.restrict` shuts the door; this looks, by other means, whether it is shut: it compares
what a model is about to see with the whole snapshot, row by row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import chain

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from embeddings.pairs import PAIR, frame
from embeddings.snapshot import Snapshot
from embeddings.split import VALID
from embeddings.training_data import TrainingData
from kg.errors import LeakError

Positions = NDArray[np.int32] | NDArray[np.int64]


def assert_no_leak(
    data: TrainingData,
    view: Snapshot,
    *,
    whole: Snapshot,
    split: pa.Table,
    parts: Collection[str],
) -> None:
    """Refuse training data that knows anything of a pair outside `parts`.

    Args:
        data: what a model is to be fitted on.
        view: the restricted snapshot that it was made of.
        whole: the snapshot before it was restricted.
        split: user_id, item_id, part.
        parts: the parts that may be seen, such as {"train"}.

    Raises:
        LeakError: names what leaked, with examples.
    """
    allowed = frame(split).filter(pl.col("part").is_in(list(parts))).select(PAIR)
    valid = frame(split).filter(pl.col("part") == VALID).select(PAIR)
    looked_at = chain(
        _leaks_in(view, whole, allowed), _leaks_in_tensors(data, whole, allowed, valid)
    )
    leaks = [
        f"{leaked.height} {what} (such as {', '.join(map(str, leaked.row(0)))})"
        for what, leaked in looked_at
        if leaked.height
    ]
    if leaks:
        raise LeakError(
            f"Training data that should know only {', '.join(sorted(parts))} pairs"
            f" holds {'; '.join(leaks)}.",
            remedy="This is a fault of the program: nothing was trained. Please report it.",
        )


def _leaks_in(
    view: Snapshot, whole: Snapshot, allowed: pl.DataFrame
) -> Iterator[tuple[str, pl.DataFrame]]:
    """What the view holds beyond the rows of allowed pairs, by kind of row."""
    interactions = frame(whole.interactions).join(allowed, on=PAIR, how="semi")
    yield "held-out interactions", _beyond(frame(view.interactions), interactions)

    reviews = frame(whole.reviews).join(allowed, on=PAIR, how="semi")
    yield "held-out reviews", _beyond(frame(view.reviews).drop("text"), reviews)
    texts = frame(view.reviews.select(["text"]))
    yield "held-out texts", texts.join(reviews, on="text", how="anti", nulls_equal=True)
    for table, what in (("mentions", "mentions"), ("review_topics", "topic weights")):
        rows = frame(getattr(whole, table)).join(reviews, on="review_id", how="semi")
        yield f"held-out {what}", _beyond(frame(getattr(view, table)), rows)

    heard = pl.concat(
        [
            frame(view.mentions).select(kind="target_kind", id="target_id"),
            frame(view.review_topics).select(kind=pl.lit("Topic"), id="topic_id"),
            *(
                frame(view.triples).select(kind=pl.lit("Entity"), id=end)
                for end in ("head", "tail")
            ),
        ]
    )
    names = frame(view.names).filter(pl.col("kind").is_in(["Aspect", "Topic", "Entity"]))
    yield "names that nobody mentioned", names.join(heard, on=["kind", "id"], how="anti")


def _beyond(seen: pl.DataFrame, allowed: pl.DataFrame) -> pl.DataFrame:
    """Rows of `seen` that are not, in all their columns, rows of `allowed`."""
    return seen.join(allowed, on=seen.columns, how="anti", nulls_equal=True)


def _leaks_in_tensors(
    data: TrainingData, whole: Snapshot, allowed: pl.DataFrame, valid: pl.DataFrame
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Pairs that the tensors hold and that are not allowed."""
    pairs = _keys(data, data.pairs.user, data.pairs.item)
    yield "held-out training pairs", pairs.join(allowed, on=PAIR, how="anti")
    for edge_type in data.graph.edge_types:
        if "positive" in data.graph[edge_type]:
            edges = _keys(data, *data.graph[edge_type].edge_index.numpy())
            yield f"held-out {edge_type[1]} edges", edges.join(allowed, on=PAIR, how="anti")
    if data.pairs.review is not None:
        vectors = pairs.filter(pl.Series(data.pairs.review.any(dim=1).numpy()))
        reviewed = frame(whole.reviews.select(list(PAIR)))
        yield "vectors of reviews that nobody wrote", vectors.join(reviewed, on=PAIR, how="anti")
    if data.valid is not None:
        targets = _keys(data, *data.valid.nonzero())
        yield "targets of another part", targets.join(valid, on=PAIR, how="anti")
    if data.valid_ratings is not None:
        rated = _keys(data, data.valid_ratings.user, data.valid_ratings.item)
        yield "ratings of another part", rated.join(valid, on=PAIR, how="anti")


def _keys(data: TrainingData, user: Positions, item: Positions) -> pl.DataFrame:
    users = pl.Series(data.users.keys, dtype=pl.String)
    items = pl.Series(data.items.keys, dtype=pl.String)
    return pl.DataFrame({"user_id": users.gather(user), "item_id": items.gather(item)})
