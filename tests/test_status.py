"""What other programs see of a run: status, progress, lines of the log, figures as a textfile."""

from __future__ import annotations

import json
import logging
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from run_world import make_run

from recommender.cli.app import run_app
from recommender.locks import exclusive, holder
from recommender.progress_file import ProgressFile, read_progress
from recommender.run_folder import LOCK, RunFolder, StageRecord
from recommender.run_log import logging_to
from recommender.textfile import textfile
from recommender.workflow import WORKFLOW

STAGES = [stage.name for stage in WORKFLOW]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def test_progress_tells_rate_and_time_left(tmp_path: Path) -> None:
    clock = Clock()
    told = ProgressFile(tmp_path, clock)
    told.began("encode", STAGES)
    for seconds, done in ((10, 100), (20, 600), (20, 610)):
        clock.now = NOON + timedelta(seconds=seconds)
        told.progressed(done, 1_100, "texts")
    progress = read_progress(tmp_path)
    assert progress is not None
    assert (progress.stage, progress.place) == ("encode", STAGES.index("encode") + 1)
    assert progress.stages == len(STAGES)
    assert progress.done == 600, "at most one note a second"
    assert progress.rate == 50, "500 texts in the ten seconds since the first note"
    assert progress.left == timedelta(seconds=10)
    clock.now += timedelta(seconds=5)
    told.progressed(3, 4, "batches")
    anew = read_progress(tmp_path)
    assert anew is not None
    assert (anew.done, anew.unit, anew.rate, anew.left) == (3, "batches", None, None)
    told.close()
    assert read_progress(tmp_path) is None


def begin(folder: Path, run_id: str, *, status: str, pid: int) -> RunFolder:
    run = RunFolder(make_run(folder, run_id))
    run.save(run.record().model_copy(update={"status": status, "pid": pid}))
    return run


def status(folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    capsys.readouterr()
    assert run_app(["status", "--json", "--runs-dir", str(folder)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert isinstance(told, dict)
    return told


def test_status_knows_a_run_at_work_from_a_killed_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(tmp_path, capsys) == {"status": "no run"}
    run = begin(tmp_path, "20260301-1", status="running", pid=os.getpid())
    begin(tmp_path, "20260301-2", status="done", pid=1)
    ProgressFile(run.path, lambda: NOON).began("train", STAGES)
    with exclusive(tmp_path / LOCK, what="the runs", now=datetime.now(UTC)):
        told = status(tmp_path, capsys)
        assert run_app(["status", "--runs-dir", str(tmp_path)]) == 0
        assert "stage train (" in capsys.readouterr().out
    assert (told["run"], told["status"], told["stage"]) == ("20260301-1", "running", "train")
    assert (told["pid"], told["seconds_left"]) == (os.getpid(), None)
    assert status(tmp_path, capsys)["run"] == "20260301-2", "nobody is at work: the newest"
    begin(tmp_path, "20260301-3", status="running", pid=os.getpid())
    assert status(tmp_path, capsys)["status"] == "killed"


def test_the_note_of_a_killed_process_is_no_holder(tmp_path: Path) -> None:
    note = {"pid": os.getpid(), "since": (NOON - timedelta(days=9_000)).isoformat()}
    (tmp_path / f"{LOCK}.json").write_text(json.dumps(note), encoding="utf-8")
    assert holder(tmp_path / LOCK) is None, "our process was made later than that"
    assert holder(tmp_path / "other") is None


def test_every_line_of_the_log_tells_its_run(tmp_path: Path) -> None:
    with logging_to(tmp_path / "log.jsonl", run="20260301-7"):
        logging.getLogger("kg.somewhere").warning("odd")
    [line] = (tmp_path / "log.jsonl").read_text(encoding="utf-8").splitlines()
    told = json.loads(line)
    assert (told["run"], told["message"]) == ("20260301-7", "odd")


def test_a_textfile_holds_durations_counts_and_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = RunFolder(make_run(tmp_path, "20260301-1", dataset='the "shop"'))
    record = run.record()
    for name, by, counts in (
        ("read", run.id, {"reviews": 12, "seconds x": 1.0, "model": "text"}),
        ("publish", "another", {"RECOMMENDED": 30}),
    ):
        record.stages[name] = StageRecord(
            fingerprint="f", status="done", by=by, started_at=NOON, seconds=2.5, counts=counts
        )
    run.save(record.model_copy(update={"finished_at": NOON}))
    figures = {"models": {"ease": {"test": {"ndcg@10": 0.25}}}}
    (run.path / "metrics.json").write_text(json.dumps(figures), encoding="utf-8")
    told = textfile(run)
    shop = r'dataset="the \"shop\""'
    for line in (
        f"kgrec_run_done{{{shop}}} 1",
        f"kgrec_run_finished_timestamp_seconds{{{shop}}} {int(NOON.timestamp())}",
        f'kgrec_stage_duration_seconds{{{shop},stage="read"}} 2.5',
        f'kgrec_stage_count{{{shop},stage="read",of="reviews"}} 12',
        f'kgrec_model_metric{{{shop},model="ease",metric="ndcg@10"}} 0.25',
        f'kgrec_model_published{{{shop},model="ease"}} 1',
    ):
        assert line in told.splitlines()
    assert 'stage="publish"} ' not in told, "another run took that time"
    sample = re.compile(r"(# (HELP|TYPE) kgrec_\w+ .+|kgrec_\w+\{.+\} [0-9.e+-]+)")
    assert all(sample.fullmatch(line) for line in told.splitlines())
    place = tmp_path / "metrics" / "kgrec.prom"
    assert run_app(["runs", "textfile", "-o", str(place), "--runs-dir", str(tmp_path)]) == 0
    assert place.read_text(encoding="utf-8") == told
