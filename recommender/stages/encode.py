"""encode: texts → vectors, those known already from the cache."""

from __future__ import annotations

import torch

from embeddings.encoder import TextEncoder, encode_texts
from embeddings.features import texts_to_encode
from embeddings.snapshot import Snapshot
from embeddings.text_vectors import TextVectors
from embeddings.vector_cache import VectorCache
from recommender.stage import StageContext, StageResult

CACHE = "text_vectors.sqlite"


def encode(context: StageContext) -> StageResult:
    """Encode items' and reviews' texts; without an encoder or texts, leave no vectors."""
    settings = context.config.encoder
    texts = texts_to_encode(Snapshot.load(context.folder / "snapshot"))
    if settings.model is None or not any(text.strip() for text in texts):
        vectors = TextVectors.of_texts([], torch.zeros(0, 1), "none")
    else:
        with VectorCache(context.cache / CACHE) as cache:
            vectors = encode_texts(texts, TextEncoder(settings), cache, context.progress)
    vectors.save(context.folder / "vectors.safetensors")
    if not len(vectors.hashes):
        return StageResult("no text vectors", {"texts": 0})
    return StageResult(
        f"{len(vectors.hashes):,} texts by {vectors.model.partition('@')[0]}",
        {"texts": len(vectors.hashes), "width": vectors.width, "model": vectors.model},
    )
