"""The tables of one batch's facts, gathered review by review."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from etl.tables import ENTITIES, MENTIONS, REVIEW_FACTS, REVIEW_TOPICS

VERSION: Final = "2"
REVIEW_EXTRACTOR: Final = f"kgrec-review/{VERSION}"
SENTIMENT_EXTRACTOR: Final = "kgrec-learnt-sentiment/3"
ENTITY_EXTRACTOR: Final = f"kgrec-gazetteer/{VERSION}"
ASPECT_EXTRACTOR: Final = f"kgrec-aspects/{VERSION}"
TOPIC_EXTRACTOR: Final = f"kgrec-lda/{VERSION}"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What was extracted from a batch of reviews; schemas as in `etl.tables`.

    Attributes:
        review_facts: one row per review, in the batch's order.
        entities: the entities mentioned, each once, by id.
        mentions: one row per review and target.
        review_topics: one row per review and topic.
    """

    review_facts: pa.Table
    entities: pa.Table
    mentions: pa.Table
    review_topics: pa.Table


@dataclass(frozen=True, slots=True)
class Mention:
    """One mention of one target, with its character offsets into the review's text."""

    kind: str  # Entity or Aspect
    target_id: str
    start: int
    end: int
    sentiment: float | None
    extractor: str


class FactRows:
    """Gathers the facts of a batch, and turns them into tables."""

    def __init__(self) -> None:
        self._reviews: list[dict[str, Any]] = []
        self._entities: dict[str, dict[str, Any]] = {}
        self._mentions: list[dict[str, Any]] = []
        self._topics: list[dict[str, Any]] = []

    def add_review(
        self,
        review_id: str,
        language: str,
        sentiment: float | None,
        tokens: int,
        verdict: bool | None,
        extractor: str,
    ) -> None:
        """Add what is said of a review as a whole."""
        self._reviews.append(
            {
                "review_id": review_id,
                "language": language,
                "sentiment": sentiment,
                "tokens": tokens,
                "verdict": verdict,
                "extractor": extractor,
            }
        )

    def add_entity(self, entity_id: str, name: str, kind: str, refers_to: str | None) -> None:
        """Add an entity that a review mentions; of several spellings the first one stays."""
        known = self._entities.get(entity_id)
        if known is None or name < known["name"]:
            self._entities[entity_id] = {
                "entity_id": entity_id,
                "name": name,
                "kind": kind,
                "refers_to": refers_to,
            }

    def add_mentions(self, review_id: str, mentions: Iterable[Mention]) -> None:
        """Add a review's mentions, in the text's order; those of one target become one row."""
        targets: dict[tuple[str, str], list[Mention]] = {}
        for mention in mentions:
            targets.setdefault((mention.kind, mention.target_id), []).append(mention)
        for (kind, target_id), found in targets.items():
            scores = [mention.sentiment for mention in found if mention.sentiment is not None]
            self._mentions.append(
                {
                    "review_id": review_id,
                    "target_kind": kind,
                    "target_id": target_id,
                    "count": len(found),
                    "sentiment": sum(scores) / len(scores) if scores else None,
                    "starts": [mention.start for mention in found],
                    "ends": [mention.end for mention in found],
                    "extractor": found[0].extractor,
                }
            )

    def add_topics(
        self, review_id: str, weights: Sequence[tuple[str, float]], extractor: str
    ) -> None:
        """Add a review's topics."""
        self._topics.extend(
            {
                "review_id": review_id,
                "topic_id": topic_id,
                "weight": weight,
                "extractor": extractor,
            }
            for topic_id, weight in weights
        )

    def tables(self) -> Facts:
        """Return what was gathered."""
        entities = [self._entities[key] for key in sorted(self._entities)]
        return Facts(
            review_facts=pa.Table.from_pylist(self._reviews, schema=REVIEW_FACTS),
            entities=pa.Table.from_pylist(entities, schema=ENTITIES),
            mentions=pa.Table.from_pylist(self._mentions, schema=MENTIONS),
            review_topics=pa.Table.from_pylist(self._topics, schema=REVIEW_TOPICS),
        )
