"""`kgrec publish RUN --new-only`: a reader and a book that came after the run's model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from server_environment import point_at
from snapshot_world import make_snapshot, rated
from test_run_end_to_end import add_lines, write_books

from embeddings.baselines.ease import Ease
from embeddings.check_published import check_published
from embeddings.features import training_data
from embeddings.newcomers import Newcomers, lists_of_newcomers
from embeddings.settings import FeatureSettings, PublishSettings
from embeddings.training_data import TrainingData
from kg.store import Store
from recommender.cli.app import run_app
from recommender.run_folder import Runs

BOOKS = [f"{genre}-{n}" for genre in ("cook", "crime") for n in range(4)]
READS = [  # each reader all books of a genre but one
    (f"{genre}-reader-{n}", f"{genre}-{book}")
    for genre in ("cook", "crime")
    for n in range(4)
    for book in range(4)
    if book != n
]
NIA = [("nia", "cook-0"), ("nia", "cook-1"), ("nia", "crime-new")]


def library(pairs: list[tuple[str, str]], books: list[str], *readers: str) -> TrainingData:
    return training_data(
        make_snapshot(
            users=[{"user_id": user} for user in sorted({*readers, *(user for user, _ in pairs)})],
            items=[{"item_id": book} for book in books],
            interactions=[rated(user, book, positive=True, count=1) for user, book in pairs],
            attributes=[
                {"item_id": book, "attribute_id": f"Genre:{genre}", "kind": "Genre"}
                for book in books
                if (genre := book.split("-")[0]) != "odd"
            ],
        ),
        None,
        settings=FeatureSettings(min_items=1),
        seed=1,
    )


@pytest.fixture
def later() -> tuple[Newcomers, TrainingData]:
    """A model of the old library; and the library of today, where one book is gone."""
    old = library(READS, BOOKS)
    today = library(
        [pair for pair in READS if pair[1] != "crime-3"] + NIA,
        [*BOOKS[:-1], "cook-new", "crime-new", "odd-one"],
        "olga",
    )
    return Newcomers.of("ease", Ease().fit(old), old.items.keys, today), today


def test_a_new_reader_is_scored_by_what_she_likes_of_what_the_model_knows(later) -> None:
    scorer, today = later
    at = {key: place for place, key in enumerate(today.items.keys)}
    (scores,) = scorer.score(np.array([today.users.of("nia")]))
    told = scorer.likes[np.array([today.users.of("nia")])]
    assert told.sum() == 2, "the third book is new itself"
    cooks = [scores[at[f"cook-{n}"]] for n in range(4)]
    assert min(cooks[2:]) > max(scores[at[f"crime-{n}"]] for n in range(3))
    assert scores[at["cook-new"]] == pytest.approx(np.mean(cooks)), "as the books most like it"
    assert scores[at["odd-one"]] == -np.inf, "there is nothing to compare it by"


def test_only_the_new_get_lists_and_all_their_places_are_cold(later) -> None:
    scorer, today = later
    settings = PublishSettings(top_k=3)
    (lists,) = lists_of_newcomers(
        scorer, today, {"nia", "olga"}, settings=settings, calibration=None
    )
    rows = {row["user_id"]: row for row in lists.to_pylist()}
    assert set(rows) == {"nia", "olga"}
    assert set(rows["nia"]["items"]) == {"cook-2", "cook-3", "cook-new"}
    assert rows["nia"]["cold_start"] == [True, True, True]
    assert all(rows["nia"]["reasons"])
    assert {reason[0].split("|")[0] for reason in rows["olga"]["reasons"]} == {"popular"}


@pytest.fixture
def club(tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_books(tmp_path)
    point_at(store, tmp_path, monkeypatch)
    return tmp_path


def lists_in(store: Store) -> dict[str, list[dict[str, object]]]:
    users = store.run_text("MATCH (u:User) RETURN u.userId AS user")
    return {str(row["user"]): store.read("recommend/for_user", userId=row["user"]) for row in users}


@pytest.mark.slow
def test_who_came_after_a_run_gets_a_list_by_it_and_nobody_else(club, store, capsys) -> None:
    quick = ["--set", "model.models=[ease]", "--set", "evaluate.clicks=null"]
    assert run_app(["publish", "club.yaml", "--new-only"]) == 2
    assert run_app(["run", "club.yaml", *quick]) == 0
    (run,) = Runs(club / "runs")
    before = lists_in(store)
    for book in (1, 2, 3):
        add_lines(club, f"reader-new,crime-{book},5,A clever detective.,2026-02-0{book}")
    add_lines(club, "reader-1,crime-new,5,A clever detective.,2026-02-01")
    assert run_app(["etl", "club.yaml", *quick]) == 0
    etl = Runs(club / "runs").get("latest")
    assert run_app(["publish", etl.id, "--new-only"]) == 2
    assert f"{run.id} is" in capsys.readouterr().err, "that one is published"
    assert run_app(["publish", run.id, "--new-only"]) == 0
    assert "1 new users have a list now" in capsys.readouterr().out
    now = lists_in(store)
    mine = now.pop("reader-new")
    assert now == before
    assert len(mine) == 5
    assert all(place["coldStart"] for place in mine)
    assert all(str(place["itemId"]).startswith("crime") for place in mine[:3])
    assert check_published(store) == []
    assert run_app(["publish", run.id, "--new-only"]) == 0
    assert "0 new users" in capsys.readouterr().out
    assert lists_in(store) == {**before, "reader-new": mine}
