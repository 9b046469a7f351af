"""The short form of `python -m benchmarks.fuzz`: some hundred mutated rows of each kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.fuzz import ALL, fuzz, main, outcome
from etl.sources import Batch

SOUND = b"u1 lamp desk\nu2\n\nu1 lamp desk\n"


@pytest.mark.parametrize("kind", ALL)
def test_mutated_rows_are_taken_or_set_aside_with_a_reason(kind: str) -> None:
    counts = fuzz(kind, rows=150, seed_=7)
    assert counts.total() - counts["files"] >= 150
    assert len(counts) >= 3  # files, and rows of at least two fates


def test_the_fate_of_each_row_is_told(tmp_path: Path) -> None:
    assert outcome("adjacency", SOUND, tmp_path) == {"files": 1, "taken": 2, "exact duplicate": 1}
    assert outcome("csv", b"user,item\na,b\n", tmp_path) == {"files": 1, "in refused files": 3}


def test_a_reader_that_loses_rows_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "benchmarks.fuzz.read_source",
        lambda *_: iter([Batch(file="x", rows=3, accepted=2)]),
    )
    with pytest.raises(AssertionError, match="some are lost"):
        outcome("adjacency", SOUND, tmp_path)


def test_it_prints_what_became_of_the_rows(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--rows", "20", "--only", "names"])
    assert "names: " in capsys.readouterr().out
