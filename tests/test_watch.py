"""Files that arrive in a folder: which are whole, where they go, and that each is loaded once."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from run_world import make_run
from server_environment import point_at
from source_files import ACT, configured

from etl.people import People
from etl.read import fingerprint, read_sources
from etl.sources import ReadSettings
from etl.staging import Staging
from kg.errors import ConfigError, SourceError
from kg.store import Store
from recommender.cli.app import run_app
from recommender.fingerprints import content_hash
from recommender.run_folder import Runs
from recommender.watching.arrivals import Arrivals
from recommender.watching.intake import Intake
from recommender.watching.ledger import Ledger, Taken

ROOT = Path(__file__).parents[1]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HEADER = "user,item\n"
CONFIG = """\
name: club
sources:
  - {type: delimited, path: taken/acts-*.csv, columns: {user: user, item: item}, behaviour: LIKED}
encoder: {model: null}
"""


def arrive(folder: Path, name: str, text: str, *, at: float | None = None) -> Path:
    """A file that was written at some time; long ago if nothing is said."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    when = 1_000.0 if at is None else at
    os.utime(path, (when, when))
    return path


def test_a_file_that_still_grows_is_not_whole(tmp_path: Path) -> None:
    arrivals = Arrivals(tmp_path, settle=10)
    arrive(tmp_path, "a.csv", "1", at=5_000)
    assert arrivals.whole(5_003) == []
    arrive(tmp_path, "a.csv", "12", at=5_008)
    assert arrivals.whole(5_012) == [], "it was whole for ten seconds if it had not grown"
    assert arrivals.whole(5_018) == [tmp_path / "a.csv"]


def test_a_file_whose_time_lies_in_the_future_is_whole_once_it_stands_still(tmp_path: Path) -> None:
    arrivals = Arrivals(tmp_path, settle=10)
    arrive(tmp_path, "a.csv", "1", at=9_000)
    assert arrivals.whole(5_000) == []
    assert arrivals.whole(5_010) == [tmp_path / "a.csv"]


def test_a_file_that_is_renamed_in_is_whole_at_once(tmp_path: Path) -> None:
    arrivals = Arrivals(tmp_path, settle=10)
    part = arrive(tmp_path, "a.csv.part", "1")
    assert arrivals.whole(5_000) == []
    part.rename(tmp_path / "a.csv")
    assert arrivals.whole(5_001) == [tmp_path / "a.csv"]


def test_what_is_no_finished_file_is_left_alone(tmp_path: Path) -> None:
    for name in (".hidden.csv", "a.csv.tmp", "a.csv~", "a.CSV.PART"):
        arrive(tmp_path, name, "x")
    arrive(tmp_path, "empty.csv", "")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "link.csv").symlink_to("/etc/hostname")
    os.mkfifo(tmp_path / "pipe.csv")
    arrive(tmp_path, "second.csv", "x", at=2_000)
    arrive(tmp_path, "first.csv", "x", at=1_500)
    found = Arrivals(tmp_path, settle=0).whole(5_000)
    assert [path.name for path in found] == ["first.csv", "second.csv"], "oldest first"


def test_a_pattern_names_all_files_that_fit(tmp_path: Path) -> None:
    for name, who in (("acts-2.csv", "ben"), ("acts-1.csv", "ada"), (".acts-3.csv", "eve")):
        arrive(tmp_path, name, f"{HEADER}{who},lamp\n")
    arrive(tmp_path, "other.csv", "what,ever\n1,2\n")
    sources = configured({"type": "delimited", "path": "acts-*.csv", "columns": ACT})
    report = read_sources(sources, base=tmp_path, run=tmp_path / "run")
    assert [file.file.split("/")[-1] for file in report.files] == ["acts-1.csv", "acts-2.csv"]
    users = Staging(tmp_path / "run" / "staging").read("interactions")["user_id"].to_pylist()
    assert sorted(users) == ["ada", "ben"]
    before = fingerprint(sources, tmp_path)
    arrive(tmp_path, "acts-4.csv", f"{HEADER}cy,lamp\n")
    assert fingerprint(sources, tmp_path) != before


def test_a_pattern_that_nothing_fits_is_a_mistake(tmp_path: Path) -> None:
    sources = configured({"type": "delimited", "path": "acts-*.csv", "columns": ACT})
    with pytest.raises(SourceError, match=r"No file fits the source .*acts-\*\.csv"):
        read_sources(sources, base=tmp_path, run=tmp_path / "run")


def test_a_file_with_a_sign_in_its_name_is_itself(tmp_path: Path) -> None:
    arrive(tmp_path, "acts[1].csv", f"{HEADER}ada,lamp\n")
    sources = configured({"type": "delimited", "path": "acts[1].csv", "columns": ACT})
    assert sources[0].paths(tmp_path) == [tmp_path / "acts[1].csv"]


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    (tmp_path / "inbox").mkdir()
    sources = configured(
        {"type": "delimited", "path": str(tmp_path / "taken/acts-*.csv"), "columns": ACT}
    )
    return Intake.of(tmp_path / "inbox", sources, ReadSettings(), People())


def test_a_good_file_goes_to_its_source(intake: Intake, tmp_path: Path) -> None:
    assert intake.waiting() == [str(tmp_path / "taken/acts-*.csv")]
    text = f"{HEADER}ada,lamp\n"
    assert intake.take(arrive(intake.folder, "acts-1.csv", text), NOON) is None
    assert (tmp_path / "taken/acts-1.csv").read_text() == text
    assert not (intake.folder / "acts-1.csv").exists()
    assert intake.waiting() == []
    [line] = intake.ledger
    assert (line.name, line.folder, line.at) == ("acts-1.csv", tmp_path / "taken", NOON)


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("acts-1.csv", "person,item\nada,lamp\n", "has no column 'user'"),
        ("acts-1.csv", f"{HEADER},lamp\n,desk\n", "2 of 2 rows"),
        ("acts-1.csv.gz", "no archive", "fits no source; wanted acts-*.csv"),
        ("reviews.csv", f"{HEADER}ada,lamp\n", "fits no source"),
    ],
)
def test_a_bad_file_is_set_aside_with_the_reason(
    intake: Intake, name: str, text: str, reason: str
) -> None:
    said = intake.take(arrive(intake.folder, name, text), NOON)
    assert said is not None
    assert reason in said
    assert (intake.folder / "rejected" / name).read_text() == text
    assert reason in (intake.folder / "rejected" / f"{name}.reason.txt").read_text()
    assert not list(intake.ledger)


def test_the_same_content_is_taken_once(intake: Intake, tmp_path: Path) -> None:
    text = f"{HEADER}ada,lamp\n"
    assert intake.take(arrive(intake.folder, "acts-1.csv", text), NOON) is None
    for name in ("acts-1.csv", "acts-2.csv"):
        said = intake.take(arrive(intake.folder, name, text), NOON)
        assert said == "It has the content of acts-1.csv, which was taken on 2026-03-01."
    assert [file.name for file in (tmp_path / "taken").iterdir()] == ["acts-1.csv"]


def test_a_file_of_the_same_name_takes_the_others_place(intake: Intake, tmp_path: Path) -> None:
    texts = [f"{HEADER}{who},lamp\n" for who in ("ada", "ben")]
    for text in texts:
        assert intake.take(arrive(intake.folder, "acts-1.csv", text), NOON) is None
    assert (tmp_path / "taken/acts-1.csv").read_text() == texts[1]
    assert intake.take(arrive(intake.folder, "acts-1.csv", texts[0]), NOON) is None, "taken back"


def test_a_line_without_its_file_counts_for_nothing(intake: Intake, tmp_path: Path) -> None:
    file = arrive(intake.folder, "acts-1.csv", f"{HEADER}ada,lamp\n")
    assert intake.take(file, NOON) is None
    (tmp_path / "taken/acts-1.csv").rename(file)  # as if killed between the two
    with intake.ledger.path.open("a") as ledger:
        ledger.write('{"name": "acts-')
    assert intake.take(file, NOON) is None


def test_a_file_that_was_to_replace_another_when_the_watcher_was_killed_is_taken(
    intake: Intake, tmp_path: Path
) -> None:
    texts = [f"{HEADER}{who},lamp\n" for who in ("ada", "ben")]
    assert intake.take(arrive(intake.folder, "acts-1.csv", texts[0]), NOON) is None
    file = arrive(intake.folder, "acts-1.csv", texts[1])
    intake.ledger.add(
        Taken(name=file.name, folder=tmp_path / "taken", sha256=content_hash(file), at=NOON)
    )
    assert intake.take(file, NOON) is None
    assert (tmp_path / "taken/acts-1.csv").read_text() == texts[1]


def test_a_ledger_forgets_no_whole_line(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    assert list(ledger) == []
    lines = [Taken(name=f"ü{n}\n", folder=tmp_path, sha256="0", at=NOON) for n in range(3)]
    for line in lines:
        ledger.add(line)
    assert list(ledger) == lines


def test_another_file_system_gets_the_whole_file(
    intake: Intake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace

    def across(self: Path, target: Path) -> Path:
        if self.parent != Path(target).parent:
            raise OSError(errno.EXDEV, "another file system")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", across)
    text = f"{HEADER}ada,lamp\n"
    assert intake.take(arrive(intake.folder, "acts-1.csv", text), NOON) is None
    assert [file.name for file in (tmp_path / "taken").iterdir()] == ["acts-1.csv"]
    assert (tmp_path / "taken/acts-1.csv").read_text() == text
    assert not (intake.folder / "acts-1.csv").exists()


def test_what_could_never_work_is_refused(tmp_path: Path) -> None:
    def of(folder: Path, path: str) -> Intake:
        sources = configured({"type": "delimited", "path": path, "columns": ACT})
        return Intake.of(folder, sources, ReadSettings(), People())

    with pytest.raises(ConfigError, match="is no folder"):
        of(tmp_path / "absent", "x/*.csv")
    with pytest.raises(ConfigError, match="has a pattern"):
        of(tmp_path, "x/acts.csv")
    with pytest.raises(ConfigError, match="reads the folder that is watched"):
        of(tmp_path, str(tmp_path / "*.csv"))


@pytest.fixture
def club(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    point_at(store, tmp_path, monkeypatch)
    (tmp_path / "inbox").mkdir()
    (tmp_path / "my.yaml").write_text(CONFIG, encoding="utf-8")
    return store


def likes(store: Store) -> set[tuple[str, str]]:
    rows = store.run_text("MATCH (u:User)-[:LIKED]->(i:Item) RETURN u.userId AS u, i.itemId AS i")
    return {(str(row["u"]), str(row["i"])) for row in rows}


def test_each_file_is_loaded_once_as_it_comes(
    club: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    once = ["watch", "inbox", "my.yaml", "--once"]
    inbox = tmp_path / "inbox"
    assert run_app(once) == 0
    assert "Nothing is loaded yet" in capsys.readouterr().out
    first = [(f"u{n}", "lamp") for n in range(9)]
    arrive(inbox, "acts-1.csv", HEADER + "".join(f"{u},{i}\n" for u, i in first))
    assert run_app(once) == 0
    assert likes(club) == set(first)
    arrive(inbox, "acts-2.csv", f"{HEADER}u1,desk\n")
    arrive(inbox, "acts-3\x1b[2J.csv", "oh,no\n1,2\n")
    capsys.readouterr()
    assert run_app(once) == 0
    said = capsys.readouterr()
    assert likes(club) == {*first, ("u1", "desk")}
    assert "acts-2.csv: taken" in said.out
    assert " since " in said.out, "only what is new was written"
    assert r"acts-3\x1b[2J.csv: set aside in rejected. " in said.err
    make_run(tmp_path / "runs", "99991231-1", "another")
    runs = len(list(Runs(tmp_path / "runs")))
    assert run_app(once) == 0
    assert len(list(Runs(tmp_path / "runs"))) == runs, "a restart finds nothing to do"
    assert capsys.readouterr().out == "", "and cron has nothing to send"


def test_the_command_waits_for_files_until_it_is_asked_to_end(
    club: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    command = [sys.executable, "-u", "-m", "recommender", "watch", "inbox", "my.yaml"]
    process = subprocess.Popen(
        [*command, "--every", "0.1", "--settle", "0.2"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        assert "Nothing is loaded yet" in process.stdout.readline()
        (tmp_path / "inbox" / "acts-1.csv").write_text(f"{HEADER}ada,lamp\n")
        line = process.stdout.readline()
        while "Nothing is loaded yet" in line:
            line = process.stdout.readline()
        assert line == "acts-1.csv: taken\n"
        assert "loaded by run" in process.stdout.readline()
        assert likes(club) == {("ada", "lamp")}
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
