"""The example of support answers: questions as texts, answers as items, asked end to end."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from server_environment import point_at

from embeddings.check_published import check_published
from etl.read import read_sources
from etl.staging import Staging
from kg.store import Store
from recommender.cli.app import run_app
from recommender.config import read_config

CONFIG = Path(__file__).parents[1] / "examples" / "support_answers.yaml"


def test_its_files_are_read_whole(tmp_path: Path) -> None:
    config = read_config(CONFIG, (), {})
    report = read_sources(config.sources, base=CONFIG.parent, run=tmp_path, limits=config.read)
    assert report.rejected.total() == 0
    assert (report.rows["reviews"], report.rows["items"]) == (60, 25)
    acts = Staging(tmp_path / "staging").scan("interactions").collect()
    assert set(acts["behaviour"]) == {"ANSWERED_BY"}
    assert (acts.height, acts["positive"].sum()) == (58, 52)  # two asked again and got the same
    asked = acts.filter(pl.col("user_id") == "dario").sort("item_id")
    assert asked.select("item_id", "positive").rows() == [("a03", False), ("a04", True)]


@pytest.mark.slow
def test_a_new_question_finds_what_helped(
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    point_at(store, tmp_path, monkeypatch)
    small = ["--set", "encoder.model=null", "--set", "model.hetero_gat.steps=10"]
    assert run_app(["run", str(CONFIG), "--quiet", *small]) == 0
    assert all(
        "already has item" in each for each in check_published(store)
    )  # it may: hide: nothing
    capsys.readouterr()
    words = "words=slow,wireless,bedroom"
    assert run_app(["query", "recommend/answers", "-p", words, "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    # another channel and a second station helped who asked alike; moving the router did not
    assert [(row["itemId"], row["helped"], row["notHelped"]) for row in rows[:2]] == [
        ("a02", 2, 0),
        ("a04", 2, 0),
    ]
    assert "a03" not in {row["itemId"] for row in rows}
    assert "bedroom" in rows[1]["question"]
    [box] = store.read("recommend/answers", words=["remote", "batteries"], limit=1)
    assert (box["title"], box["helped"]) == ("Remote control does not react", 1)
    [first, *_] = store.read("recommend/for_user", userId="dario", limit=1)
    assert run_app(["explain", "dario", str(first["itemId"]), "--format", "json"]) == 0
    [why] = json.loads(capsys.readouterr().out)
    assert why["sentence"].startswith("Because ")
