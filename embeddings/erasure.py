"""A person or a review out of what learning left: snapshot, text vectors, models, lists.

The numbers that a model learnt from many people stay; what it holds for this one goes: rows of
users, and of hetero-gat what it kept of single edges (attention, messages), which no longer has
the edges' order. A retraining is what forgets the rest.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from scipy.sparse import csr_matrix

from embeddings.features import item_texts
from embeddings.models.files import Array, dense_parts, sparse
from embeddings.models.start import NODES, PAIRS, WEIGHTS
from embeddings.pairs import frame
from embeddings.replay import Evidence, places
from embeddings.search_vectors import search_vectors
from embeddings.snapshot import TABLES, Snapshot
from embeddings.text_vectors import TextVectors, hash_texts
from kg.forgotten import Forgotten
from kg.store import Store

USER_ROWS: Final = frozenset(
    ["P", "of_user", "last", "scores.user", "scores.last_day", "ratings.user", "ratings.user_bias"]
)
"""Arrays of models whose first axis are the users. Sparse ones: X (U, I) and S (U, U)."""
_OF_EDGES: Final = ("attention.", "reasons.")
_BATCH: Final = 1_000


def read_snapshot_tables(folder: Path) -> Snapshot:
    """Read a saved snapshot as it is, also one that was being changed when somebody was killed."""
    return Snapshot(**{name: pq.read_table(folder / f"{name}.parquet") for name in TABLES})


def without(snapshot: Snapshot, who: Forgotten) -> Snapshot:
    """Return the snapshot as if the person, or the review, had never been there."""
    users = pl.Series(sorted(who.users), dtype=pl.String).implode()
    of_user = pl.col("user_id").is_in(users)
    reviews = frame(snapshot.reviews)
    ids = pl.Series(sorted(who.reviews), dtype=pl.String).implode()
    gone = reviews.filter(of_user | pl.col("review_id").is_in(ids)).select("review_id")
    mentions = frame(snapshot.mentions)
    kept = mentions.join(gone, on="review_id", how="anti")
    ends = [
        (pl.col(f"{end}_kind") == "User") & pl.col(f"{end}_id").is_in(users)
        for end in ("start", "end")
    ]
    return snapshot.replace(
        users=frame(snapshot.users).filter(~of_user).to_arrow(),
        traits=frame(snapshot.traits).filter(~of_user).to_arrow(),
        interactions=frame(snapshot.interactions).filter(~of_user).to_arrow(),
        reviews=reviews.join(gone, on="review_id", how="anti").to_arrow(),
        mentions=kept.to_arrow(),
        review_topics=frame(snapshot.review_topics)
        .join(gone, on="review_id", how="anti")
        .to_arrow(),
        relations=frame(snapshot.relations).filter(~(ends[0] | ends[1])).to_arrow(),
        names=_named(snapshot, mentions, kept).to_arrow(),
    )


def _named(snapshot: Snapshot, before: pl.DataFrame, kept: pl.DataFrame) -> pl.DataFrame:
    """The names but for those of entities and aspects that nobody speaks of any more."""
    of = {"kind": "target_kind", "id": "target_id"}
    known = [
        frame(snapshot.triples).select(kind=pl.lit("Entity"), id=end) for end in ("head", "tail")
    ]
    known.append(frame(snapshot.links).select(kind=pl.lit("Entity"), id="entity_id"))
    lost = before.select(**of).join(
        pl.concat([kept.select(**of), *known]), on=["kind", "id"], how="anti"
    )
    return frame(snapshot.names).join(lost, on=["kind", "id"], how="anti")


def replace_snapshot(folder: Path, snapshot: Snapshot) -> None:
    """Save a snapshot over an older one, file by file, each whole; `snapshot.json` comes last."""
    part = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        snapshot.save(part)
        for name in (*(f"{table}.parquet" for table in TABLES), "snapshot.json"):
            (part / name).replace(folder / name)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def without_texts(vectors: TextVectors, who: Forgotten, kept: Snapshot) -> TextVectors:
    """Return the vectors but for those of texts that nobody else wrote.

    Args:
        kept: the snapshot without them.
    """
    others = {*kept.reviews["text"].fill_null("").to_pylist(), *item_texts(kept)}
    others |= set(kept.names["name"].drop_null().to_pylist())
    return vectors.without(hash_texts(sorted(who.texts - others)))


def forget_in_model(folder: Path, users: Collection[int], count: int) -> bool:
    """Take users' rows out of a saved model; return whether the file is another one now.

    Args:
        users: their positions among the `count` users that it was trained on; with none, only
            what it kept of single edges goes.
        count: a model with another number of users is left alone: it was cleaned before.
    """
    place = folder / "arrays.safetensors"
    stored: dict[str, Array] = load_file(place)
    keep = np.setdiff1d(np.arange(count), np.fromiter(users, np.int64, len(users)))
    arrays: dict[str, Array] = {}
    for key in dict.fromkeys(_whole(name, stored) for name in stored):
        if key.startswith(_OF_EDGES):
            continue
        if key in ("X", "S"):
            arrays |= _sparse_rows(key, sparse(stored, key), keep, count)
        elif key in USER_ROWS and len(stored[key]) == count:
            arrays[key] = np.ascontiguousarray(stored[key][keep])
        else:
            arrays |= {name: stored[name] for name in stored if _whole(name, stored) == key}
    same = arrays.keys() == stored.keys() and all(
        arrays[name].shape == stored[name].shape for name in stored
    )
    if not same:
        part = place.with_name(f".{place.name}.{os.getpid()}")
        save_file(arrays, part)
        part.replace(place)
    return not same


def forget_start(folder: Path, users: Collection[str], *, certainly: bool) -> int:
    """Take away what a later training would begin from, if they had a part in it.

    All of it goes, so that no later model begins from what was learnt of them.

    Args:
        folder: where it lies; `start.json` stays, which names nobody.
        users: who is to be forgotten.
        certainly: the run that left it has learnt from them.

    Returns:
        How many files went.
    """
    pairs = folder / PAIRS
    theirs = pl.col("user_id").is_in(list(users))
    if not pairs.is_file() or not (certainly or pl.read_parquet(pairs).filter(theirs).height):
        return 0
    for name in (WEIGHTS, NODES, PAIRS):  # the pairs last, so that one who is killed begins again
        (folder / name).unlink(missing_ok=True)
    return 3


def _whole(name: str, stored: Collection[str]) -> str:
    """The matrix that an array is a part of, or the array itself."""
    head = name.rpartition(".")[0]
    return head if f"{head}.indptr" in stored else name


def _sparse_rows(
    key: str, matrix: csr_matrix, keep: NDArray[np.int64], count: int
) -> dict[str, Array]:
    if matrix.shape[0] != count:
        return dense_parts(key, matrix)
    matrix = matrix[keep]
    return dense_parts(key, matrix[:, keep] if key == "S" else matrix)


def search_again(store: Store, run: Path | None, items: Iterable[str]) -> int:
    """Make the vectors anew that items are searched by, from what is left; return how many.

    Args:
        run: folder of the run that published them, cleaned already; None: they are taken away,
            until the next publishing.
        items: the items whose reviews went.
    """
    wanted = sorted(items)
    if run is None:
        rows: list[dict[str, object]] = [{"item_id": item, "vector": None} for item in wanted]
    else:
        vectors = TextVectors.load(run / "vectors.safetensors")
        table = frame(
            search_vectors(
                Snapshot.load(run / "snapshot"), vectors if len(vectors.hashes) else None
            )
        )
        rows = table.filter(pl.col("item_id").is_in(wanted)).to_dicts()
    changed = 0
    for first in range(0, len(rows), _BATCH):
        page = rows[first : first + _BATCH]
        changed += int(str(store.write("write/replace_text_vectors", rows=page)[0]["items"]))
    return changed


def drop_unsupported(store: Store) -> int:
    """Take published places off that no reason bears out any more; return how many."""
    evidence, dropped = Evidence.read(store), 0
    for page in list(places(store)):
        lost = evidence.unsupported(page).group_by("user").agg("item").sort("user")
        rows = lost.select(user_id="user", item_ids="item").to_dicts()
        if rows:
            store.write("write/erase_places", rows=rows)
            dropped += sum(len(row["item_ids"]) for row in rows)
    return dropped


def positions(keys: pa.ChunkedArray, users: Collection[str]) -> list[int]:
    """Return where the users stand among the sorted keys."""
    return [place for place, key in enumerate(keys.to_pylist()) if key in users]


def snapshot_hash(folder: Path) -> str:
    """Return the hash that `snapshot.json` tells."""
    return str(json.loads((folder / "snapshot.json").read_text(encoding="utf-8"))["hash"])
