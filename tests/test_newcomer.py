"""A café's run folder, without any graph: what somebody new is given for what they like."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from run_world import make_run
from snapshot_world import make_snapshot, rated, split_of

from embeddings.models.settings import ModelName
from embeddings.text_vectors import TextVectors
from embeddings.train import fit_all
from recommender.artefacts import EVALUATED, PUBLISHED
from recommender.cli.app import run_app
from recommender.config import read_config
from recommender.stages.view import Learning

DRINKS = {
    "tea": ["assam", "darjeeling", "oolong", "sencha"],
    "coffee": ["espresso", "latte", "mocha", "ristretto"],
}
CONFIG = """\
name: cafe
sources: [{type: delimited, path: orders.csv, columns: {user: guest, item: drink}}]
model:
  models: [MODEL]
  item_knn: {neighbours: [20], shrink: [0]}
  sasrec: {width: [8], epochs: 2, check_every: 1, device: cpu}
"""


def orders() -> dict[tuple[str, str], str]:
    """Guests 0 … 19 like tea or coffee, all four kinds; two orders of each are held out."""
    parts = ("train", "train", "test", "valid")
    return {
        (f"guest-{number}", drink): parts[(number // 2 + place) % 4]
        for number in range(20)
        for place, drink in enumerate(DRINKS["tea" if number % 2 else "coffee"])
    }


def cafe(runs: Path, model: ModelName) -> Path:
    """A run that evaluated and published a model."""
    folder = make_run(runs, "run-1", "cafe")
    (folder / "config.yaml").write_text(CONFIG.replace("MODEL", model), encoding="utf-8")
    drinks = [drink for kind in DRINKS.values() for drink in kind]
    make_snapshot(
        users=[{"user_id": f"guest-{number}"} for number in range(20)],
        items=[
            {"item_id": drink, "title": None if drink == "mocha" else drink.title()}
            for drink in drinks
        ],
        interactions=[rated(guest, drink) for guest, drink in orders()],
    ).save(folder / "snapshot")
    pq.write_table(split_of(orders()), folder / "split.parquet")
    TextVectors.none().save(folder / "vectors.safetensors")
    config = read_config(folder / "config.yaml", (), {})
    learning = Learning.of(folder, config)
    for data, place in ((learning.training(), EVALUATED), (learning.everything(), PUBLISHED)):
        fit_all(data, config.model)[model].model.save(folder / place / model)
    return folder


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KGREC_HOME", str(tmp_path / "home"))
    return tmp_path / "runs"


def test_who_likes_two_coffees_is_given_the_other_two_first(runs, capsys):
    cafe(runs, "item-knn")
    assert run_app(["recommend", "--likes", "latte", "--likes", "espresso", "-f", "json"]) == 0
    places = json.loads(capsys.readouterr().out)
    assert [place["rank"] for place in places] == [1, 2, 3, 4, 5, 6]
    assert {place["item"] for place in places[:2]} == {"mocha", "ristretto"}
    assert {place["title"] for place in places[:2]} == {"mocha", "Ristretto"}
    assert places[1]["score"] > places[2]["score"] == 0.0

    assert run_app(["recommend", "--likes", "oolong", "--top", "3", "--dataset", "cafe"]) == 0
    told = capsys.readouterr().out
    assert all(title in told for title in ("Assam", "Darjeeling", "Sencha", "score", "3 rows"))
    assert not (runs.parent / "home").exists(), "no graph was started"


def test_an_unknown_item_is_refused_with_near_keys(runs, capsys):
    cafe(runs, "item-knn")
    assert run_app(["recommend", "--likes", "late"]) == 2
    said = capsys.readouterr().err
    assert "There is no item 'late'." in said
    assert "Near: latte" in said


def test_a_model_that_needs_to_have_seen_the_user_says_which_do_not(runs, capsys):
    cafe(runs, "sasrec")
    assert run_app(["recommend", "--likes", "latte"]) == 1
    said = capsys.readouterr().err
    assert "sasrec, which run run-1 published, cannot score people" in said
    assert "item-knn" in said
    assert run_app(["new-users", "latest"]) == 2
    assert "None of sasrec can score people" in capsys.readouterr().err


def test_a_dataset_without_a_published_model_is_told(runs, capsys):
    cafe(runs, "item-knn")
    assert run_app(["recommend", "--likes", "latte", "--dataset", "bar"]) == 2
    assert "No run of bar in runs has a published model." in capsys.readouterr().err


def test_new_guests_are_judged_by_what_they_order_later(runs, capsys):
    folder = cafe(runs, "item-knn")
    assert run_app(["new-users", "latest", "--share", "0.3", "--format", "json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["model"] == "item-knn"
    assert row["users"] == 6
    assert row["folded_in"] == row["trained_on"] == 1.0
    kept = json.loads((folder / "new_users.json").read_text(encoding="utf-8"))
    assert kept == {"share": 0.3, "models": [row]}
