"""The Arrow tables that pass between the stages of the ETL.

Sources turn files into the `SOURCE_TABLES`; extraction turns reviews into the `FACT_TABLES`;
loading writes both to the graph. Keys are business keys, times are UTC, and a column that
is not marked `nullable=False` may be null.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

TIMESTAMP: Final = pa.timestamp("us", tz="UTC")
PROPERTIES: Final = pa.map_(pa.string(), pa.string())


def _required(name: str, type_: pa.DataType) -> pa.Field:
    return pa.field(name, type_, nullable=False)


INTERACTIONS: Final = pa.schema(
    [
        _required("user_id", pa.string()),
        _required("item_id", pa.string()),
        _required("behaviour", pa.string()),  # a relationship type: RATED, PURCHASED, …
        pa.field("rating", pa.float64()),
        pa.field("positive", pa.bool_()),  # liked / disliked; null: the act itself is the signal
        pa.field("count", pa.int64()),
        pa.field("dwell_seconds", pa.float64()),
        pa.field("at", TIMESTAMP),
        pa.field("split", pa.string()),  # train, valid or test where the source brings a split
        _required("source", pa.string()),
    ]
)

REVIEWS: Final = pa.schema(
    [
        _required("review_id", pa.string()),
        _required("user_id", pa.string()),
        _required("item_id", pa.string()),
        _required("text", pa.string()),
        pa.field("title", pa.string()),
        pa.field("rating", pa.float64()),
        pa.field("positive", pa.bool_()),
        pa.field("written_at", TIMESTAMP),
        _required("content_hash", pa.string()),
        _required("source", pa.string()),
    ]
)

USERS: Final = pa.schema(
    [
        _required("user_id", pa.string()),
        pa.field("traits", PROPERTIES),
        _required("source", pa.string()),
    ]
)

ITEMS: Final = pa.schema(
    [
        _required("item_id", pa.string()),
        pa.field("title", pa.string()),
        pa.field("description", pa.string()),
        pa.field("price", pa.float64()),
        pa.field("released_at", TIMESTAMP),
        pa.field("properties", PROPERTIES),
        _required("source", pa.string()),
    ]
)

ATTRIBUTES: Final = pa.schema(  # item HAS_ATTRIBUTE attribute
    [
        _required("item_id", pa.string()),
        _required("kind", pa.string()),  # a kind label: Brand, Genre, …
        _required("value", pa.string()),
        pa.field("uri", pa.string()),
        _required("source", pa.string()),
    ]
)

RELATIONS: Final = pa.schema(  # typed edges between declared kinds: User FOLLOWS User
    [
        _required("type", pa.string()),
        _required("start_kind", pa.string()),  # User or Item
        _required("start_id", pa.string()),
        _required("end_kind", pa.string()),
        _required("end_id", pa.string()),
        _required("source", pa.string()),
    ]
)

TRIPLES: Final = pa.schema(  # outside knowledge, between entities of that knowledge
    [
        _required("head", pa.string()),
        _required("predicate", pa.string()),
        _required("tail", pa.string()),
        _required("source", pa.string()),
    ]
)

LINKS: Final = pa.schema(  # which entity of the triples an item is
    [
        _required("item_id", pa.string()),
        _required("entity", pa.string()),
        pa.field("confidence", pa.float64()),  # 0 … 1; null where the source says nothing
        _required("source", pa.string()),
    ]
)

NAMES: Final = pa.schema(  # what entities of the triples are called
    [
        _required("entity", pa.string()),
        _required("name", pa.string()),
        _required("source", pa.string()),
    ]
)

SOURCE_TABLES: Final[dict[str, pa.Schema]] = {
    "interactions": INTERACTIONS,
    "reviews": REVIEWS,
    "users": USERS,
    "items": ITEMS,
    "attributes": ATTRIBUTES,
    "relations": RELATIONS,
    "triples": TRIPLES,
    "links": LINKS,
    "names": NAMES,
}

REJECTED: Final = pa.schema(
    [
        _required("source", pa.string()),  # the file
        _required("line", pa.int64()),  # 1-based line (or row) number in it
        _required("reason", pa.string()),  # one of a small closed set, so that it can be counted
        _required("detail", pa.string()),  # what was got and what was wanted
        _required("raw", pa.string()),  # the raw row
    ]
)

RESOLVED: Final = pa.schema(  # spellings of attribute values that became another one
    [
        _required("kind", pa.string()),
        _required("value", pa.string()),
        _required("merged_into", pa.string()),
        _required(
            "rule", pa.string()
        ),  # case, punctuation, accents, company; merge: named in the config
        _required("items", pa.int64()),  # items that had this spelling
    ]
)

TOPIC_DRIFT: Final = pa.schema(  # topics beside those of an earlier run
    [
        _required("change", pa.string()),  # kept, born, split; of the earlier: merged, died
        _required("topic_id", pa.string()),
        _required("label", pa.string()),
        pa.field("other_id", pa.string()),  # kept or split from, merged into, or the nearest
        pa.field("other_label", pa.string()),
        pa.field("distance", pa.float64()),  # to that one: 0 equal words … 1 no common word
    ]
)

REVIEW_FACTS: Final = pa.schema(
    [
        _required("review_id", pa.string()),
        _required("language", pa.string()),  # ISO 639-1, or "und"
        pa.field("sentiment", pa.float64()),  # -1 … 1; null where no extractor knows the language
        _required("tokens", pa.int64()),
        pa.field("verdict", pa.bool_()),  # the like or dislike that told the sentiment of mentions
        _required("extractor", pa.string()),  # name/version
    ]
)

ENTITIES: Final = pa.schema(
    [
        _required("entity_id", pa.string()),
        _required("name", pa.string()),
        _required("kind", pa.string()),  # spaCy label, or the gazetteer's kind (Item, Brand, …)
        pa.field(
            "refers_to", pa.string()
        ),  # itemId or attributeId that a gazetteer name stands for
    ]
)

ASPECTS: Final = pa.schema(
    [
        _required("aspect_id", pa.string()),  # the folded lemma
        _required("name", pa.string()),  # the commonest surface form
        _required("score", pa.float64()),
        _required("extractor", pa.string()),
    ]
)

MENTIONS: Final = pa.schema(  # one row per review and target
    [
        _required("review_id", pa.string()),
        _required("target_kind", pa.string()),  # Entity or Aspect
        _required("target_id", pa.string()),
        _required("count", pa.int64()),
        pa.field("sentiment", pa.float64()),  # mean over the mentions, each in its clause
        _required("starts", pa.list_(pa.int32())),  # character offsets into the review's text
        _required("ends", pa.list_(pa.int32())),
        _required("extractor", pa.string()),
    ]
)

TOPICS: Final = pa.schema(
    [
        _required("topic_id", pa.string()),
        _required("label", pa.string()),
        _required("words", pa.list_(pa.string())),
        _required("word_weights", pa.list_(pa.float64())),
        pa.field("coherence", pa.float64()),  # c_npmi
        pa.field("distinctness", pa.float64()),  # share of its top words in no other topic's
        _required("weak", pa.bool_()),  # texts too short for topics to be trusted
        _required("model_version", pa.string()),
    ]
)

REVIEW_TOPICS: Final = pa.schema(
    [
        _required("review_id", pa.string()),
        _required("topic_id", pa.string()),
        _required("weight", pa.float64()),
        _required("extractor", pa.string()),
    ]
)

FACT_TABLES: Final[dict[str, pa.Schema]] = {
    "review_facts": REVIEW_FACTS,
    "entities": ENTITIES,
    "aspects": ASPECTS,
    "mentions": MENTIONS,
    "topics": TOPICS,
    "review_topics": REVIEW_TOPICS,
}
