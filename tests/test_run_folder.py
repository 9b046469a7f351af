"""Runs are found by id, their records replaced whole, their artefacts taken over."""

from datetime import UTC, datetime, timedelta

import pytest

from kg.errors import ConfigError, UnknownKeyError
from recommender.run_folder import RunFolder, RunRecord, Runs, StageRecord

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def make(runs: Runs, now: datetime = NOON, fingerprint: str = "f") -> RunFolder:
    run = runs.create(now=now, fingerprint=fingerprint)
    run.save(
        RunRecord(
            id=run.id,
            dataset="shop",
            target="embedded:shop",
            fingerprint=fingerprint,
            version="0",
            started_at=now,
            pid=1,
            status="running",
        )
    )
    return run


def test_ids_sort_by_time_and_latest_is_the_newest(tmp_path):
    runs = Runs(tmp_path)
    made = [make(runs, NOON + timedelta(hours=hours)) for hours in (0, 5, 30)]
    assert [run.id for run in runs] == [run.id for run in reversed(made)]
    assert runs.get("latest") == made[-1]


def test_runs_of_one_second_sort_by_time_and_so_do_those_of_a_clock_that_was_set_back(tmp_path):
    runs = Runs(tmp_path)
    made = [make(runs, fingerprint=letter) for letter in "abcdefgh"]
    made.append(make(runs, NOON - timedelta(hours=1)))
    made.append(make(runs, NOON + timedelta(days=1)))
    assert [run.id for run in runs] == [run.id for run in reversed(made)]
    assert [run.id[9:15] for run in made[:2]] == ["120000", "120001"]


def test_an_id_that_somebody_made_up_is_of_long_ago(tmp_path):
    runs = Runs(tmp_path)
    make(runs).path.rename(tmp_path / "zero")
    assert make(runs).id.startswith("20260301-120000")


def test_a_run_is_found_by_the_beginning_of_its_id(tmp_path):
    runs = Runs(tmp_path)
    first, second = make(runs), make(runs, NOON + timedelta(days=1))
    assert runs.get("20260301-12") == first
    assert runs.get(second.id) == second
    with pytest.raises(UnknownKeyError, match="there are 2"):
        runs.get("202603")


def test_an_unknown_run_suggests_near_ids(tmp_path):
    runs = Runs(tmp_path)
    run = make(runs)
    with pytest.raises(UnknownKeyError, match=run.id) as caught:
        runs.get(run.id[:-1] + "x")
    assert caught.value.exit_code == 2


def test_latest_of_no_runs_is_an_error(tmp_path):
    with pytest.raises(UnknownKeyError, match="latest"):
        Runs(tmp_path / "none").get("latest")


def test_a_record_comes_back_as_it_was_saved(tmp_path):
    run = make(Runs(tmp_path))
    record = run.record()
    record.stages["read"] = StageRecord(
        fingerprint="x", status="done", by=run.id, started_at=NOON, counts={"rows": 7, "share": 0.5}
    )
    run.save(record)
    assert run.record() == record
    assert [path.name for path in run.path.iterdir()] == ["run.json"]


def test_a_broken_record_is_named(tmp_path):
    run = make(Runs(tmp_path))
    (run.path / "run.json").write_text("{", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"run\.json"):
        run.record()


def test_artefacts_taken_over_survive_a_change_of_either(tmp_path):
    runs = Runs(tmp_path)
    old, new = make(runs), make(runs, NOON + timedelta(days=1))
    (old.path / "models" / "ease").mkdir(parents=True)
    (old.path / "models" / "ease" / "weights").write_text("old", encoding="utf-8")
    patterns = ["models/*"]
    assert not new.holds(patterns)
    new.take_over(old, patterns)
    assert new.holds(patterns)
    new.remove(patterns)
    assert (old.path / "models" / "ease" / "weights").read_text(encoding="utf-8") == "old"
    assert not new.holds(patterns)
