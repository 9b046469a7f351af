"""An earlier run's text model, kept while what it learnt from is still what there is to learn from.

A model keeps a list of the reviews that taught it, in `learnt_from.parquet`, with the terms it was
learnt on: settings, seed and code.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from etl.text.teachers import chosen_ids

log = logging.getLogger(__name__)

LEARNT_FROM: Final = "learnt_from.parquet"
_TERMS: Final = b"terms"
_REVIEW: Final = ["review_id", "content_hash"]


def note_origin(folder: Path, training: pa.Table, terms: str) -> None:
    """Write beside a text model what it was learnt from.

    Args:
        folder: the model's.
        training: the reviews that taught it: review_id, content_hash.
        terms: what it was learnt on, beside the reviews.
    """
    rows = training.select(_REVIEW).sort_by("review_id")
    pq.write_table(rows.replace_schema_metadata({_TERMS: terms.encode()}), folder / LEARNT_FROM)


def still_holds(
    folder: Path,
    reviews: pa.Table,
    held_out: Collection[str],
    limit: int,
    *,
    terms: str,
    refit_share: float,
) -> bool:
    """Tell whether the text model in a folder may be kept.

    It may if it was learnt on the same terms, from no review that is held out now, and if the
    reviews that would teach a new one and did not teach it, and those that taught it and are gone,
    are at most a share of all that would.

    Args:
        folder: the model's.
        reviews: all present ones: review_id, content_hash.
        held_out: ids of those that must not teach anything.
        limit: how many would teach a new model at most.
        terms: what a new one would be learnt on.
        refit_share: the share.
    """
    try:
        origin = pq.read_table(folder / LEARNT_FROM)
    except FileNotFoundError:
        return False
    taught = pl.DataFrame(origin)
    hidden = pl.Series(held_out, dtype=pl.String).implode()
    if (origin.schema.metadata or {}).get(_TERMS) != terms.encode():
        return False
    if taught["review_id"].is_in(hidden).any():
        log.info("Vocabularies are learnt anew: some reviews that taught them are held out now")
        return False
    present = pl.DataFrame(reviews.select(_REVIEW)).filter(~pl.col("review_id").is_in(hidden))
    would_teach = present
    if present.height > limit:
        chosen = pl.Series(chosen_ids(present["review_id"], limit), dtype=pl.String).implode()
        would_teach = present.filter(pl.col("review_id").is_in(chosen))
    new = would_teach.join(taught, on=_REVIEW, how="anti").height
    gone = taught.join(present, on=_REVIEW, how="anti").height
    share = (new + gone) / max(1, would_teach.height)
    log.info("%d training reviews are new, %d are gone: %.2g of all", new, gone, share)
    return share <= refit_share
