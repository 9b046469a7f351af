"""Runs and the data set, as the graph remembers them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kg.errors import GraphError, UnknownKeyError
from kg.runs import begin_run, claim_dataset, finish_run, get_run, list_runs
from kg.store import Store

MONDAY = datetime(2024, 4, 1, 22, tzinfo=UTC)


def test_a_run_is_running_until_it_is_done(store: Store) -> None:
    begin_run(store, "ModelRun", "m-1", now=MONDAY, config={"epochs": 3}, code_version="0.1")
    running = get_run(store, "ModelRun", "m-1")
    assert (running.status, running.finished_at, running.config) == ("running", None, {"epochs": 3})
    finish_run(
        store,
        "ModelRun",
        "m-1",
        now=MONDAY + timedelta(hours=1),
        counts={"users": 2},
        timings={"train": 1.5},
        metrics={"ndcg@10": 0.25},
        data_hash="abc",
    )
    done = get_run(store, "ModelRun", "m-1")
    assert (done.status, done.started_at) == ("done", MONDAY)
    assert done.finished_at == MONDAY + timedelta(hours=1)
    assert (done.counts, done.timings) == ({"users": 2}, {"train": 1.5})
    assert (done.metrics, done.data_hash, done.error) == ({"ndcg@10": 0.25}, "abc", None)


def test_a_failed_run_that_goes_on_is_running_again_and_keeps_its_start(store: Store) -> None:
    begin_run(store, "EtlRun", "e-1", now=MONDAY, config={}, code_version="0.1")
    finish_run(store, "EtlRun", "e-1", now=MONDAY, counts={}, timings={}, error="the disk was full")
    failed = get_run(store, "EtlRun", "e-1")
    assert (failed.status, failed.error) == ("failed", "the disk was full")
    tuesday = MONDAY + timedelta(days=1)
    begin_run(store, "EtlRun", "e-1", now=tuesday, config={}, code_version="0.1")
    again = get_run(store, "EtlRun", "e-1")
    assert (again.status, again.error, again.started_at) == ("running", None, MONDAY)


def test_runs_are_listed_latest_first_and_by_kind(store: Store) -> None:
    for day, run_id in enumerate(["first", "second"]):
        now = MONDAY + timedelta(days=day)
        begin_run(store, "EtlRun", run_id, now=now, config={}, code_version="0.1")
    begin_run(store, "ModelRun", "model", now=MONDAY, config={}, code_version="0.1")
    assert [run.run_id for run in list_runs(store, "EtlRun")] == ["second", "first"]


def test_an_unknown_run_suggests_near_ones(store: Store) -> None:
    begin_run(store, "EtlRun", "2024-04-01", now=MONDAY, config={}, code_version="0.1")
    with pytest.raises(UnknownKeyError, match="Near: 2024-04-01"):
        get_run(store, "EtlRun", "2024-04-02")
    with pytest.raises(UnknownKeyError, match="no EtlRun 'other'"):
        finish_run(store, "EtlRun", "other", now=MONDAY, counts={}, timings={})


def test_a_graph_belongs_to_one_data_set(store: Store) -> None:
    claim_dataset(store, "films")
    claim_dataset(store, "films")
    with pytest.raises(GraphError, match="holds the data set 'films', wanted one for 'games'"):
        claim_dataset(store, "games")
    store.clear()
    claim_dataset(store, "games")
