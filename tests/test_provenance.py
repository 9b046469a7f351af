"""From a fact back to the run that wrote it; and what two runs do not share."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from run_world import make_run

from kg.runs import begin_run, finish_run
from kg.store import Store
from recommender.artefacts import hashes_of
from recommender.cli.app import run_app
from recommender.diff_runs import diff_runs
from recommender.run_folder import RunFolder, StageRecord

MONDAY = datetime(2024, 4, 1, 22, tzinfo=UTC)
SHELF = """
CREATE (ada:User {userId: 'ada', runId: 'r-1'}), (lamp:Item {itemId: 'lamp', runId: 'r-1'}),
       (desk:Item {itemId: 'desk', runId: 'r-1'}),
       (said:Review {reviewId: 'v-1', runId: 'r-1'}),
       (light:Aspect {aspectId: 'light', runId: 'r-1'}),
       (ada)-[:WROTE {runId: 'r-1'}]->(said)-[:ABOUT {runId: 'r-1'}]->(lamp),
       (said)-[:MENTIONS {runId: 'r-1'}]->(light),
       (lamp)-[:DESCRIBED_BY {runId: 'r-1', attention: 0.4}]->(light),
       (ada)-[:RATED {runId: 'r-1', attention: 0.2, attentionBack: 0.1}]->(lamp),
       (ada)-[:RECOMMENDED {rank: 1, runId: 'r-1', reasons: []}]->(desk)
"""


@pytest.fixture
def shelf(store: Store) -> Store:
    """A graph that one run loaded and published: both of its halves have the same id."""
    store.run_text(SHELF)
    for kind, config in (("EtlRun", {"text": 1}), ("ModelRun", {"model": 2})):
        begin_run(store, kind, "r-1", now=MONDAY, config=config, code_version="1+c0de")
    finish_run(
        store,
        "EtlRun",
        "r-1",
        now=MONDAY,
        counts={},
        timings={},
        data_hash="of files",
        artefacts={"staging/reviews.parquet": "aa"},
    )
    finish_run(
        store,
        "ModelRun",
        "r-1",
        now=MONDAY,
        counts={},
        timings={},
        metrics={"ndcg": 1},
        data_hash="of snapshot",
        artefacts={"models/published/x/model.json": "bb"},
        etl_run_id="r-1",
    )
    store.run_text("MATCH (r:ModelRun) SET r.publishedAt = datetime('2024-04-01T23:00:00Z')")
    return store


@pytest.mark.parametrize(
    ("key", "other", "whats"),
    [
        ("v-1", None, {"Review": "EtlRun"}),
        ("v-1", "light", {"MENTIONS": "EtlRun"}),
        ("lamp", "light", {"DESCRIBED_BY": "EtlRun", "DESCRIBED_BY attention": "ModelRun"}),
        ("ada", "lamp", {"RATED": "EtlRun", "RATED attention": "ModelRun"}),
        ("ada", "desk", {"RECOMMENDED": "ModelRun"}),
    ],
)
def test_every_fact_leads_to_its_run(
    shelf: Store, key: str, other: str | None, whats: dict[str, str]
) -> None:
    rows = shelf.read("browse/provenance", key=key, other=other)
    assert {row["what"]: row["kind"] for row in rows} == whats
    for row in rows:
        assert (row["runId"], row["status"], row["codeVersion"]) == ("r-1", "done", "1+c0de")
        learnt = row["kind"] == "ModelRun"
        assert row["dataHash"] == ("of snapshot" if learnt else "of files")
        assert row["etlRunId"] == ("r-1" if learnt else None)
        assert json.loads(str(row["config"])) == ({"model": 2} if learnt else {"text": 1})
        [artefact] = json.loads(str(row["artefacts"]))
        assert artefact.startswith("models/" if learnt else "staging/")


def test_what_is_nowhere_has_no_provenance(shelf: Store) -> None:
    assert shelf.read("browse/provenance", key="nobody", other=None) == []
    assert shelf.read("browse/provenance", key="ada", other="light") == []


def finish(folder: Path, *, config: str, likes: int, ndcg: float) -> RunFolder:
    run = RunFolder(folder)
    record = run.record()
    record.stages["read"] = StageRecord(
        fingerprint=f"of {likes}",
        status="done",
        by=run.id,
        started_at=MONDAY,
        counts={"interactions": likes, "seconds x": likes * 0.1},
    )
    run.save(record)
    (folder / "config.yaml").write_text(config, encoding="utf-8")
    figures = {"models": {"ease": {"test": {"ndcg@10": ndcg, "recall@10": 0.5}}}}
    (folder / "metrics.json").write_text(json.dumps(figures), encoding="utf-8")
    return run


def test_two_runs_differ_in_config_data_and_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = "name: shop\nsources: [{path: a.csv}]\nmodel: {ease: {l2: [%s]}}\n"
    one = finish(make_run(tmp_path, "one"), config=shop % 5, likes=10, ndcg=0.2)
    two = finish(make_run(tmp_path, "two"), config=shop % 9, likes=12, ndcg=0.25)
    told = [(each.of, each.key, each.first, each.second) for each in diff_runs(one, two)]
    assert told == [
        ("config", "model.ease.l2", [5], [9]),
        ("data", "read: interactions", 10, 12),
        ("metric", "ease ndcg@10 (test)", 0.2, 0.25),
    ]
    where = ["--runs-dir", str(tmp_path)]
    assert run_app(["runs", "diff", "one", "two", "--format", "json", *where]) == 0
    assert [row["first"] for row in json.loads(capsys.readouterr().out)] == [[5], 10, 0.2]
    assert run_app(["runs", "diff", "one", "one", *where]) == 0
    assert "nothing" in capsys.readouterr().out


def test_a_run_shows_what_it_rests_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    finish(make_run(tmp_path, "one"), config="name: shop", likes=10, ndcg=0.2)
    where = ["--runs-dir", str(tmp_path)]
    assert run_app(["runs", "show", "one", *where]) == 0
    assert "of 10" in capsys.readouterr().out
    assert run_app(["runs", "show", "one", "--json", *where]) == 0
    assert json.loads(capsys.readouterr().out)["stages"]["read"]["fingerprint"] == "of 10"


def test_files_are_told_by_hash(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "one")
    finish(folder, config="", likes=3, ndcg=0.1)
    told = hashes_of(folder, ["config.yaml", "models/*/*"])
    assert told == {
        "config.yaml": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    }
