"""`kgrec interests` on a run's folder, and `kgrec segments` on a graph."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from interest_world import circles
from test_segments import COOKS, GHOSTS, fill

from kg.bolt import Connection
from kg.store import Store
from recommender.cli.app import run_app
from recommender.config import Config
from recommender.experiments import Experiment
from recommender.interests import NAME, interests_of_run
from recommender.run_folder import RunFolder

READERS = {
    "name": "readers",
    "sources": [{"type": "delimited", "path": "a.csv", "columns": {"user": "u", "item": "i"}}],
}


def test_profiles_of_a_run_are_compared_and_kept(tmp_path: Path) -> None:
    snapshot, split = circles()
    snapshot.save(tmp_path / "snapshot")
    pq.write_table(split, tmp_path / "split.parquet")
    told: list[tuple[int, int | None]] = []
    rows = interests_of_run(
        Experiment(RunFolder(tmp_path), Config.model_validate(READERS)),
        progress=lambda done, total, _unit: told.append((done, total)),
    )
    assert [row["profile"] for row in rows] == ["popularity", "evidence", "svd", "propagation"] * 3
    svd = rows[2]
    assert (svd["question"], svd["users"], svd["ndcg@20"]) == ("aspects of items", 24, 1.0)
    assert str(svd["against evidence"]).startswith("ahead +0.")
    assert svd["against svd"] == ""
    assert json.loads((tmp_path / NAME).read_text())["rows"] == rows
    assert told[-1][0] == told[-1][1]


def test_the_command_makes_segments(
    embedded: Connection,
    embedded_store: Store,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("NEO4J_URI", embedded.uri)
    monkeypatch.setenv("NEO4J_USERNAME", embedded.username)
    monkeypatch.setenv("NEO4J_PASSWORD", embedded.password.get_secret_value())
    monkeypatch.setenv("NEO4J_DATABASE", str(embedded.database))
    embedded_store.clear()
    fill(embedded_store)
    assert run_app(["segments", "--count", "2", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["segment"], row["people"]) for row in rows] == [
        ("segment-1", GHOSTS),
        ("segment-2", COOKS),
    ]
    assert run_app(["segments", "--count", "40"]) != 0
    assert "80" in capsys.readouterr().err
