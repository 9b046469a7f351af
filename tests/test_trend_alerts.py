"""Alerts in a graph, on both servers: two makers of lamps, one of which begins to hum."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from graph_world import graph_of

from etl.trends.alerts import watch
from kg.errors import ConfigError, UnknownKeyError
from kg.runs import begin_run, finish_run
from kg.store import Store

WORLD = """
CREATE (:Attribute:Brand {attributeId: 'Brand:lumo', kind: 'Brand', name: 'Lumo'}),
       (:Attribute:Brand {attributeId: 'Brand:hob', kind: 'Brand', name: 'Hob'}),
       (hum:Aspect {aspectId: 'hum', name: 'hum'}),
       (home:Topic {topicId: 'home', label: 'home, light'})
WITH hum, home
UNWIND ['lumo', 'hob'] AS maker
MATCH (b:Brand {attributeId: 'Brand:' + maker})
CREATE (i:Item {itemId: maker + '-lamp', title: maker + ' lamp'})-[:HAS_ATTRIBUTE]->(b)
WITH hum, home, maker, i
UNWIND range(0, 23) AS month
UNWIND range(1, 10) AS n
WITH hum, home, maker, i, month, n, maker = 'lumo' AND month = 20 AND n < 10 AS hums
CREATE (v:Review {reviewId: maker + '-' + month + '-' + n, sentiment: 0.5,
                  text: 'About its hum.', writtenAt: datetime({
                    year: 2021 + month / 12, month: 1 + month % 12, day: n})})-[:ABOUT]->(i)
FOREACH (_ IN CASE WHEN hums OR n = 1 THEN [1] ELSE [] END |
  CREATE (v)-[:MENTIONS {sentiment: CASE WHEN hums THEN -0.1 * n ELSE 0.4 END, count: 1,
                         starts: [10], ends: [13]}]->(hum))
FOREACH (_ IN CASE WHEN n < 6 THEN [1] ELSE [] END | CREATE (v)-[:HAS_TOPIC {weight: 0.8}]->(home))
"""
SCOPES = ["catalogue", "attribute:Brand", "item"]
NOW = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture
def lamps(store: Store) -> Store:
    store.run_text(WORLD)
    begin_run(store, "EtlRun", "run-1", now=NOW, config={}, code_version="1")
    finish_run(store, "EtlRun", "run-1", now=NOW, counts={}, timings={})
    return store


def test_the_humming_is_found_where_it_is(lamps: Store) -> None:
    report = watch(lamps, scopes=["attribute:Brand"])
    rows = lamps.read("browse/alerts", scope="attribute:Brand")
    told = {(row["kind"], row["direction"], row["place"], row["about"]): row for row in rows}
    assert set(told) == {("share", "up", "Lumo", "hum"), ("sentiment", "down", "Lumo", "hum")}
    assert {row["bucket"] for row in rows} == {"2022-09-01"}
    share = told["share", "up", "Lumo", "hum"]
    assert (share["observed"], share["exposure"], share["every"]) == (9.0, 10, "month")
    assert share["expected"] == pytest.approx(1.0, abs=0.1)
    assert share["sentence"].startswith(  # type: ignore[attr-defined]
        "9 of 10 reviews of Lumo in September 2022 speak of “hum” (90 %), where 1"
    )
    assert [row["alertId"] for row in report.alerts] == [row["alertId"] for row in rows]
    assert lamps.read("browse/alerts", aboutId="home") == []
    assert lamps.read("browse/alerts", since="2022-11-01") == []
    assert lamps.run_text("MATCH (a:Alert) RETURN DISTINCT a.runId AS run") == [{"run": "run-1"}]
    quotes = lamps.read("browse/alert_evidence", alertId=share["alertId"])
    assert [row["reviewId"] for row in quotes] == [f"lumo-20-{n}" for n in range(9, 0, -1)]
    assert (quotes[0]["sentiment"], quotes[0]["quote"]) == (-0.9, "About its hum.")
    assert len(lamps.read("browse/alert_picture", alertId=share["alertId"])) == 11


def test_watching_again_changes_nothing_until_the_facts_do(lamps: Store) -> None:
    first = watch(lamps, scopes=SCOPES)
    once = graph_of(lamps)
    again = watch(lamps, scopes=SCOPES)
    assert graph_of(lamps) == once
    assert (again.alerts, again.removed) == (first.alerts, 0)
    lamps.run_text(
        "MATCH (:Review)-[m:MENTIONS]->() WHERE m.sentiment < 0 AND m.sentiment > -0.9 DELETE m"
    )
    calm = watch(lamps, scopes=["catalogue", "attribute:Brand"])
    assert calm.alerts == []
    assert {row["scope"] for row in lamps.run_text("MATCH (a:Alert) RETURN a.scope AS scope")} == {
        "item"
    }, "other scopes stay as they were"
    assert watch(lamps, scopes=["item"]).removed == 2
    assert lamps.run_text("MATCH (a:Alert) RETURN count(a) AS n") == [{"n": 0}]


def test_an_alert_goes_with_what_it_is_about(lamps: Store) -> None:
    watch(lamps, scopes=SCOPES)
    lamps.run_text("MATCH (i:Item {itemId: 'lumo-lamp'}) DETACH DELETE i")
    assert lamps.write("load/remove_stale_alerts") == [{"removed": 2}]
    lamps.run_text("MATCH (a:Aspect) DETACH DELETE a")
    lamps.write("load/remove_stale_alerts")
    assert lamps.read("browse/alerts") == []


def test_a_wrong_question_is_told(lamps: Store) -> None:
    with pytest.raises(ConfigError, match="no scope 'brand'"):
        watch(lamps, scopes=["brand"])
    with pytest.raises(ConfigError, match="kind Genre"):
        watch(lamps, scopes=["attribute:Genre"])
    with pytest.raises(UnknownKeyError, match="monthly"):
        watch(lamps, every="monthly")


def test_an_empty_graph_raises_nothing(store: Store) -> None:
    report = watch(store, scopes=["catalogue"])
    assert (report.tests, report.alerts, report.removed) == (0, [], 0)
