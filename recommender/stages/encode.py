"""encode: texts → vectors, those known already from the cache."""

from __future__ import annotations

import logging

from embeddings.encoder import TextEncoder, encode_texts
from embeddings.features import texts_to_encode
from embeddings.settings import PACKAGED, EncoderSettings
from embeddings.snapshot import Snapshot
from embeddings.text_vectors import TextVectors
from embeddings.vector_cache import VectorCache
from kg.errors import ModelError
from recommender.stage import StageContext, StageResult

CACHE = "text_vectors.sqlite"

logger = logging.getLogger(__name__)


def encode(context: StageContext) -> StageResult:
    """Encode items' and reviews' texts; without an encoder or texts, leave no vectors."""
    snapshot = Snapshot.load(context.folder / "snapshot")
    texts = texts_to_encode(snapshot, context.config.features)
    encoder = _encoder(context.config.encoder) if any(text.strip() for text in texts) else None
    if encoder is None:
        vectors = TextVectors.none()
    else:
        with VectorCache(context.cache / CACHE) as cache:
            vectors = encode_texts(texts, encoder, cache, context.progress)
    vectors.save(context.folder / "vectors.safetensors")
    if not len(vectors.hashes):
        return StageResult("no text vectors", {"texts": 0})
    return StageResult(
        f"{len(vectors.hashes):,} texts by {vectors.model.partition('@')[0]}",
        {"texts": len(vectors.hashes), "width": vectors.width, "model": vectors.model},
    )


def _encoder(settings: EncoderSettings) -> TextEncoder | None:
    """The encoder; None where none is wanted or the packaged one is not installed."""
    if settings.model is None:
        return None
    try:
        return TextEncoder(settings)
    except ModelError as error:
        if settings.model != PACKAGED:
            raise
        logger.warning("Going on without text vectors, cold items will suffer. %s", error)
        return None
