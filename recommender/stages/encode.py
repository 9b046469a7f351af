"""encode: texts → vectors, by the encoder as it is or fine-tuned; known ones from the cache."""

from __future__ import annotations

import logging

import pyarrow.parquet as pq

from embeddings.adapter import Adapter
from embeddings.encoder import TextEncoder, encode_texts
from embeddings.features import texts_to_encode
from embeddings.fine_tune import fine_tune
from embeddings.settings import PACKAGED, EncoderSettings
from embeddings.snapshot import Snapshot
from embeddings.split import TRAIN
from embeddings.text_vectors import TextVectors
from embeddings.vector_cache import CACHE, VectorCache
from kg.errors import ModelError
from recommender.stage import StageContext, StageResult
from recommender.stages.view import Learning

ADAPTERS, ADAPTER = "adapters", "vectors.adapter.safetensors"

logger = logging.getLogger(__name__)


def encode(context: StageContext) -> StageResult:
    """Encode items' and reviews' texts; without an encoder or texts, leave no vectors."""
    snapshot, settings = Snapshot.load(context.folder / "snapshot"), context.config.encoder
    texts = texts_to_encode(snapshot, context.config.features)
    adapter = _fine_tuned(context, snapshot) if settings.fine_tune else None
    encoder = _encoder(settings, adapter) if any(text.strip() for text in texts) else None
    if encoder is None:
        vectors = TextVectors.none()
    else:
        with VectorCache(context.cache / CACHE) as cache:
            vectors = encode_texts(texts, encoder, cache, context.progress)
    vectors.save(context.folder / "vectors.safetensors")
    if adapter is not None:
        adapter.save(context.folder / ADAPTER)
    if not len(vectors.hashes):
        return StageResult("no text vectors", {"texts": 0})
    return StageResult(
        f"{len(vectors.hashes):,} texts by {vectors.model.partition('@')[0]}{_told(adapter)}",
        {"texts": len(vectors.hashes), "width": vectors.width, "model": vectors.model},
    )


def _fine_tuned(context: StageContext, snapshot: Snapshot) -> Adapter:
    """The adapter learnt from the training part, now or by an earlier run."""
    split = pq.read_table(context.folder / "split.parquet")
    learning = Learning(context.config, snapshot, split, None)
    return fine_tune(
        learning.view(frozenset({TRAIN})),
        learning.training(),
        context.config.encoder,
        kept_in=context.cache / ADAPTERS,
        progress=context.progress,
    )


def _encoder(settings: EncoderSettings, adapter: Adapter | None) -> TextEncoder | None:
    """The encoder; None where none is wanted or the packaged one is not installed."""
    if settings.model is None:
        return None
    try:
        return TextEncoder(settings, adapter if adapter and adapter.weights else None)
    except ModelError as error:
        if settings.model != PACKAGED or adapter is not None:
            raise
        logger.warning("Going on without text vectors, cold items will suffer. %s", error)
        return None


def _told(adapter: Adapter | None) -> str:
    if adapter is None:
        return ""
    before, *after = adapter.valid_ndcg
    if not adapter.weights:
        return f", as it is: fine-tuned NDCG@10 on validation is {max(after):.4f}, not {before:.4f}"
    return f", fine-tuned: NDCG@10 on validation {max(after):.4f} after {before:.4f}"
