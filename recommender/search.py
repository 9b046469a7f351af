"""Items that a text asks for, by what is written about them and by a user's list."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from embeddings.adapter import Adapter
from embeddings.encoder import TextEncoder
from kg.errors import ConfigError
from kg.store import Store
from recommender.config import read_config
from recommender.run_folder import RunFolder
from recommender.stages.encode import ADAPTER

SEARCH: Final = "read/search"
MOST_WORDS: Final = 64

_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True)
class Hit:
    """An item that was found.

    Attributes:
        score: higher is better, for this text.
        meaning: cosine of the text and what is written about the item.
        words: how well the words themselves fit (BM25).
        rank: place on the user's published list, if it is there.
        quote: a review that says most of the words.
    """

    item: str
    title: str
    score: float
    meaning: float
    words: float
    rank: int | None
    quote: str | None


def search(
    store: Store, vector: NDArray[np.float32], text: str, *, user: str | None, top: int
) -> list[Hit]:
    """Return the best items for a text.

    Args:
        vector: of the text, by the encoder of the run that was published, (d,).
        user: whose list counts too, known or not.
    """
    rows = store.read(SEARCH, vector=vector.tolist(), words=words_of(text), userId=user, limit=top)
    return [
        Hit(
            item=str(row["itemId"]),
            title=str(row["title"]),
            score=float(str(row["score"])),
            meaning=float(str(row["meaning"])),
            words=float(str(row["words"])),
            rank=None if row["rank"] is None else int(str(row["rank"])),
            quote=None if row["quote"] is None else str(row["quote"]),
        )
        for row in rows
    ]


def words_of(text: str) -> list[str]:
    """Return the first words of a text in lower case, each once, without English stop words.

    A word is letters and digits alone, so that none can be an operator of a full-text query.
    """
    words = (word.replace("_", "") for word in _WORD.findall(text.lower()))
    told = dict.fromkeys(word for word in words if word and word not in ENGLISH_STOP_WORDS)
    return list(told)[:MOST_WORDS]


def query_encoder(run: RunFolder) -> TextEncoder:
    """Return the encoder that made the vectors of a run's items.

    Raises:
        ConfigError: the run has none.
        ModelError: it is not on this machine.
    """
    settings = read_config(run.path / "config.yaml", (), {}).encoder
    if settings.model is None:
        raise ConfigError(
            f"Run {run.id} has no text encoder (encoder.model is null), so nothing can be found.",
            remedy="Set encoder.model in its config and run it again.",
        )
    return TextEncoder(settings, _adapter(run.path / ADAPTER))


def _adapter(path: Path) -> Adapter | None:
    adapter = Adapter.load(path) if path.is_file() else None
    return adapter if adapter and adapter.weights else None
