"""A question in plain words, and the rows that answer it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.encoder import TextEncoder
from embeddings.settings import EncoderSettings
from kg.catalogue import Catalogue
from kg.errors import ConfigError
from kg.store import Store
from recommender.asking.choose import NEAR, Choice, Encode, choose
from recommender.asking.named import Named, named_things

LONGEST: Final = 1_000
"""Characters of a question."""


@dataclass(frozen=True)
class Answer:
    """What was asked of the graph for a question, and what it said.

    Attributes:
        chosen: the query with its parameters.
        next_best: the query that was second, if there is one.
        named: the things that the question names.
        rows: the query's rows.
    """

    chosen: Choice
    next_best: Choice | None
    named: Sequence[Named]
    rows: Sequence[dict[str, object]]


def ask(store: Store, question: str, encode: Encode, *, asker: str | None = None) -> Answer:
    """Return the answer of the query of the catalogue that is nearest to a question.

    Only queries that read are asked, as they stand, with parameters.

    Args:
        encode: the packaged text encoder, for which the bound of nearness was chosen.
        asker: the user whom "I" and "my" stand for.

    Raises:
        ConfigError: it is too long, no query is near enough, or the nearest needs something that
            is not named.
    """
    if len(question) > LONGEST:
        raise ConfigError(
            f"The question has {len(question):,} characters; wanted at most {LONGEST:,}.",
            remedy="Ask one thing, in a sentence.",
        )
    catalogue = Catalogue()
    readable = (query for query in map(catalogue.__getitem__, catalogue) if query.access == "read")
    named = named_things(store, question, asker=asker)
    found = choose(question, named, readable, encode)
    best = found[0]
    if not best.answers:
        raise _refusal(best, named)
    rows = store.read(best.query, identifiers=None, **best.parameters)
    return Answer(best, found[1] if len(found) > 1 else None, named, rows)


def packaged_encoder() -> Encode:
    """Return the packaged text encoder.

    Raises:
        ModelError: it is not installed.
    """
    encoder = TextEncoder(EncoderSettings(backend="torch", device="cpu"))

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        return encoder.encode(texts).numpy()

    return encode


def _refusal(best: Choice, named: Sequence[Named]) -> ConfigError:
    found = ", ".join(f"{thing.name} ({thing.label.lower()})" for thing in named) or "nothing"
    near = f"The nearest question is {best.question!r} ({best.query}), at {best.cosine:.2f}"
    if best.cosine < NEAR:
        return ConfigError(
            f"No query answers this: wanted one at {NEAR} or nearer. {near}.",
            remedy="`kgrec queries` lists what can be asked; `kgrec search` finds items by a text.",
        )
    lacks = " and ".join(label.lower() for label in best.missing)
    return ConfigError(
        f"{near}, and it needs a known {lacks}. Known of what is named: {found}.",
        remedy="Write keys and names as the graph has them, in quotation marks if need be.",
    )
