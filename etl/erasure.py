"""A person or a review out of the graph, and what rested on them derived again.

Only what they touched is derived again, as after an incremental load: the items that were reviewed,
counts of what was spoken of and the weights that go by them; where interests fade, everybody's.
The result is what a load without them gives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import polars as pl
from pydantic import BaseModel, ConfigDict

from etl.derive import derive
from etl.load_touched import TOUCHED
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
        used: items that the person did something with.
        writers: who wrote them and stays.
        things: label → keys of what they speak of.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    reviews: frozenset[str]
    items: frozenset[str]
    used: frozenset[str]
    writers: frozenset[str]
    things: dict[str, frozenset[str]]

    @property
    def touched(self) -> pl.DataFrame:
        """What is to be derived again, as `etl.derive` takes it."""
        keys = {"Item": self.items | self.used, "User": self.writers, **self.things}
        rows = [(label, key, True) for label, some in keys.items() for key in sorted(some)]
        return pl.DataFrame(rows, schema=TOUCHED, orient="row")

    def after(self, earlier: Plan) -> Plan:
        """Return the plan of one who was interrupted: what the earlier plan knew comes first."""
        return Plan(
            reviews=self.reviews | earlier.reviews,
            items=self.items | earlier.items,
            used=self.used | earlier.used,
            writers=self.writers | earlier.writers,
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
        derived: label → how many nodes were counted or derived again.
    """

    removed: dict[str, int] = field(default_factory=dict)
    derived: dict[str, int] = field(default_factory=dict)


def plan(store: Store, who: Forgotten) -> Plan:
    """Look up what hangs on a person or a review. Keep it until `erase` has come to its end."""
    users = sorted(who.users)
    about = store.read("read/erasable_reviews", userIds=users, reviewIds=sorted(who.reviews))
    reviews = {str(row["reviewId"]) for row in about} | who.reviews
    used = store.read("read/used_items", userIds=users)
    return Plan.model_validate(
        {
            "reviews": reviews,
            "items": {str(row["itemId"]) for row in about},
            "used": {str(row["itemId"]) for row in used},
            "writers": {str(row["userId"]) for row in about} - who.users,
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
    _derive(store, plan, progress)
    return GraphErasure(
        {what: n for what, n in removed.items() if n},
        {label: n for label, n in plan.touched["label"].value_counts().iter_rows() if n},
    )


def _derive(store: Store, plan: Plan, progress: Progress) -> None:
    """Derive again what was touched, under the latest run; with its half-life, if that has one."""
    run = next(iter(list_runs(store, "EtlRun")), None)
    if run is not None:
        derive(
            store,
            run_id=run.run_id,
            half_life_days=_half_life(run.config),
            touched=plan.touched,
            progress=progress,
        )


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
