"""Every query file of the catalogue is understood by both servers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kg.catalogue import Catalogue
from kg.runs import begin_run
from kg.store import Store

CATALOGUE = Catalogue()
NAMES = list(CATALOGUE)
CANNOT_BE_EXPLAINED = {"read/procedures"}  # SHOW: run instead


def test_there_are_queries_for_programs_and_for_people() -> None:
    assert {name.split("/")[0] for name in NAMES} >= {"load", "read", "write"}


@pytest.mark.parametrize("name", NAMES)
def test_a_query_says_what_it_does_in_a_way_that_fits_both_servers(name: str) -> None:
    query = CATALOGUE[name]
    assert query.text("neo4j", query.example_identifiers())
    assert query.text("embedded", query.example_identifiers())


@pytest.mark.parametrize("name", NAMES)
def test_the_server_understands_a_query(store: Store, name: str) -> None:
    if name in CANNOT_BE_EXPLAINED:
        assert store.read(name, prefixes=["db."])
    else:
        store.explain(name)


@pytest.mark.parametrize("name", [n for n in NAMES if n.startswith(("recommend/", "browse/"))])
def test_a_query_for_people_runs_as_it_stands_and_has_the_columns_it_promises(
    store: Store, name: str
) -> None:
    query = CATALOGUE[name]
    assert query.access == "read"
    assert not query.identifiers
    assert not [p.name for p in query.parameters if p.required], "each needs a :param line"
    rows = store.read(name)
    assert all(list(row) == [column.name for column in query.columns] for row in rows)


def test_times_and_texts_come_back_as_they_went(store: Store) -> None:
    begun = datetime(2024, 2, 29, 23, 59, 58, 123000, tzinfo=UTC)
    config = {"name": "Bücher & Co.", "quote": 'it\'s "fine"; // $x', "emoji": "🎬"}
    begin_run(store, "EtlRun", "run-1", now=begun, config=config, code_version="1")
    row = store.read("read/runs", {"__RUN__": "EtlRun"})[0]
    assert row["startedAt"] == begun
    assert "🎬" in str(row["config"])
