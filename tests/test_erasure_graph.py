"""People and reviews out of the graph: what is left equals a load that never knew them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from graph_world import Graph, graph_of, write_staging

from etl import erasure
from etl.derive import derive
from etl.erasure import GraphErasure, erase, plan
from etl.load import load_staging
from kg.forgotten import Forgotten
from kg.runs import begin_run, finish_run
from kg.store import Store

Tables = dict[str, list[dict[str, object]]]
_FLOAT = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
MAY = datetime(2024, 5, 1, tzinfo=UTC)
WROTE = {  # review: who, about what, of which aspects (with sentiment) and entities
    "r1": ("ines", "tent", {"zip": 0.5, "pegs": -0.5}, ["GPE:norway"]),
    "r2": ("ines", "stove", {"flame": 0.9}, []),
    "r3": ("olaf", "tent", {"zip": -0.2}, ["GPE:norway"]),
    "r4": ("olaf", "stove", {"zip": 0.1, "flame": 0.4}, []),
    "r5": ("mia", "rope", {"knot": 0.3, "zip": 0.2}, ["PERSON:ruth"]),
    "r6": ("mia", "stove", {"flame": -0.7}, ["PERSON:ruth"]),
}
MIA = Forgotten(frozenset({"mia"}), frozenset({"r5", "r6"}), frozenset())


def camp(*without: str) -> Tables:
    """A shop for campers, without some reviews or some people with all they did."""
    wrote = {key: row for key, row in WROTE.items() if key not in without and row[0] not in without}
    people = [user for user in ("ines", "olaf", "mia") if user not in without]
    mentions = [
        {
            "review_id": key,
            "target_kind": kind,
            "target_id": target,
            "count": 1,
            "sentiment": sentiment,
            "starts": [0],
            "ends": [3],
            "extractor": "x/1",
        }
        for key, (_, _, aspects, entities) in wrote.items()
        for kind, target, sentiment in (
            *(("Aspect", aspect, felt) for aspect, felt in aspects.items()),
            *(("Entity", entity, None) for entity in entities),
        )
    ]
    return {
        "users": [{"user_id": user, "source": "people"} for user in people],
        "items": [
            {"item_id": item, "title": item, "source": "catalogue"}
            for item in ("tent", "stove", "rope")
        ],
        "attributes": [
            {"item_id": "rope", "kind": "Brand", "value": "Edel", "source": "catalogue"}
        ],
        "interactions": [
            {
                "user_id": user,
                "item_id": item,
                "behaviour": "RATED",
                "positive": True,
                "count": 1,
                "at": MAY,
                "source": "shop",
            }
            for user, item in (("ines", "rope"), ("mia", "rope"), ("olaf", "tent"))
            if user in people
        ],
        "relations": [
            {
                "type": "FOLLOWS",
                "start_kind": "User",
                "start_id": "ines",
                "end_kind": "User",
                "end_id": "mia",
                "source": "people",
            }
        ]
        if "mia" in people
        else [],
        "reviews": [
            {
                "review_id": key,
                "user_id": user,
                "item_id": item,
                "text": f"{user} about the {item}",
                "written_at": MAY + timedelta(days=int(key[1:])),
                "content_hash": key,
                "source": "shop",
            }
            for key, (user, item, _, _) in wrote.items()
        ],
        "review_facts": [
            {"review_id": key, "language": "en", "sentiment": 0.1, "tokens": 4, "extractor": "x/1"}
            for key in wrote
        ],
        "entities": [
            {"entity_id": f"{kind}:{name}", "name": name.title(), "kind": kind}
            for kind, name in (("GPE", "norway"), ("PERSON", "ruth"))
        ],
        "aspects": [
            {"aspect_id": name, "name": name, "score": 0.5, "extractor": "x/1"}
            for name in ("zip", "pegs", "flame", "knot")
        ],
        "mentions": mentions,
        "topics": [
            {
                "topic_id": "t-1",
                "label": "zip, flame",
                "words": ["zip", "flame"],
                "word_weights": [0.6, 0.4],
                "weak": True,
                "model_version": "lda/1",
            }
        ],
        "review_topics": [
            {
                "review_id": key,
                "topic_id": "t-1",
                "weight": int(key[1:]) / 10,
                "extractor": "lda/1",
            }
            for key in wrote
        ],
    }


def state(store: Store) -> Graph:
    """The graph's values; the last digits of means are not told, which go by the order of rows."""
    return cast(
        Graph,
        tuple(
            {key: _FLOAT.sub(_short, value) for key, value in part.items()}
            for part in graph_of(store)
        ),
    )


def _short(number: re.Match[str]) -> str:
    return f"{float(number[0]):.12g}"


def load(store: Store, folder: Path, tables: Tables, half_life: float | None = None) -> None:
    config = {"interests": {"half_life_days": half_life}}
    begin_run(store, "EtlRun", "run-1", now=MAY, config=config, code_version="1")
    load_staging(store, write_staging(folder, tables), run_id="run-1", dataset="camp")
    derive(store, run_id="run-1", half_life_days=half_life)
    finish_run(store, "EtlRun", "run-1", now=MAY, counts={}, timings={})


def forget(store: Store, who: Forgotten) -> GraphErasure:
    return erase(store, who, plan(store, who))


@pytest.mark.parametrize("half_life", [None, 30.0])
def test_without_a_person_the_graph_is_as_if_they_had_never_been(
    store: Store, tmp_path: Path, half_life: float | None
) -> None:
    load(store, tmp_path / "without", camp("mia"), half_life)
    never = state(store)
    store.clear()
    load(store, tmp_path / "with", camp(), half_life)
    assert state(store) != never
    done = forget(store, MIA)
    assert state(store) == never
    assert done.removed["reviews"] == 2
    assert done.removed["users"] == 1
    assert done.removed["things nobody else speaks of"] == 2, "knot and Ruth"
    assert forget(store, MIA).removed == {}, "there is nothing left to remove"
    assert state(store) == never


def test_without_a_review_its_writer_stays(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path / "without", camp("r4"))
    never = state(store)
    store.clear()
    load(store, tmp_path / "with", camp())
    done = forget(store, Forgotten(frozenset(), frozenset({"r4"}), frozenset()))
    assert state(store) == never
    assert done.removed == {"reviews": 1}


def test_only_what_is_other_is_derived_again(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, camp())
    done = forget(store, Forgotten(frozenset(), frozenset({"r2"}), frozenset()))
    assert done.derived == {"DESCRIBED_BY": 2, "INTERESTED_IN": 2}, "the flame, and the topic"


def test_reasons_and_alerts_go_with_what_they_name(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, camp())
    store.run_text(
        "MATCH (u:User {userId: 'olaf'}), (i:Item {itemId: 'rope'}) CREATE (u)-[:RECOMMENDED "
        "{rank: 1, runId: 'm', reasons: ['user|0.5|mia', 'item|0.3|tent', 'aspect|0.1|knot']}]->(i)"
    )
    store.run_text(
        "MATCH (i:Item) WHERE i.itemId IN ['rope', 'tent'] "
        "CREATE (:Alert {alertId: 'a-' + i.itemId, scope: 'item', "
        "startsAt: datetime('2024-05-01T00:00Z'), endsAt: datetime('2024-06-01T00:00Z')})"
        "-[:RAISED_IN]->(i)"
    )
    done = forget(store, MIA)
    assert done.removed["reasons"] == 1
    assert store.run_text("MATCH ()-[r:RECOMMENDED]->() RETURN r.reasons AS reasons") == [
        {"reasons": ["item|0.3|tent"]}
    ]
    assert done.removed["alerts"] == 1
    assert store.run_text("MATCH (a:Alert) RETURN a.alertId AS alert") == [{"alert": "a-tent"}]


@pytest.mark.parametrize("killed_in", ["_count", "derive"])
def test_one_who_was_interrupted_goes_on_by_the_first_plan(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed_in: str
) -> None:
    load(store, tmp_path / "without", camp("mia"))
    never = state(store)
    store.clear()
    load(store, tmp_path / "with", camp())
    first = plan(store, MIA)

    def die(store: Store, query: object = None, *rest: object, **keys: list[str]) -> int:
        if query in ("write/erase_alerts", "write/erase_reviews"):
            return len(store.write(str(query), None, **keys))
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(erasure, killed_in, die)
        with pytest.raises(KeyboardInterrupt):
            erase(store, MIA, first)
    assert state(store) != never
    erase(store, MIA, plan(store, MIA).after(first))
    assert state(store) == never
