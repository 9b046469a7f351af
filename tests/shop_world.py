"""A shop of two lamps and a kettle, with three reviews; and the shop a month later."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from graph_world import write_staging

from etl.derive import derive
from etl.load import LoadReport, load_staging
from kg.runs import begin_run
from kg.store import Store

Tables = dict[str, list[dict[str, object]]]
MAY = datetime(2024, 5, 1, 12, 30, tzinfo=UTC)
JUNE = datetime(2024, 6, 1, tzinfo=UTC)


def shop() -> Tables:
    """What two sources said and what extraction found in it."""
    return {
        "users": [{"user_id": "ada", "traits": [("town", "Leeds")], "source": "people"}],
        "items": [
            {"item_id": "lamp-1", "title": "Reading lamp", "price": 30.0, "source": "catalogue"},
            {"item_id": "kettle", "title": "Kettle", "released_at": MAY, "source": "catalogue"},
        ],
        "attributes": [
            {"item_id": i, "kind": "Brand", "value": v, "source": "catalogue"}
            for i, v in (
                ("lamp-1", "Lumo"),
                ("lamp-2", "LUMO "),
                ("lamp-2", "Lumo"),
                ("kettle", "Hob"),
            )
        ],
        "interactions": [
            did("ada", "lamp-1", "RATED", rating=5.0, positive=True, count=1, at=MAY),
            did("ada", "kettle", "RATED", rating=1.0, positive=False, count=1, at=JUNE),
            did("ben", "lamp-1", "RATED", rating=4.0, positive=True, count=1),
            did("ben", "lamp-2", "VIEWED", count=3, dwell_seconds=12.5),
        ],
        "relations": [
            {
                "type": "FOLLOWS",
                "start_kind": "User",
                "start_id": "ben",
                "end_kind": "User",
                "end_id": "cy",
                "source": "people",
            }
        ],
        "reviews": [
            wrote("r1", "ada", "lamp-1", "A warm light, and a sturdy arm.", MAY),
            wrote("r2", "ada", "kettle", "Slow, and the light flickers.", JUNE),
            wrote("r3", "ben", "lamp-1", "Good light.", None),
        ],
        "triples": [
            {"head": "kg:lumo", "predicate": "made in", "tail": "kg:leeds", "source": "kg"},
            {"head": "kg:lumo", "predicate": "named after", "tail": "kg:leeds", "source": "kg"},
        ],
        "links": [{"item_id": "lamp-1", "entity": "kg:lumo", "source": "kg"}],
        "review_facts": [
            fact("r1", 0.8),
            fact("r2", -0.6),
            fact("r3", 0.4),
        ],
        "entities": [
            {"entity_id": "Brand:lumo", "name": "Lumo", "kind": "Brand", "refers_to": "Brand:lumo"},
            {"entity_id": "GPE:nowhere", "name": "Nowhere", "kind": "GPE"},
        ],
        "aspects": [
            {"aspect_id": "light", "name": "light", "score": 0.9, "extractor": "x/1"},
            {"aspect_id": "arm", "name": "arm", "score": 0.7, "extractor": "x/1"},
        ],
        "mentions": [
            mention("r1", "Aspect", "light", 0.8, 7, 12),
            mention("r1", "Aspect", "arm", 0.4, 27, 30),
            mention("r2", "Aspect", "light", -0.6, 14, 19),
            mention("r3", "Aspect", "light", 0.4, 5, 10),
            mention("r3", "Entity", "Brand:lumo", None, 0, 4),
        ],
        "topics": [
            {
                "topic_id": "t-home",
                "label": "light, arm",
                "words": ["light", "arm"],
                "word_weights": [0.6, 0.4],
                "weak": True,
                "model_version": "lda/1",
            }
        ],
        "review_topics": [
            {"review_id": "r1", "topic_id": "t-home", "weight": 0.9, "extractor": "lda/1"},
            {"review_id": "r2", "topic_id": "t-home", "weight": 0.3, "extractor": "lda/1"},
        ],
    }


def did(user: str, item: str, behaviour: str, **more: object) -> dict[str, object]:
    return {"user_id": user, "item_id": item, "behaviour": behaviour, "source": "shop", **more}


def wrote(key: str, user: str, item: str, text: str, at: datetime | None) -> dict[str, object]:
    return {
        "review_id": key,
        "user_id": user,
        "item_id": item,
        "text": text,
        "written_at": at,
        "content_hash": f"hash of {text}",
        "source": "shop",
    }


def fact(review: str, sentiment: float) -> dict[str, object]:
    return {
        "review_id": review,
        "language": "en",
        "sentiment": sentiment,
        "tokens": 5,
        "extractor": "x/1",
    }


def mention(
    review: str, kind: str, target: str, sentiment: float | None, start: int, end: int
) -> dict[str, object]:
    return {
        "review_id": review,
        "target_kind": kind,
        "target_id": target,
        "count": 1,
        "sentiment": sentiment,
        "starts": [start],
        "ends": [end],
        "extractor": "x/1",
    }


def smaller_shop() -> Tables:
    """The shop a month later: the kettle is gone, and people, sources and extraction say less."""
    tables = shop()
    tables["users"] = [{"user_id": "ada", "traits": [("street", "Mill Lane")], "source": "people"}]
    tables["items"] = [{"item_id": "lamp-1", "title": "Lamp", "source": "catalogue"}]
    tables["attributes"] = tables["attributes"][:1]
    tables["interactions"] = [
        did("ada", "lamp-1", "RATED", rating=2.0, positive=False, count=2),
        did("ben", "lamp-2", "VIEWED", count=4),
    ]
    tables["relations"] = []
    tables["reviews"] = [wrote("r1", "ben", "lamp-2", "An arm.", None), tables["reviews"][2]]
    tables["triples"] = tables["triples"][:1]
    tables["links"] = []
    tables["review_facts"] = [fact("r1", 0.1), fact("r3", 0.4)]
    tables["mentions"] = [
        mention("r1", "Aspect", "arm", 0.1, 3, 6),
        mention("r3", "Entity", "Brand:lumo", None, 0, 4),
    ]
    tables["topics"], tables["review_topics"] = [], []
    return tables


def load_shop(store: Store, folder: Path, tables: Tables, run_id: str = "run-1") -> LoadReport:
    begin_run(store, "EtlRun", run_id, now=JUNE, config={}, code_version="1")
    report = load_staging(
        store, write_staging(folder / run_id, tables), run_id=run_id, dataset="shop"
    )
    derive(store, run_id=run_id)
    return report
