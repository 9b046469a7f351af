"""The graph's schema as data: labels, keys, relationship types, properties and their meaning.

`kgrec schema`, the docs page and the constraints of the first migration are checked against this
file. What a configuration may add, labels and relationship types, passes through `kg.identifiers`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

PropertyType = Literal[
    "STRING",
    "INTEGER",
    "FLOAT",
    "BOOLEAN",
    "ZONED DATETIME",
    "LIST<STRING>",
    "LIST<INTEGER>",
    "LIST<FLOAT>",
]


@dataclass(frozen=True)
class Property:
    """One property of a node or relationship. `type` is Cypher's name of it."""

    name: str
    type: PropertyType
    meaning: str


@dataclass(frozen=True)
class NodeType:
    """A label, the business key that is unique for it, and what its nodes hold.

    `open`: a source may add properties of its own (a user's traits, an item's further fields).
    """

    label: str
    key: str
    meaning: str
    properties: tuple[Property, ...]
    open: bool = False


@dataclass(frozen=True)
class RelationshipType:
    """A relationship type between labels.

    `keys`: the properties that tell two relationships between the same nodes apart (mostly none).
    `evidence`: written by the ETL and read by the snapshot, so messages pass along it and
    publishing leaves attention on it; aggregates and results are not evidence.
    """

    type: str
    start: tuple[str, ...]
    end: tuple[str, ...]
    meaning: str
    properties: tuple[Property, ...] = ()
    keys: tuple[str, ...] = ()
    evidence: bool = False


_RUN = Property("runId", "STRING", "the run that last wrote it")
_SOURCE = Property("source", "STRING", "the source it was read from")
_EXTRACTOR = Property("extractor", "STRING", "name/version of the extractor")
_EMBEDDING = Property("embedding", "LIST<FLOAT>", "vector of the published model, if asked for")
_WEIGHT = Property("weight", "FLOAT", "strength, 0 … 1")
_SENTIMENT = Property("sentiment", "FLOAT", "mean sentiment, -1 … 1")
_SUPPORT = Property("support", "INTEGER", "reviews or interactions that it rests on")
_ITEM_COUNT = Property("itemCount", "INTEGER", "items that have it, or whose reviews speak of it")
_REVIEW_COUNT = Property("reviewCount", "INTEGER", "reviews that speak of it")
_ATTENTION = (
    Property("attention", "FLOAT", "mean attention over heads and layers, start to end"),
    Property("attentionBack", "FLOAT", "mean attention over heads and layers, end to start"),
)

NODE_TYPES: Final[tuple[NodeType, ...]] = (
    NodeType(
        "User",
        "userId",
        "someone who writes and does things",
        (
            Property("userId", "STRING", "business key"),
            Property("itemCount", "INTEGER", "items that the user did something with"),
            Property("likedCount", "INTEGER", "items that the user likes"),
            Property("listAt", "ZONED DATETIME", "`at` of the list that its readers see"),
            _EMBEDDING,
            _SOURCE,
            _RUN,
        ),
        open=True,
    ),
    NodeType(
        "Item",
        "itemId",
        "a thing that can be recommended",
        (
            Property("itemId", "STRING", "business key"),
            Property("title", "STRING", "name for people"),
            Property("description", "STRING", "text of the catalogue"),
            Property("price", "FLOAT", "price in the source's currency"),
            Property("releasedAt", "ZONED DATETIME", "date of release"),
            Property("userCount", "INTEGER", "people who did something with it"),
            Property("likedCount", "INTEGER", "people who like it"),
            Property("textVector", "LIST<FLOAT>", "what is written about it, to be searched by"),
            _EMBEDDING,
            _SOURCE,
            _RUN,
        ),
        open=True,
    ),
    NodeType(
        "Review",
        "reviewId",
        "a text that a user wrote about an item",
        (
            Property("reviewId", "STRING", "business key, or a hash of content and keys"),
            Property("title", "STRING", "headline"),
            Property("text", "STRING", "the text as it came"),
            Property("rating", "FLOAT", "stars given with it"),
            Property("positive", "BOOLEAN", "liked or disliked; absent where the source is silent"),
            Property("writtenAt", "ZONED DATETIME", "when it was written"),
            Property("contentHash", "STRING", "hash of the text, to see changes"),
            Property("language", "STRING", "ISO 639-1 code, or und"),
            Property("sentiment", "FLOAT", "sentiment of the whole text, -1 … 1"),
            Property("tokens", "INTEGER", "length of the text"),
            _EXTRACTOR,
            _SOURCE,
            _RUN,
        ),
    ),
    NodeType(
        "Attribute",
        "attributeId",
        "a value that items share; carries its kind as a second label (:Brand, :Genre …)",
        (
            Property("attributeId", "STRING", "kind and normalised value"),
            Property("name", "STRING", "the value as people write it"),
            Property("kind", "STRING", "the second label"),
            Property("uri", "STRING", "the same thing elsewhere"),
            _ITEM_COUNT,
            _SOURCE,
            _RUN,
        ),
    ),
    NodeType(
        "Entity",
        "entityId",
        "a named thing that reviews mention or outside knowledge holds",
        (
            Property("entityId", "STRING", "business key"),
            Property("name", "STRING", "its name"),
            Property("kind", "STRING", "spaCy label, or the gazetteer's kind (Item, Brand …)"),
            _ITEM_COUNT,
            _REVIEW_COUNT,
            _SOURCE,
            _EXTRACTOR,
            _RUN,
        ),
    ),
    NodeType(
        "Aspect",
        "aspectId",
        "something people talk about (battery, plot)",
        (
            Property("aspectId", "STRING", "the folded lemma"),
            Property("name", "STRING", "the commonest form"),
            Property("score", "FLOAT", "how likely it is a real aspect"),
            _ITEM_COUNT,
            _REVIEW_COUNT,
            _EXTRACTOR,
            _RUN,
        ),
    ),
    NodeType(
        "Topic",
        "topicId",
        "a topic of the reviews, found by LDA",
        (
            Property("topicId", "STRING", "business key, stable across refits"),
            Property("label", "STRING", "its first words"),
            Property("words", "LIST<STRING>", "top words, heaviest first"),
            Property("wordWeights", "LIST<FLOAT>", "their weights"),
            Property("coherence", "FLOAT", "c_npmi of the top words"),
            Property("distinctness", "FLOAT", "share of its top words in no other topic's"),
            Property("weak", "BOOLEAN", "texts were too short for topics to be trusted"),
            Property("modelVersion", "STRING", "the topic model it belongs to"),
            _ITEM_COUNT,
            _REVIEW_COUNT,
            _RUN,
        ),
    ),
    NodeType(
        "Alert",
        "alertId",
        "a bucket of time that holds more or less, better or worse than those before it foretold",
        (
            Property("alertId", "STRING", "hash of method, scope, place, thing, kind and bucket"),
            Property("method", "STRING", "name/version of the test"),
            Property("scope", "STRING", "where was looked: catalogue, item or attribute:Kind"),
            Property("thing", "STRING", "Aspect or Topic; absent: the place's reviews themselves"),
            Property("kind", "STRING", "volume, share or sentiment"),
            Property("direction", "STRING", "up or down"),
            Property("every", "STRING", "the bucket's size: day, week, month, quarter or year"),
            Property("startsAt", "ZONED DATETIME", "when the bucket begins"),
            Property("endsAt", "ZONED DATETIME", "when the next one begins"),
            Property("observed", "FLOAT", "reviews; for sentiment, those that praise"),
            Property("expected", "FLOAT", "what the buckets before foretold"),
            Property("lower", "FLOAT", "a quiet bucket has fewer in 2.5 % of cases"),
            Property("upper", "FLOAT", "a quiet bucket has more in 2.5 % of cases"),
            Property("exposure", "INTEGER", "of how many reviews, or opinions; absent for volume"),
            Property("pValue", "FLOAT", "chance of a quiet bucket to be as far off, either way"),
            Property("qValue", "FLOAT", "false discovery rate of its run at which it still holds"),
            Property("sentence", "STRING", "the same in plain words"),
            _RUN,
        ),
    ),
    NodeType(
        "Segment",
        "segmentId",
        "people who care for the same things; `kgrec segments` makes them",
        (
            Property("segmentId", "STRING", "business key; segment-1 is the largest"),
            Property("name", "STRING", "the first three of its traits"),
            Property("size", "INTEGER", "people in it"),
            Property("method", "STRING", "name/version of the grouping"),
            Property("stability", "FLOAT", "how far segments from other starts agree, at most 1"),
            _RUN,
        ),
    ),
)

_RUN_PROPERTIES: Final = (
    Property("runId", "STRING", "business key"),
    Property("status", "STRING", "running, done or failed"),
    Property("startedAt", "ZONED DATETIME", "when it began"),
    Property("finishedAt", "ZONED DATETIME", "when it ended"),
    Property("config", "STRING", "JSON of its configuration"),
    Property("counts", "STRING", "JSON of what it wrote"),
    Property("timings", "STRING", "JSON of seconds per stage"),
    Property("codeVersion", "STRING", "version of the program, with a hash of its code"),
    Property("dataHash", "STRING", "hash of the tables it loaded, or the snapshot it learned from"),
    Property("artefacts", "STRING", "JSON of files in the run's folder, with their SHA-256"),
    Property("error", "STRING", "why it failed"),
)

BOOKKEEPING: Final[tuple[NodeType, ...]] = (
    NodeType("EtlRun", "runId", "one run of extraction and loading", _RUN_PROPERTIES),
    NodeType(
        "ModelRun",
        "runId",
        "one run of training and publishing",
        (
            *_RUN_PROPERTIES,
            Property("metrics", "STRING", "JSON of the evaluation on held-out data"),
            Property("etlRunId", "STRING", "the :EtlRun whose facts it learned from"),
            Property("publishedAt", "ZONED DATETIME", "when its results were last published"),
            Property("publishedBy", "STRING", "who published them, as the system names them"),
            Property("forcedBy", "STRING", "who published them against the gate's word"),
            Property("replaced", "STRING", "the run that was published before; for a rollback"),
            Property("retiredAt", "ZONED DATETIME", "since when another run is published instead"),
            Property("listsThere", "BOOLEAN", "whether its lists are in the graph, read or not"),
        ),
    ),
    NodeType(
        "Checkpoint",
        "checkpointId",
        "how far a stage of a run has loaded its rows",
        (
            Property("checkpointId", "STRING", "run and stage"),
            Property("stage", "STRING", "the stage"),
            Property("rows", "INTEGER", "rows committed so far, in the order of their key"),
            Property("contentHash", "STRING", "hash of the stage's rows; another one starts over"),
        ),
    ),
    NodeType(
        "Dataset",
        "datasetId",
        "the data set that this graph belongs to; there is one",
        (
            Property("datasetId", "STRING", "always the same, so that a second cannot be made"),
            Property("name", "STRING", "the configuration's name"),
        ),
    ),
    NodeType(
        "Migration",
        "version",
        "a migration that was applied to this graph",
        (
            Property("version", "STRING", "V001, V002 …"),
            Property("name", "STRING", "the file's name"),
            Property("checksum", "STRING", "SHA-256 of the file"),
            Property("appliedAt", "ZONED DATETIME", "when it was applied"),
        ),
    ),
    NodeType(
        "MigrationLock",
        "lockId",
        "held by the process that migrates",
        (
            Property("lockId", "STRING", "always the same, so that there is one lock"),
            Property("owner", "STRING", "who holds it; absent when free"),
            Property("askedAt", "INTEGER", "epoch milliseconds when somebody last asked for it"),
            Property("until", "INTEGER", "epoch milliseconds after which another may take it"),
        ),
    ),
    NodeType(
        "Lease",
        "leaseId",
        "held by the process that writes, on a server of your own; absent when nobody does",
        (
            Property("leaseId", "STRING", "always the same, so that there is one lease"),
            Property("owner", "STRING", "a random key of who holds it"),
            Property("host", "STRING", "name of the machine"),
            Property("machine", "STRING", "its boot, container and user, on Linux"),
            Property("pid", "INTEGER", "the process"),
            Property("born", "INTEGER", "ticks of that machine when the process began"),
            Property("startedAt", "ZONED DATETIME", "when it took it"),
            Property("askedAt", "INTEGER", "epoch milliseconds when somebody last asked for it"),
            Property("until", "INTEGER", "epoch milliseconds after which another may take it"),
        ),
    ),
)

OF_THE_DATABASE: Final = frozenset({"Migration", "MigrationLock", "Lease"})
"""Labels of what belongs to a database, not to what it holds."""

NODES: Final[dict[str, NodeType]] = {node.label: node for node in (*NODE_TYPES, *BOOKKEEPING)}
"""Every node type by its label."""

OWN_PROPERTIES: Final[dict[str, frozenset[str]]] = {
    node.label: frozenset(each.name for each in node.properties) for node in NODE_TYPES if node.open
}
"""What the program itself writes on nodes that a source may add to: no source may name these."""

BEHAVIOURS: Final[dict[str, str]] = {
    "RATED": "gave stars or a grade",
    "REVIEWED": "wrote about it",
    "RECOMMENDS": "recommends it, or not",
    "LIKED": "said to like it, or not",
    "PURCHASED": "bought it",
    "OWNS": "has it",
    "VIEWED": "looked at its page",
    "CLICKED": "clicked on it",
    "ADDED_TO_CART": "put it into the basket",
    "SAVED": "kept it for later",
    "SHARED": "passed it on",
    "WATCHED": "watched it",
    "READ": "read it",
    "LISTENED": "listened to it",
    "PLAYED": "played it",
    "COMPLETED": "went through to its end",
}

_BEHAVIOUR_PROPERTIES: Final = (
    Property("weight", "FLOAT", "strength of the signal"),
    Property("rating", "FLOAT", "stars or grade of the latest one"),
    Property("positive", "BOOLEAN", "liked or disliked; absent: the act is the signal"),
    Property("count", "INTEGER", "how often"),
    Property("dwellSeconds", "FLOAT", "time spent"),
    Property("at", "ZONED DATETIME", "when last"),
    *_ATTENTION,
    _SOURCE,
    _RUN,
)

RELATIONS: Final[dict[str, tuple[str, str, str]]] = {
    "FOLLOWS": ("User", "User", "reads what the other does"),
    "ALSO_VIEWED": ("Item", "Item", "buyers of the first also viewed the second"),
    "ALSO_BOUGHT": ("Item", "Item", "buyers of the first also bought the second"),
    "BOUGHT_TOGETHER": ("Item", "Item", "often bought in one order"),
}


def _behaviour_type(name: str) -> RelationshipType:
    meaning = BEHAVIOURS[name]
    return RelationshipType(
        name, ("User",), ("Item",), meaning, _BEHAVIOUR_PROPERTIES, evidence=True
    )


def _relation_type(name: str) -> RelationshipType:
    start, end, meaning = RELATIONS[name]
    return RelationshipType(
        name, (start,), (end,), meaning, (*_ATTENTION, _SOURCE, _RUN), evidence=True
    )


_STRUCTURE: Final[tuple[RelationshipType, ...]] = (
    RelationshipType(
        "WROTE", ("User",), ("Review",), "wrote the review", (*_ATTENTION, _RUN), evidence=True
    ),
    RelationshipType(
        "ABOUT", ("Review",), ("Item",), "is about the item", (*_ATTENTION, _RUN), evidence=True
    ),
    RelationshipType(
        "MENTIONS",
        ("Review",),
        ("Entity", "Aspect"),
        "speaks of it",
        (
            Property("count", "INTEGER", "mentions in the text"),
            Property("sentiment", "FLOAT", "mean over the clauses that hold a mention, -1 … 1"),
            Property("starts", "LIST<INTEGER>", "character offsets where mentions begin"),
            Property("ends", "LIST<INTEGER>", "character offsets where mentions end"),
            _EXTRACTOR,
            *_ATTENTION,
            _RUN,
        ),
        evidence=True,
    ),
    RelationshipType(
        "HAS_TOPIC",
        ("Review",),
        ("Topic",),
        "is about the topic",
        (
            Property("weight", "FLOAT", "share of the text, 0 … 1"),
            _EXTRACTOR,
            *_ATTENTION,
            _RUN,
        ),
        evidence=True,
    ),
    RelationshipType(
        "HAS_ATTRIBUTE",
        ("Item",),
        ("Attribute",),
        "has the attribute",
        (*_ATTENTION, _SOURCE, _RUN),
        evidence=True,
    ),
    RelationshipType(
        "SAME_AS",
        ("Item", "Attribute"),
        ("Entity",),
        "the entity stands for it",
        (
            Property("confidence", "FLOAT", "how sure that is, 0 … 1, where the source says so"),
            *_ATTENTION,
            _SOURCE,
            _RUN,
        ),
        evidence=True,
    ),
    RelationshipType(
        "RELATES_TO",
        ("Entity",),
        ("Entity",),
        "outside knowledge: a triple",
        (Property("predicate", "STRING", "the triple's predicate"), *_ATTENTION, _SOURCE, _RUN),
        keys=("predicate",),
        evidence=True,
    ),
)

_DERIVED: Final[tuple[RelationshipType, ...]] = (
    RelationshipType(
        "INTERESTED_IN",
        ("User",),
        ("Topic", "Aspect", "Entity", "Attribute"),
        "what the user's words and deeds show interest in",
        (
            _WEIGHT,
            _SENTIMENT,
            _SUPPORT,
            Property("firstAt", "ZONED DATETIME", "when its first evidence was written or done"),
            Property("lastAt", "ZONED DATETIME", "when its last evidence was written or done"),
            *_ATTENTION,
            _RUN,
        ),
    ),
    RelationshipType(
        "DESCRIBED_BY",
        ("Item",),
        ("Topic", "Aspect", "Entity"),
        "what reviews say the item is about",
        (_WEIGHT, _SENTIMENT, _SUPPORT, *_ATTENTION, _RUN),
    ),
    RelationshipType(
        "SIMILAR_TO",
        ("Item",),
        ("Item",),
        "near in the model's space",
        (
            Property("score", "FLOAT", "cosine of the two vectors"),
            Property("rank", "INTEGER", "1 is nearest"),
            _RUN,
        ),
    ),
    RelationshipType(
        "RECOMMENDED",
        ("User",),
        ("Item",),
        "published recommendation; of the user's list are those whose `at` is the user's `listAt`",
        (
            Property("score", "FLOAT", "the model's score; the :ModelRun says what it means"),
            Property("probability", "FLOAT", "calibrated chance that it is among held-out likes"),
            Property(
                "rating", "FLOAT", "what the user would rate it, if the model predicts ratings"
            ),
            Property(
                "rank", "INTEGER", "place on the list from 1; the :ModelRun says what it follows"
            ),
            Property("reasons", "LIST<STRING>", "kind|weight|key; recommend/why replays them"),
            Property("coldStart", "BOOLEAN", "the model knew little about the user"),
            Property("at", "ZONED DATETIME", "when it was published; of the user's list: `listAt`"),
            _RUN,
        ),
    ),
    RelationshipType("RAISED_ON", ("Alert",), ("Aspect", "Topic"), "what the alert is about"),
    RelationshipType("RAISED_IN", ("Alert",), ("Item", "Attribute"), "where it was raised"),
    RelationshipType(
        "SHOWN_BY",
        ("Alert",),
        ("Review",),
        "a review of the bucket that shows it",
        (Property("rank", "INTEGER", "1 is the strongest"),),
    ),
    RelationshipType(
        "IN_SEGMENT",
        ("User",),
        ("Segment",),
        "cares for what the segment's people care for",
        (Property("fit", "FLOAT", "cosine to the segment's centre"),),
    ),
    RelationshipType(
        "KNOWN_FOR",
        ("Segment",),
        ("Topic", "Aspect", "Entity", "Attribute"),
        "its people care for it more than others do",
        (
            Property("rank", "INTEGER", "1 is the surest"),
            Property("people", "INTEGER", "of the segment, who have it among strongest interests"),
            Property("share", "FLOAT", "of the segment's people, 0 … 1"),
            Property("lift", "FLOAT", "how many times the share among people of all segments"),
            Property("low", "FLOAT", "lower end, 95 %, of its share over that of other segments"),
        ),
    ),
    RelationshipType("HAS_CHECKPOINT", ("EtlRun",), ("Checkpoint",), "a stage of this run"),
)

RESERVED_TYPES: Final[frozenset[str]] = frozenset(
    relationship.type for relationship in (*_STRUCTURE, *_DERIVED)
)
"""Relationship types that no configuration may declare anew."""

ATTRIBUTE_KINDS: Final[tuple[str, ...]] = (
    "Brand",
    "Genre",
    "Category",
    "Person",
    "Author",
    "Director",
    "Actor",
    "Artist",
    "Writer",
    "Studio",
    "Publisher",
    "Developer",
    "Tag",
    "Language",
    "Country",
    "Format",
    "Platform",
    "Series",
    "Feature",
    "Specification",
    "Material",
    "Colour",
    "Size",
    "Place",
    "Period",
    "Rating",
    "Occupation",
)
"""Kinds that need no declaration."""

RELATIONSHIP_TYPES: Final[tuple[RelationshipType, ...]] = (
    *(_behaviour_type(name) for name in BEHAVIOURS),
    *(_relation_type(name) for name in RELATIONS),
    *_STRUCTURE,
    *_DERIVED,
)
