"""The runner does what is to be done, once: resume, reuse, force, interruption."""

import signal
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kg.errors import ConfigError, ExtractionError
from recommender.config import Config
from recommender.display import SilentReporter
from recommender.environment import Environment
from recommender.fingerprints import code_version
from recommender.graph import Graph
from recommender.run_folder import Runs
from recommender.runner import Runner
from recommender.stage import FILES, Stage, StageContext, StageResult
from recommender.stopping import stopped_by_signals


class Bakery:
    """A workflow of three stages that write what they were told and count how often they work."""

    def __init__(self, tmp_path: Path) -> None:
        self.flour = tmp_path / "flour.csv"
        self.flour.write_text("user,item\nann,rye\n", encoding="utf-8")
        self.runs = Runs(tmp_path / "runs")
        self.home = tmp_path / "home"
        self.worked: Counter[str] = Counter()
        self.breaks: BaseException | None = None
        self.stop_after = ""
        self.hours = 0

    def stages(self) -> list[Stage]:
        return [
            Stage(
                name="read",
                does="mix",
                requires=(),
                assigns=("split",),
                settings=lambda config: [config.read, config.sources],
                rooms=("cypher",),
                function=lambda context: self._work("read", context, "split.parquet"),
                reads=lambda _config: [self.flour],
            ),
            Stage(
                name="train",
                does="bake",
                requires=("split",),
                assigns=("vectors",),
                settings=lambda config: config.seed,
                rooms=(),
                function=lambda context: self._work("train", context, "vectors.safetensors"),
            ),
            Stage(
                name="report",
                does="sell",
                requires=("vectors",),
                assigns=("report",),
                settings=lambda config: None,
                rooms=(),
                function=lambda context: self._work("report", context, *FILES["report"]),
            ),
        ]

    def _work(self, name: str, context: StageContext, *files: str) -> StageResult:
        self.worked[name] += 1
        if name == "train" and self.breaks:
            raise self.breaks
        for file in files:
            (context.folder / file).write_text(f"{name} of {context.run_id}", encoding="utf-8")
        context.progress(1, 1)
        return StageResult(f"{name} went well", {"loaves": 1})

    def runner(self, seed: int = 1, privacy: str = "", mode: str = "snapshot") -> Runner:
        config = Config.model_validate(
            {
                "name": "bakery",
                "seed": seed,
                "sources": [
                    {
                        "type": "delimited",
                        "path": str(self.flour),
                        "mode": mode,
                        "columns": {"user": "user", "item": "item"},
                    }
                ],
            }
        )
        self.hours += 1
        now = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=self.hours)
        graph = Graph(Environment.read({"KGREC_HOME": str(self.home)}), "bakery")
        return Runner(
            stages=self.stages(),
            config=config,
            runs=self.runs,
            graph=graph,
            cache=self.home,
            privacy=privacy,
            clock=lambda: now,
            reporter=SilentReporter(),
            stop_asked=lambda: self.stop_after in self.worked,
        )


@pytest.fixture
def bakery(tmp_path: Path) -> Bakery:
    return Bakery(tmp_path)


def test_a_second_run_of_the_same_input_has_nothing_to_do(bakery):
    first = bakery.runner().run()
    second = bakery.runner().run()
    assert not first.nothing_to_do
    assert second.nothing_to_do
    assert second.run == first.run
    assert bakery.worked == {"read": 1, "train": 1, "report": 1}
    assert first.run.record().status == "done"


@pytest.mark.parametrize(("mode", "worked"), [("snapshot", 2), ("append", 3)])
def test_what_an_earlier_run_read_is_not_what_is_read_after_another_one(bakery, mode, worked):
    first = bakery.runner(mode=mode).run()
    rye = bakery.flour.read_text(encoding="utf-8")
    bakery.flour.write_text("user,item\nbob,oat\n", encoding="utf-8")
    bakery.runner(mode=mode).run()
    bakery.flour.write_text(rye, encoding="utf-8")
    third = bakery.runner(mode=mode).run()
    assert bakery.worked == {"read": worked, "train": worked, "report": worked}
    assert (third.run == first.run) == (mode == "snapshot")
    assert bakery.runner(mode=mode).run().nothing_to_do


def test_another_seed_trains_again_and_takes_the_rest_over(bakery):
    first = bakery.runner(seed=1).run()
    second = bakery.runner(seed=2).run()
    assert bakery.worked == {"read": 1, "train": 2, "report": 2}
    assert second.run != first.run
    stages = second.run.record().stages
    assert (stages["read"].status, stages["read"].by) == ("reused", first.run.id)
    assert (stages["train"].status, stages["train"].by) == ("done", second.run.id)
    text = (second.run.path / "split.parquet").read_text(encoding="utf-8")
    assert text == f"read of {first.run.id}"


def test_what_was_read_under_another_list_of_the_forgotten_is_not_taken(bakery):
    first = bakery.runner().run()
    second = bakery.runner(privacy="one more").run()
    assert second.run != first.run
    assert bakery.worked == {"read": 2, "train": 2, "report": 2}
    assert bakery.runner(privacy="one more").run().nothing_to_do


def test_a_run_keeps_no_note_of_progress_when_it_has_ended(bakery):
    ended = bakery.runner().run()
    assert not (ended.run.path / "progress.json").exists()


def test_changed_data_does_everything_again(bakery):
    bakery.runner().run()
    bakery.flour.write_text("user,item\nbob,spelt\n", encoding="utf-8")
    bakery.runner().run()
    assert bakery.worked == {"read": 2, "train": 2, "report": 2}


def test_data_that_moved_is_the_same_data(bakery, tmp_path):
    bakery.runner().run()
    (tmp_path / "elsewhere").mkdir()
    bakery.flour = bakery.flour.rename(tmp_path / "elsewhere" / "flour.csv")
    assert bakery.runner().run().nothing_to_do


def test_force_does_everything_again_in_a_new_run(bakery):
    first = bakery.runner().run()
    second = bakery.runner().run(force=True)
    assert second.run != first.run
    assert bakery.worked == {"read": 2, "train": 2, "report": 2}


@pytest.mark.parametrize(
    ("breaks", "status"),
    [(KeyboardInterrupt(), "interrupted"), (ExtractionError("batch 7 burnt"), "failed")],
)
def test_a_run_that_stopped_is_continued_where_it_stopped(bakery, breaks, status):
    bakery.breaks = breaks
    with pytest.raises(type(breaks)):
        bakery.runner().run()
    (stopped,) = bakery.runs
    record = stopped.record()
    assert record.status == status
    assert {name: stage.status for name, stage in record.stages.items()} == {
        "read": "done",
        "train": status,
    }
    bakery.breaks = None
    again = bakery.runner().run(resume=True)
    assert again.run == stopped
    assert bakery.worked == {"read": 1, "train": 2, "report": 1}
    assert stopped.record().status == "done"
    assert stopped.record().error == ""


def test_a_failure_leaves_its_reason_in_the_record_and_the_log(bakery):
    bakery.breaks = ExtractionError("batch 7 burnt", remedy="Lower the heat.")
    with pytest.raises(ExtractionError):
        bakery.runner().run()
    (run,) = bakery.runs
    assert "batch 7 burnt" in run.record().error
    assert "Traceback" in (run.path / "log.jsonl").read_text(encoding="utf-8")


def test_a_stop_that_breaks_a_librarys_clean_up_is_still_a_stop(bakery):
    broken = BufferError("broken clean-up")
    broken.__context__ = KeyboardInterrupt()
    bakery.breaks = broken
    with pytest.raises(KeyboardInterrupt):
        bakery.runner().run()
    (run,) = bakery.runs
    assert run.record().status == "interrupted"


def test_a_wish_to_stop_is_granted_when_a_stage_reports_progress(bakery):
    bakery.stop_after = "train"
    with pytest.raises(KeyboardInterrupt):
        bakery.runner().run()
    (run,) = bakery.runs
    assert run.record().status == "interrupted"
    assert run.record().stages["train"].status == "interrupted"
    bakery.stop_after = ""
    assert bakery.runner().run(resume=True).run == run
    assert bakery.worked == {"read": 1, "train": 2, "report": 1}


def test_a_wish_to_stop_is_granted_between_stages(bakery):
    bakery.runner().run(until="read")
    bakery.stop_after = "read"
    with pytest.raises(KeyboardInterrupt):
        bakery.runner().run()
    (run,) = bakery.runs
    assert run.record().status == "interrupted"
    assert bakery.worked == {"read": 1}


def test_the_first_signal_asks_and_the_second_one_raises(capfd):
    before = signal.getsignal(signal.SIGINT)
    with stopped_by_signals(quiet=False) as stop_asked:
        assert not stop_asked()
        signal.raise_signal(signal.SIGINT)
        assert stop_asked()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
    assert capfd.readouterr().err.count("Ctrl-C again stops at once") == 1
    assert signal.getsignal(signal.SIGINT) is before


def test_a_killed_run_is_continued(bakery):
    """A killed process leaves its stage as running."""
    bakery.breaks = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        bakery.runner().run()
    (run,) = bakery.runs
    record = run.record()
    record.stages["train"].status = "running"
    run.save(record.model_copy(update={"status": "running"}))
    bakery.breaks = None
    assert bakery.runner().run().run == run
    assert bakery.worked == {"read": 1, "train": 2, "report": 1}


def test_artefacts_that_were_removed_are_made_again(bakery):
    run = bakery.runner().run().run
    (run.path / "vectors.safetensors").unlink()
    again = bakery.runner().run()
    assert again.run == run
    assert not again.nothing_to_do
    assert bakery.worked == {"read": 1, "train": 2, "report": 1}


def test_a_part_goes_up_to_its_last_stage_and_the_next_part_goes_on(bakery):
    part = bakery.runner().run(until="train")
    assert bakery.worked == {"read": 1, "train": 1}
    assert part.run.record().status == "partial"
    whole = bakery.runner().run()
    assert whole.run == part.run
    assert bakery.worked == {"read": 1, "train": 1, "report": 1}


def test_resume_without_an_unfinished_run_is_refused(bakery):
    with pytest.raises(ConfigError, match="no unfinished run"):
        bakery.runner().run(resume=True)
    bakery.runner().run()
    with pytest.raises(ConfigError, match="no unfinished run"):
        bakery.runner().run(resume=True)


def test_a_missing_source_file_is_named_before_anything_is_made(bakery):
    bakery.flour.unlink()
    with pytest.raises(ConfigError, match=r"flour\.csv"):
        bakery.runner().run()
    assert list(bakery.runs) == []


def test_the_config_is_kept_in_full_and_reads_back(bakery):
    run = bakery.runner(seed=7).run().run
    from recommender.config import read_config

    assert read_config(run.path / "config.yaml", (), {}) == bakery.runner(seed=7).config


def test_code_versions_differ_between_rooms_and_stay_the_same():
    assert code_version("kg") == code_version("kg")
    assert len({code_version("kg"), code_version("etl"), code_version("kg.errors")}) == 3
