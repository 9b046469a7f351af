"""Two runs are compared user by user, and only where they held out the same pairs."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from run_world import make_run

from recommender.cli.app import run_app

USERS = [f"u{n:02}" for n in range(30)]


def evaluated(runs: Path, run_id: str, part: str = "test", **ndcg: float) -> None:
    """A run whose models found this much for every user."""
    folder = make_run(runs, run_id)
    keys = {"user_id": USERS, "item_id": ["lamp"] * 30}
    pl.DataFrame(keys | {"part": [part] * 30}).write_parquet(folder / "split.parquet")
    figures = [
        pl.DataFrame(
            {"model": [name] * 30, "user_id": USERS, "targets": [1] * 30}
            | {"ndcg@10": [value] * 30, "recall@20": [value] * 30}
        )
        for name, value in ndcg.items()
    ]
    pl.concat(figures).write_parquet(folder / "per_user.parquet")


def test_models_of_one_name_are_compared(tmp_path, capsys):
    evaluated(tmp_path, "old", gat=0.4, ease=0.3)
    evaluated(tmp_path, "new", gat=0.5, ease=0.3, popularity=0.1)
    assert run_app(["runs", "compare", "new", "old", "--runs-dir", str(tmp_path)]) == 0
    assert "new against old" in capsys.readouterr().out
    compare = ["runs", "compare", "new", "old", "--runs-dir", str(tmp_path), "--format", "json"]
    assert run_app(compare) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["model"], row["metric"], row["verdict"], row["ratio"]) for row in rows] == [
        ("gat", "ndcg@10", "ahead", pytest.approx(1.25)),
        ("gat", "recall@20", "ahead", pytest.approx(1.25)),
        ("ease", "ndcg@10", "level", 1),
        ("ease", "recall@20", "level", 1),
    ]
    assert (rows[0]["run"], rows[0]["other"], rows[0]["users"]) == ("new", "old", 30)


@pytest.mark.parametrize(
    ("part", "model", "message"),
    [
        ("valid", "gat", "hold out different pairs (0 / 0 / 30; 0 / 30 / 0)"),
        ("test", "ease", "no model in common: gat; ease"),
    ],
)
def test_runs_that_cannot_be_compared_are_refused(part, model, message, tmp_path, capsys):
    evaluated(tmp_path, "one", gat=0.4)
    evaluated(tmp_path, "two", part=part, **{model: 0.4})
    assert run_app(["runs", "compare", "one", "two", "--runs-dir", str(tmp_path)]) == 2
    assert message in " ".join(capsys.readouterr().err.split())


def test_a_run_that_was_not_evaluated_is_refused(tmp_path, capsys):
    evaluated(tmp_path, "one", gat=0.4)
    make_run(tmp_path, "two")
    assert run_app(["runs", "compare", "one", "two", "--runs-dir", str(tmp_path)]) == 2
    assert "two was not evaluated yet" in capsys.readouterr().err
