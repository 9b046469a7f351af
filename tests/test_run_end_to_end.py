"""A tiny club of two tastes, run from a CSV file to recommendations, on both servers."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from graph_world import graph_of
from light_process import run_alone
from server_environment import point_at

from embeddings.check_published import check_published
from kg.runs import get_run
from kg.store import Store
from recommender.cli.app import run_app
from recommender.job import INTERRUPTED
from recommender.run_folder import Runs

ROOT = Path(__file__).parents[1]
CONFIG = """\
name: book-club
sources:
  - type: delimited
    path: books.csv
    columns: {user: reader, item: book, rating: stars, text: words, timestamp: {column: day}}
    positive: {min_rating: 4}
encoder: {model: null}
text: {topics: {count: 2}}
model: {hetero_gat: {steps: 20, check_every: 10, width: 8, device: cpu}}
evaluate: {clicks: {seeds: 2}}
publish: {top_k: 5}
"""
EMBEDDED = pytest.mark.parametrize("server", ["embedded"], indirect=True)
"""For what has little to do with the graph."""
SAYINGS = {
    "crime": ["The plot kept me awake.", "A clever detective and a great plot.", "Dark, but good."],
    "garden": ["The photos are lovely.", "Useful advice about soil.", "Great photos, good advice."],
}


def write_books(folder: Path) -> None:
    """Twenty-four readers, half of them of crime and half of gardens, and six of ten books each."""
    luck = random.Random(7)
    rows = []
    for number in range(24):
        taste, other = ("crime", "garden") if number % 2 else ("garden", "crime")
        liked = luck.sample(range(10), 6)
        for place, book in enumerate(liked):
            words = luck.choice(SAYINGS[taste])
            rows.append(
                (f"reader-{number}", f"{taste}-{book}", 5, words, f"2026-01-{place + 1:02}")
            )
        rows.append((f"reader-{number}", f"{other}-{number % 10}", 1, "Not for me.", "2026-02-01"))
    with (folder / "books.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["reader", "book", "stars", "words", "day"])
        writer.writerows(rows)
    (folder / "club.yaml").write_text(CONFIG, encoding="utf-8")


@pytest.fixture
def club(tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the data, and an environment that names the server."""
    write_books(tmp_path)
    point_at(store, tmp_path, monkeypatch)
    return tmp_path


def graph_counts(store: Store) -> dict[str, int]:
    rows = [*store.read("read/node_counts"), *store.read("read/relationship_counts")]
    return {str(row.get("label", row.get("type"))): int(str(row["count"])) for row in rows}


def add_lines(club: Path, *lines: str) -> None:
    with (club / "books.csv").open("a", encoding="utf-8", newline="") as file:
        file.writelines(f"{line}\r\n" for line in lines)


def load_summary(club: Path) -> str:
    return next(iter(Runs(club / "runs"))).record().stages["load"].summary


@pytest.mark.slow
def test_more_data_is_added_to_what_the_graph_holds(club, store):
    assert run_app(["etl", "club.yaml"]) == 0
    (first,) = Runs(club / "runs")
    add_lines(club, "reader-new,crime-1,5,Great advice from a clever detective.,2026-02-02")
    assert run_app(["etl", "club.yaml"]) == 0
    assert load_summary(club).endswith(f"since {first.id}")
    added = graph_of(store)
    assert run_app(["etl", "club.yaml", "--force"]) == 0
    assert "since" not in load_summary(club)
    assert graph_of(store) == added
    loaded = {run["run"] for run in store.run_text("MATCH ()-[r:WROTE]->() RETURN r.runId AS run")}
    assert loaded == {next(iter(Runs(club / "runs"))).id}


@pytest.mark.slow
@EMBEDDED
def test_vocabularies_and_parts_are_kept_while_little_is_new(club):
    nightly = ["--set", "split.keep=true", "--set", "text.refit_share=0.05"]
    assert run_app(["etl", "club.yaml", *nightly]) == 0
    (first,) = Runs(club / "runs")
    add_lines(club, "reader-1,garden-3,5,The photos are so lovely.,2026-02-02")
    assert run_app(["etl", "club.yaml", *nightly]) == 0
    run = next(iter(Runs(club / "runs")))
    assert run.record().stages["extract"].summary.endswith("1 of 169 reviews read")
    split, earlier = (pl.read_parquet(each.path / "split.parquet") for each in (run, first))
    assert earlier.join(split, on=["user_id", "item_id", "part"], how="semi").height == 24 * 7
    assert run_app(["etl", "club.yaml", *nightly, "--force"]) == 0
    assert "read" not in next(iter(Runs(club / "runs"))).record().stages["extract"].summary


@pytest.mark.slow
@EMBEDDED
def test_a_night_begins_from_the_latest_weights_that_know_of_nobody_forgotten(club, store):
    changes = ["split.keep=true", "model.hetero_gat.warm_start=true", "model.models=[hetero-gat]"]
    nightly = [word for change in changes for word in ("--set", change)]
    assert run_app(["run", "club.yaml", *nightly]) == 0
    (first,) = Runs(club / "runs")
    add_lines(club, "reader-x,garden-3,5,It frotzed my weekend.,2026-02-02")
    assert run_app(["run", "club.yaml", *nightly]) == 0
    second = next(iter(Runs(club / "runs")))
    assert f"began from the weights of {first.id}" in second.record().stages["train"].summary
    assert get_run(store, "ModelRun", second.id).metrics["beganFrom"] == first.id
    assert run_app(["forget", "reader-x", "--yes"]) == 0
    weights = {
        place.parts[-6] for place in (club / "runs").glob("*/models/*/*/start/*.safetensors")
    }
    assert weights == {first.id}, "who did not know them yet"
    add_lines(club, "reader-2,garden-4,5,Useful advice about soil.,2026-02-03")
    assert run_app(["run", "club.yaml", *nightly]) == 0
    third = next(iter(Runs(club / "runs")))
    assert get_run(store, "ModelRun", third.id).metrics["beganFrom"] == first.id


@pytest.mark.slow
def test_a_source_that_only_adds_loses_nothing_but_the_forgotten(club, store):
    books, append = club / "books.csv", ["--set", "sources.0.mode=append"]
    add_lines(club, "reader-x,crime-1,5,It frotzed my weekend.,2026-02-02")
    whole = books.read_text(encoding="utf-8")
    head, *lines = whole.splitlines(keepends=True)
    assert run_app(["etl", "club.yaml"]) == 0
    wanted = graph_counts(store)
    store.clear()
    for some in (lines[:80], lines[80:], lines[:80]):  # a file of its own each day
        books.write_text("".join([head, *some]), encoding="utf-8")
        assert run_app(["etl", "club.yaml", *append, "--runs-dir", "daily"]) == 0
    counts = graph_counts(store)
    assert {name: counts[name] for name in ("Review", "RATED", "User", "Item")} == {
        name: wanted[name] for name in ("Review", "RATED", "User", "Item")
    }
    assert run_app(["forget", "reader-x", "--yes", "--runs-dir", "daily"]) == 0
    assert "reader-x" not in {
        key
        for place in (club / "daily").rglob("*.parquet")
        for key in pl.read_parquet(place).to_dict(as_series=False).get("user_id", [])
    }
    assert run_app(["etl", "club.yaml", *append, "--runs-dir", "daily"]) == 0
    assert graph_counts(store)["User"] == wanted["User"] - 1
    assert not store.run_text("MATCH (u:User {userId: 'reader-x'}) RETURN u")


@pytest.mark.slow
def test_what_the_graph_holds_is_believed_only_if_it_is_certain(club, store):
    assert run_app(["etl", "club.yaml"]) == 0
    reviews, changed = 24 * 7, []
    for lost in ("the tables", "the end of the run", "the same settings"):
        latest = next(iter(Runs(club / "runs")))
        match lost:
            case "the tables":
                (latest.path / "staging" / "reviews.parquet").unlink()
            case "the end of the run":
                store.run_text("MATCH (r:EtlRun) SET r.status = 'running' REMOVE r.finishedAt")
            case _:
                changed = ["--set", "interests.half_life_days=30"]
        reviews += 1
        add_lines(club, f"reader-{reviews},crime-1,5,Great advice from a detective.,2026-02-02")
        assert run_app(["etl", "club.yaml", *changed]) == 0
        assert "since" not in load_summary(club), lost
        assert graph_counts(store)["Review"] == reviews


@pytest.mark.slow
def test_another_half_life_is_derived_anew_and_so_is_the_way_back(club, store):
    fading = ["--set", "interests.half_life_days=30"]
    assert run_app(["etl", "club.yaml", *fading]) == 0
    add_lines(club, "reader-new,crime-1,1,Not for me.,2026-01-02")
    assert run_app(["etl", "club.yaml"]) == 0
    plain = graph_of(store)
    assert run_app(["etl", "club.yaml", *fading]) == 0
    faded = graph_of(store)
    assert faded != plain
    assert run_app(["etl", "club.yaml"]) == 0
    assert graph_of(store) == plain
    assert run_app(["etl", "club.yaml", *fading, "--force"]) == 0
    assert graph_of(store) == faded


@pytest.mark.slow
def test_what_was_derived_in_part_with_other_settings_is_not_built_upon(club, store, monkeypatch):
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    fading = ["--set", "interests.half_life_days=30"]
    assert run_app(["etl", "club.yaml"]) == 0
    add_lines(club, "reader-0,crime-5,1,,2026-01-02")  # few interests rest on it
    for changed, killed_in in (([], "write_steps"), (fading, "remove"), ([], "write_steps")):
        with monkeypatch.context() as patch:
            patch.setattr(f"etl.derive.{killed_in}", killed)
            assert run_app(["etl", "club.yaml", *changed]) == INTERRUPTED
    assert run_app(["etl", "club.yaml"]) == 0
    derived = graph_of(store)
    assert run_app(["etl", "club.yaml", "--force"]) == 0
    assert graph_of(store) == derived


@pytest.mark.slow
def test_a_run_publishes_and_a_second_one_changes_nothing(club, store, capsys):
    assert run_app(["run", "club.yaml"]) == 0
    told = capsys.readouterr().out
    assert "Held-out test" in told
    assert "Test likes against 1 × as many items drawn evenly, mean ± sd of 2 draws" in told
    (run,) = Runs(club / "runs")
    record = run.record()
    assert record.status == "done"
    assert {stage.status for stage in record.stages.values()} == {"done"}
    assert (run.path / "report.html").is_file()
    assert os.environ["NEO4J_PASSWORD"] not in "".join(
        path.read_text(encoding="utf-8", errors="ignore")
        for path in run.path.rglob("*")
        if path.suffix in {".json", ".jsonl", ".yaml", ".html"}
    )
    metrics = json.loads((run.path / "metrics.json").read_text(encoding="utf-8"))
    assert {"hetero-gat", "popularity", "item-knn", "ease"} == metrics["models"].keys()
    assert metrics["clicks"]["seeds"] == [20, 21]
    assert metrics["clicks"]["models"].keys() == metrics["models"].keys()
    # nobody likes a book of the other taste, and all books are about as popular
    auc = {name: each["test"]["auc"]["mean"] for name, each in metrics["clicks"]["models"].items()}
    assert auc["item-knn"] > auc["popularity"] + 0.1
    told = get_run(store, "ModelRun", record.id).metrics
    assert "higher is better" in str(told["score"])
    assert "held-out likes" in str(told["probability"])
    assert told["comparisons"] == metrics["comparisons"]
    assert {each["against"] for each in metrics["comparisons"]} == {
        "popularity",
        "item-knn",
        "ease",
    }
    counts = graph_counts(store)
    assert (counts["User"], counts["Item"], counts["Review"]) == (24, 20, 24 * 7)
    assert counts["RECOMMENDED"] > 0
    assert check_published(store) == []

    again = run_alone("run", "club.yaml")
    assert again.code == 0
    assert "Nothing to do" in again.out
    assert again.heavy == set()
    assert len(list(Runs(club / "runs"))) == 1
    assert graph_counts(store) == counts

    assert run_app(["run", "club.yaml", "--set", "model.hetero_gat.steps=10", "--quiet"]) == 0
    newer = Runs(club / "runs").get("latest").record()
    reused = [name for name, stage in newer.stages.items() if stage.status == "reused"]
    assert reused == ["read", "split", "extract", "load", "derive", "snapshot", "check", "encode"]
    assert check_published(store) == []

    _ask(capsys)


@pytest.mark.slow
@EMBEDDED
def test_lists_in_another_order_are_published_and_judged(club, store, capsys):
    changes = [
        "publish.rerank.method=mmr",
        "publish.rerank.weight=0.8",
        "model.models=[hetero-gat]",
    ]
    told = [word for change in changes for word in ("--set", change)]
    assert run_app(["run", "club.yaml", *told, "--quiet"]) == 0
    (run,) = Runs(club / "runs")
    assert check_published(store) == []
    scores = [
        [
            place["score"]
            for place in store.read("recommend/for_user", userId=f"reader-{n}", limit=9)
        ]
        for n in range(24)
    ]
    assert any(each != sorted(each, reverse=True) for each in scores)
    assert "need not fall" in str(get_run(store, "ModelRun", run.record().id).metrics["rank"])
    metrics = json.loads((run.path / "metrics.json").read_text(encoding="utf-8"))
    plain = metrics["models"]["hetero-gat"]["test"]
    assert metrics["reranked"]["test"]["diversity@5"] > plain["diversity@5"]

    capsys.readouterr()
    assert run_app(["tradeoff", "latest", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["weight"] for row in rows] == [n / 10 for n in range(11)]
    assert rows[-1]["diversity"] > rows[0]["diversity"]
    assert "by weight" in (run.path / "report.html").read_text(encoding="utf-8")
    assert run_app(["faithfulness", "latest", "--pairs", "5", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {"evidence", "attention", "message", "occlusion"} <= {row["weights"] for row in rows}
    assert "of 5 pairs of a person" in (run.path / "report.html").read_text(encoding="utf-8")
    assert run_app(["tradeoff", "latest", "--method", "calibrated"]) == 2
    assert "--kind Genre" in capsys.readouterr().err


def _ask(capsys: pytest.CaptureFixture[str]) -> None:
    """Ask for a list, a reason, an unknown reader, and a query as JSON."""
    capsys.readouterr()
    assert run_app(["recommend", "reader-3", "--format", "json"]) == 0
    places = json.loads(capsys.readouterr().out)
    assert [place["rank"] for place in places] == list(range(1, len(places) + 1))
    assert all(place["reason"] for place in places)
    assert run_app(["explain", "reader-3", places[0]["item"], "--format", "json"]) == 0
    [why] = json.loads(capsys.readouterr().out)
    assert why["sentence"].startswith("Because you ")
    assert why["sentence"].startswith(f"Because {why['reasons'][0]['because']}")
    assert (why["recommended"], why["gone"]) == (True, 0)
    assert places[0]["reason"] == f"because {why['reasons'][0]['because']}"
    assert run_app(["explain", "reader-3", places[0]["item"]]) == 0
    told = capsys.readouterr().out
    assert why["words"] in " ".join(told.split())
    assert all(quote["text"] in told for each in why["reasons"] for quote in each["quotes"])
    assert run_app(["recommend", "raeder-3"]) == 2
    assert "Near: reader-3" in capsys.readouterr().err
    assert run_app(["explain", "reader-3", "crime-77"]) == 2
    assert "crime-7" in capsys.readouterr().err
    assert run_app(["recommend", "--likes", "crime-1", "--likes", "crime-2", "-f", "json"]) == 0
    new = [place["item"] for place in json.loads(capsys.readouterr().out)]
    assert len(new) == 10
    assert all(item.startswith("crime") for item in new[:5])
    query = ["query", "recommend/for_user", "-p", "userId=reader-3", "-p", "limit=2"]
    assert run_app([*query, "--format", "json"]) == 0
    assert [row["itemId"] for row in json.loads(capsys.readouterr().out)] == [
        place["item"] for place in places[:2]
    ]


@pytest.mark.slow
def test_a_stopped_run_says_how_to_go_on_and_does(club, store, capsys):
    command = ["run", "club.yaml", "--set", "model.models=[ease]"]
    with (club / "out.txt").open("w", encoding="utf-8") as out:
        running = subprocess.Popen(
            [sys.executable, "-m", "recommender", *command],
            stderr=out,
            stdout=out,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        deadline = time.monotonic() + 300
        while "load      …" not in (club / "out.txt").read_text(encoding="utf-8"):
            assert running.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=120) == 130
    said = (club / "out.txt").read_text(encoding="utf-8")
    assert "Go on with the same command:  kgrec run club.yaml --set 'model.models=[ease]'" in said
    assert "Traceback" not in said
    (run,) = Runs(club / "runs")
    assert run.record().status == "interrupted"

    assert run_app([*command, "--resume", "--quiet"]) == 0
    assert [found.id for found in Runs(club / "runs")] == [run.id]
    stages = run.record().stages
    assert {stage.status for stage in stages.values()} == {"done"}
    assert graph_counts(store)["Review"] == 24 * 7
    assert check_published(store) == []
