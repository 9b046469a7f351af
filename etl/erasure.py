"""A person or a review out of the graph, and what rested on them derived again.

What is other without them is derived again: of the items that they reviewed, of what they spoke of
and of all who share a thing whose rarity changed; where interests fade, of everybody. The result
is what a load without them gives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from pydantic import BaseModel, ConfigDict

from etl.aggregates import PROPERTIES
from etl.derive import derive
from kg.forgotten import Forgotten
from kg.progress import Progress, no_progress
from kg.runs import list_runs
from kg.schema import NODES
from kg.store import Store

_THINGS: Final = ("Entity", "Aspect", "Topic")


class Plan(BaseModel):
    """What hangs on those who go, as the graph tells it before anything went.

    Attributes:
        reviews: keys of all reviews that go.
        items: items that they are about.
        things: label → keys of what they speak of.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    reviews: frozenset[str]
    items: frozenset[str]
    things: dict[str, frozenset[str]]

    def after(self, earlier: Plan) -> Plan:
        """Return the plan of one who was interrupted: what the earlier plan knew comes first."""
        return Plan(
            reviews=self.reviews | earlier.reviews,
            items=self.items | earlier.items,
            things={
                label: keys | earlier.things.get(label, frozenset())
                for label, keys in self.things.items()
            },
        )


@dataclass(frozen=True)
class GraphErasure:
    """What went, and what was derived again.

    Attributes:
        removed: what → how many.
        derived: type → how many relationships were derived again, or lost their evidence.
    """

    removed: dict[str, int] = field(default_factory=dict)
    derived: dict[str, int] = field(default_factory=dict)


def plan(store: Store, who: Forgotten) -> Plan:
    """Look up what hangs on a person or a review. Keep it until `erase` has come to its end."""
    users = sorted(who.users)
    about = store.read("read/erasable_reviews", userIds=users, reviewIds=sorted(who.reviews))
    reviews = {str(row["reviewId"]) for row in about} | who.reviews
    return Plan.model_validate(
        {
            "reviews": reviews,
            "items": {str(row["itemId"]) for row in about},
            "things": {label: _spoken_of(store, label, reviews) for label in _THINGS},
        }
    )


def erase(
    store: Store, who: Forgotten, plan: Plan, *, progress: Progress = no_progress
) -> GraphErasure:
    """Remove a person or a review, and derive again what rested on them.

    Doing it twice does no harm. One that was interrupted is done again, `after` its first plan.

    Raises:
        GraphError: a transaction failed; run it again.
    """
    users, reviews = sorted(who.users), sorted(plan.reviews)
    removed = {
        "alerts": _count(store, "write/erase_alerts", "removed", reviewIds=reviews),
        "reviews": _count(store, "write/erase_reviews", "removed", reviewIds=reviews),
    }
    gone = store.write("write/erase_users", userIds=users)[0]
    removed["users"] = int(str(gone["removed"]))
    removed["relationships of users"] = int(str(gone["relationships"]))
    named, unsaid = [f"user|{key}" for key in users], 0
    for label in ("Entity", "Aspect"):
        keys = sorted(plan.things.get(label, ()))
        unsaid += len(store.write("write/erase_unsaid", _named(label), keys=keys))
        left = {row["key"] for row in store.read("read/still_there", _named(label), keys=keys)}
        named += [f"{label.lower()}|{key}" for key in keys if key not in left]
    removed["things nobody else speaks of"] = unsaid
    removed["reasons"] = _count(store, "write/erase_reasons", "places", gone=named)
    return GraphErasure({what: n for what, n in removed.items() if n}, _derive(store, progress))


def _derive(store: Store, progress: Progress) -> dict[str, int]:
    """Derive again what is other, under the latest run; with its half-life, if that has one."""
    run = next(iter(list_runs(store, "EtlRun")), None)
    if run is None:
        return {}
    half_life = _half_life(run.config)
    report = derive(store, run_id=run.run_id, half_life_days=half_life, progress=progress)
    derived = Counter(report.removed)
    for step, count in report.rows.items():
        derived[step.partition(" ")[0]] += count
    return {type_: derived[type_] for type_ in PROPERTIES if derived[type_]}


def _half_life(config: Mapping[str, object]) -> float | None:
    interests = config.get("interests")
    if isinstance(interests, Mapping) and interests.get("half_life_days") is not None:
        return float(str(interests["half_life_days"]))
    return None


def _spoken_of(store: Store, label: str, reviews: Iterable[str]) -> set[str]:
    rows = store.read("read/spoken_of", _named(label), reviewIds=sorted(reviews))
    return {str(row["key"]) for row in rows}


def _named(label: str) -> dict[str, str]:
    return {"__LABEL__": label, "__KEY__": NODES[label].key}


def _count(store: Store, query: str, column: str, **keys: list[str]) -> int:
    return int(str(store.write(query, None, **keys)[0][column]))
