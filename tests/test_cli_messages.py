"""What a newcomer's mistakes are answered with: what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from recommender.cli.app import _words_for, run_app

FULL: Final = Path("/dev/full")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NEO4J_URI", "NEO4J_PASSWORD", "KGREC_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KGREC_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def test_an_unknown_dataset_is_refused_and_no_database_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    databases = tmp_path / "home" / "graph" / "databases"
    (databases / "bookshop").mkdir(parents=True)
    assert run_app(["recommend", "ann", "--dataset", "bokshop"]) == 2
    assert "no dataset 'bokshop'.\nNear: bookshop." in capsys.readouterr().err
    assert [each.name for each in databases.iterdir()] == ["bookshop"]


def test_the_address_for_browsers_is_no_address_of_the_graph(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NEO4J_URI", "http://localhost:7474")
    monkeypatch.setenv("NEO4J_PASSWORD", "kept secret")
    assert run_app(["graph", "status"]) == 2
    said = capsys.readouterr().err
    assert "bolt://host:7687" in said
    assert "kept secret" not in said


def test_a_folder_that_cannot_be_made_is_named_and_is_no_defect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("KGREC_HOME", str(tmp_path / "file" / "home"))
    assert run_app(["graph", "start"]) == 1
    said = capsys.readouterr().err
    assert str(tmp_path / "file") in said
    assert "defect" not in said


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: x\nsources: [\n", "my.yaml:3: this is not YAML"),
        ("name: my shop\nsources: [{type: adjacency, path: a}]", "my.yaml:1: name: 'my shop'"),
        (
            "name: x\nsources: [{type: adjacency, path: '${KGREC_DATA}/a', hint: Get a.}]",
            "Get a. Then: export KGREC_DATA=",
        ),
    ],
)
def test_mistakes_in_a_config_say_where_and_what_to_do(
    text: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("my.yaml").write_text(text, encoding="utf-8")
    assert run_app(["config", "check", "my.yaml"]) == 2
    assert message in capsys.readouterr().err


def _by_python(place: Path) -> None:
    place.write_text("words", encoding="utf-8")


def _by_arrow(place: Path) -> None:
    pq.write_table(pa.table({"n": [1]}), place)


@pytest.mark.skipif(not FULL.exists(), reason="no device here is always full")
@pytest.mark.parametrize("write", [_by_python, _by_arrow])
def test_a_full_disk_is_said_whoever_wrote(write: Callable[[Path], None], tmp_path: Path) -> None:
    (tmp_path / "full").symlink_to(FULL)
    with pytest.raises(OSError, match="No space") as caught:
        write(tmp_path / "full")
    wrapped = ValueError("cannot be saved")
    wrapped.__cause__ = caught.value
    for error in (caught.value, wrapped):
        message, remedy = _words_for(error)
        assert message.startswith("The disk is full: ")
        assert "same command" in remedy
