"""Vectors of what is declared of items and written about them, to search items by."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import torch
from scipy.sparse import csr_array
from torch.nn import functional as fn

from embeddings.features import item_texts
from embeddings.index import Index
from embeddings.snapshot import Snapshot
from embeddings.text_vectors import TextVectors


def search_vectors(snapshot: Snapshot, vectors: TextVectors | None) -> pa.Table:
    """Return item_id and vector of every item: its own text's plus the mean of its reviews'.

    Vectors are of length one, (d,); null for an item without any text, and for all without
    `vectors`.
    """
    items = Index("item", snapshot.items["item_id"].to_pylist())
    if vectors is None:
        found: list[list[float] | None] = [None] * len(items)
    else:
        v = fn.normalize(vectors.of(item_texts(snapshot)) + _review_means(snapshot, vectors, items))
        found = [each.tolist() if each.any() else None for each in v]
    return pa.table(
        {
            "item_id": pa.array(items.keys, pa.string()),
            "vector": pa.array(found, pa.list_(pa.float64())),
        }
    )


def _review_means(snapshot: Snapshot, vectors: TextVectors, items: Index) -> torch.Tensor:
    """Mean vector of each item's reviews that have a text, zero where none has, (I, d)."""
    texts = snapshot.reviews["text"].fill_null("").to_pylist()
    keys = snapshot.reviews["item_id"].to_pylist()
    written = [(items.of(key), text) for key, text in zip(keys, texts, strict=True) if text.strip()]
    about = np.array([item for item, _ in written], dtype=np.int64)
    counts = np.bincount(about, minlength=len(items))
    share = csr_array(
        (1.0 / counts[about], (about, np.arange(len(about)))), shape=(len(items), len(about))
    )
    mean = share @ vectors.of([text for _, text in written]).numpy()
    return torch.from_numpy(mean.astype(np.float32))
