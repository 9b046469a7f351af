"""Watch a graph: read, count, test, and keep what holds as :Alert nodes with their evidence."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final

import polars as pl

from etl.trends.clock import CLOCKS, Clock
from etl.trends.counts import Counts, Evidence, count, places, read_evidence
from etl.trends.surges import METHOD, discoveries, judge
from etl.trends.words import Finding, sentence
from kg.errors import UnknownKeyError
from kg.runs import list_runs
from kg.schema import NODES
from kg.store import Store

SHOWN: Final = 10
"""Reviews that an alert is shown by, at most."""
LEAST_PLACE: Final = 50
"""Reviews that an item or attribute needs to be watched."""
LEAST_THING: Final = 20
"""Reviews that must speak of an aspect or topic in a place."""
ALPHA: Final = 0.05
"""False discovery rate where none is asked for."""
_BATCH: Final = 500


@dataclass(frozen=True)
class TrendReport:
    """What a watch did.

    Attributes:
        tests: how many buckets of how many series were tested, all kinds together.
        alerts: those that hold, surest first: alertId, bucket (its first day), kind, direction,
            qValue, sentence.
        removed: how many of earlier runs hold no more.
        set_aside: reviews whose date only stands for a year.
        seconds: time by step.
    """

    tests: int
    alerts: list[dict[str, object]]
    removed: int
    set_aside: int
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class _Scope:
    """One scope with what was counted and which reviews are where."""

    name: str
    inside: pl.DataFrame
    counts: Counts

    @property
    def label(self) -> str | None:
        """Label of its places; none for the catalogue."""
        return {"catalogue": None, "item": "Item"}.get(self.name, "Attribute")


def watch(
    store: Store,
    *,
    every: str = "month",
    scopes: Sequence[str] = ("catalogue",),
    alpha: float = ALPHA,
) -> TrendReport:
    """Test every bucket in all scopes, write the alerts and remove those that hold no more.

    Alerts of other scopes and other sizes of bucket stay as they are. The same evidence gives the
    same alerts, whatever was there before.

    Args:
        every: day, week, month, quarter or year.
        scopes: catalogue, item, attribute:Kind; all their tests are one family.
        alpha: false discovery rate.

    Raises:
        UnknownKeyError: there is no such size of bucket.
        ConfigError: there is no such scope.
    """
    if every not in CLOCKS:
        raise UnknownKeyError("size of bucket", every, CLOCKS)
    clock, seconds, started = CLOCKS[every], {}, time.perf_counter()
    evidence = read_evidence(store)
    watched = [each for name in scopes if (each := _scope(store, name, evidence, clock))]
    seconds["read and count"], started = time.perf_counter() - started, time.perf_counter()
    tested = [
        judge(scope.counts, clock).with_columns(scope=pl.lit(number, pl.Int64))
        for number, scope in enumerate(watched)
    ]
    found = discoveries(pl.concat(tested), alpha) if tested else pl.DataFrame()
    seconds["test"], started = time.perf_counter() - started, time.perf_counter()
    rows = [
        row
        for number, scope in enumerate(watched)
        for row in _rows(store, scope, found.filter(pl.col("scope") == number), evidence, clock)
    ]
    run = next((run.run_id for run in list_runs(store, "EtlRun") if run.status == "done"), None)
    for first in range(0, len(rows), _BATCH):
        store.write("write/alerts", rows=rows[first : first + _BATCH], runId=run)
    removed = _remove(store, every, list(scopes), [str(row["alert_id"]) for row in rows])
    seconds["write"] = time.perf_counter() - started
    tests = sum(each.height for each in tested)
    alerts = [_told(row) for row in sorted(rows, key=_surest_first)]
    return TrendReport(tests, alerts, removed, evidence.set_aside, seconds)


def _scope(store: Store, name: str, evidence: Evidence, clock: Clock) -> _Scope | None:
    inside = places(store, name, evidence.reviews)
    counts = count(evidence, inside, clock, least_place=LEAST_PLACE, least_thing=LEAST_THING)
    return _Scope(name, inside, counts) if counts else None


def _rows(
    store: Store, scope: _Scope, found: pl.DataFrame, evidence: Evidence, clock: Clock
) -> list[dict[str, object]]:
    """What `write/alerts` takes, for one scope."""
    if found.is_empty():
        return []
    starts = scope.counts.starts
    keyed = pl.concat(
        [
            found,
            scope.counts.keys[found["series"]],
            pl.DataFrame(
                {
                    "start": [starts[at] for at in found["bucket"]],
                    "stop": [starts[at + 1] for at in found["bucket"]],
                }
            ),
        ],
        how="horizontal",
    ).with_row_index("alert")
    facts = _facts(keyed, scope, evidence, clock)
    lists = facts.group_by("alert", maintain_order=True).agg(pl.col("review_id").head(SHOWN))
    keyed = keyed.join(lists, on="alert", how="left").join(_mostly(facts), on="alert", how="left")
    names = _names(store, scope, keyed)
    return [_row(row, scope, names, clock) for row in keyed.iter_rows(named=True)]


def _facts(keyed: pl.DataFrame, scope: _Scope, evidence: Evidence, clock: Clock) -> pl.DataFrame:
    """Of each alert the reviews that show it, strongest first: alert, review_id, item_id."""
    dated = evidence.reviews.join(scope.inside, on="review_id").select(
        "review_id",
        "item_id",
        "place",
        clock.start_of(pl.col("day")).alias("start"),
        "positive",
        "strength",
    )
    said = evidence.says.join(dated.drop("positive", "strength"), on="review_id")
    facts = pl.concat([dated, said.select(*dated.columns, "label", "thing")], how="diagonal")
    where = ["place", "label", "thing", "start"]
    joined = keyed.select("alert", "kind", "up", *where).join(facts, on=where, nulls_equal=True)
    fits = (pl.col("kind") != "sentiment") | (pl.col("positive") == pl.col("up"))
    return joined.filter(fits).sort(
        "alert", "strength", "review_id", descending=[False, True, False]
    )


def _mostly(facts: pl.DataFrame) -> pl.DataFrame:
    """The item that half of a rise's reviews are about: alert, item_id, item_reviews."""
    by_item = facts.filter(pl.col("up")).group_by("alert", "item_id").agg(item_reviews=pl.len())
    half = 2 * pl.col("item_reviews") > pl.col("item_reviews").sum().over("alert")
    return by_item.filter(half)


def _names(store: Store, scope: _Scope, keyed: pl.DataFrame) -> dict[tuple[str, str], str]:
    """Names for people by label and key."""
    wanted = {
        label: keyed.filter(pl.col("label") == label)["thing"].unique().to_list()
        for label in ("Aspect", "Topic")
    }
    wanted["Item"] = keyed["item_id"].drop_nulls().unique().to_list()
    if scope.label:
        wanted[scope.label] = keyed["place"].unique().to_list()
    return {
        (label, str(row["key"])): str(row["name"])
        for label, keys in wanted.items()
        for row in store.read(
            "read/display_names",
            {"__LABEL__": label, "__KEY__": NODES[label].key},
            keys=keys,
        )
    }


def _row(
    row: Mapping[str, Any],
    scope: _Scope,
    names: Mapping[tuple[str, str], str],
    clock: Clock,
) -> dict[str, object]:
    """One alert: its key, its properties, what it joins."""
    place, label, thing = row["place"], row["label"], row["thing"]
    start = row["start"].isoformat()
    key = "|".join(
        (METHOD, scope.name, place, label or "", thing or "", row["kind"], clock.every, start)
    )
    told = sentence(
        Finding(
            kind=row["kind"],
            up=row["up"],
            every=clock.every,
            start=row["start"],
            thing=names.get((label, thing), ""),
            place=names.get((scope.label or "", place), ""),
            observed=row["observed"],
            expected=row["expected"],
            lower=row["lower"],
            upper=row["upper"],
            exposure=row["exposure"],
            item="" if scope.label == "Item" else names.get(("Item", row["item_id"]), ""),
            item_reviews=row["item_reviews"] or 0,
        )
    )
    facts = {
        "method": METHOD,
        "scope": scope.name,
        "thing": label,
        "kind": row["kind"],
        "direction": "up" if row["up"] else "down",
        "every": clock.every,
        "observed": row["observed"],
        "expected": row["expected"],
        "lower": row["lower"],
        "upper": row["upper"],
        "exposure": None if row["kind"] == "volume" else int(row["exposure"]),
        "pValue": row["p_value"],
        "qValue": row["q_value"],
        "sentence": told,
    }
    return {
        "alert_id": hashlib.sha256(key.encode()).hexdigest()[:24],
        "aspect_id": thing if label == "Aspect" else None,
        "topic_id": thing if label == "Topic" else None,
        "item_id": place if scope.label == "Item" else None,
        "attribute_id": place if scope.label == "Attribute" else None,
        "reviews": row["review_id"] or [],
        "starts_at": _millis(row["start"]),
        "ends_at": _millis(row["stop"]),
        "facts": facts,
    }


def _surest_first(row: Mapping[str, Any]) -> tuple[float, float, str]:
    return row["facts"]["qValue"], row["facts"]["pValue"], row["alert_id"]


def _told(row: Mapping[str, Any]) -> dict[str, object]:
    bucket = datetime.fromtimestamp(row["starts_at"] / 1000, UTC).date().isoformat()
    said = ("kind", "direction", "qValue", "sentence")
    return {
        "alertId": row["alert_id"],
        "bucket": bucket,
        **{name: row["facts"][name] for name in said},
    }


def _millis(day: date) -> int:
    return round(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def _remove(store: Store, every: str, scopes: list[str], keys: list[str]) -> int:
    removed = 0
    while now := int(
        str(
            store.write("write/remove_alerts", every=every, scopes=scopes, kept=keys, limit=_BATCH)[
                0
            ]["removed"]
        )
    ):
        removed += now
    return removed
