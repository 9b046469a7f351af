"""Hostile names and contents of files that arrive: taken as they are, or set aside with why."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hostile import KEYS, TEXTS
from server_environment import point_at
from source_files import ACT, configured

from etl.people import People
from etl.read import read_sources
from etl.sources import ReadSettings
from etl.staging import Staging
from kg.store import Store
from recommender.cli.app import run_app
from recommender.terminal import plain
from recommender.watching.intake import Intake

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PATTERN = "acts-*.csv"
ROWS = b"user,item\nada,lamp\n"
LONGEST = 255
"""Bytes of a file's name."""


def called(text: str) -> str:
    """A name that fits the pattern, and holds as much of a text as a name can."""
    middle = text.replace("/", "_").replace("\0", "0").encode()[: LONGEST - len("acts-.csv")]
    return f"acts-{middle.decode(errors='ignore')}.csv"


NAMES = [
    *(called(text) for text in TEXTS.values()),
    "acts-\nloaded by run 1.csv",
    "acts- .csv",
    "acts-[a].csv",
    "acts-?.csv",
]


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    (tmp_path / "inbox").mkdir()
    sources = configured(
        {"type": "delimited", "path": str(tmp_path / "taken" / PATTERN), "columns": ACT}
    )
    return Intake.of(tmp_path / "inbox", sources, ReadSettings(), People())


def arrive(intake: Intake, name: str, content: bytes = ROWS) -> Path:
    file = intake.folder / name
    file.write_bytes(content)
    return file


def left(folder: Path) -> list[str]:
    """What has not been moved."""
    return [path.name for path in folder.iterdir() if path.is_file() and path.name[0] != "."]


def test_names_are_names(intake: Intake, tmp_path: Path) -> None:
    for n, name in enumerate(NAMES):
        assert intake.take(arrive(intake, name, ROWS + b"x,%d\n" % n), NOON) is None, name
    assert left(intake.folder) == []
    assert sorted(path.name for path in (tmp_path / "taken").iterdir()) == sorted(NAMES)
    assert [line.name for line in intake.ledger] == NAMES
    read_sources(intake.sources, base=Path(), run=tmp_path / "run")
    told = Staging(tmp_path / "run" / "staging").read("interactions")
    assert set(told["source"].to_pylist()) <= {f"taken/{name}" for name in NAMES}
    assert told.filter(pc.equal(told["user_id"], "x")).num_rows == len(NAMES)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (PATTERN, "Its name is a pattern of the config, which would then name this file alone."),
        (os.fsdecode(b"acts-\xff.csv"), "Its name is no text in UTF-8."),
        (os.fsdecode(b"\xff" * LONGEST), f"Its name fits no source; wanted {PATTERN}."),
        ("k" * LONGEST, f"Its name fits no source; wanted {PATTERN}."),
    ],
    ids=["the pattern", "no UTF-8", "no UTF-8 and long", "long"],
)
def test_names_that_would_do_harm_are_set_aside(intake: Intake, name: str, reason: str) -> None:
    for content in (ROWS, ROWS + b"ben,lamp\n"):
        assert intake.take(arrive(intake, name, content), NOON) == reason
    assert left(intake.folder) == []
    aside = list((intake.folder / "rejected").iterdir())
    told = [path for path in aside if path.name.endswith(".reason.txt")]
    assert [path.read_text(encoding="utf-8") for path in told] == [f"{reason}\n"] * 2
    kept = {path.read_bytes() for path in aside if path not in told}
    assert kept == {ROWS, ROWS + b"ben,lamp\n"}, "the second did not take the place of the first"


CONTENTS = {
    "NUL alone": b"\0" * 1_000,
    "no UTF-8": b"user,item\n\xff\xfe,\xc3\x28\n",
    "a header that is obeyed": b"\x1b[2J\xe2\x80\xae,item\nada,lamp\n",
    "a long line": b"user,item\n" + b"k" * 20_000_000 + b",lamp\n",
    "a zip bomb's beginning": b"PK\x03\x04" + b"\0" * 100,
    "half of gzip": b"\x1f\x8b\x08\x00" + b"\0" * 10,
    "an open quote": b'user,item\n"ada,lamp\n',
}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_bad_contents_are_set_aside(intake: Intake, content: bytes) -> None:
    said = intake.take(arrive(intake, "acts-1.csv", content), NOON)
    assert said
    assert (intake.folder / "rejected" / "acts-1.csv").read_bytes() == content
    why = (intake.folder / "rejected" / "acts-1.csv.reason.txt").read_text(encoding="utf-8")
    assert why == f"{plain(said)}\n"
    assert "\x1b" not in why
    assert left(intake.folder) == []


def test_hostile_files_are_loaded_as_they_are(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    point_at(store, tmp_path, monkeypatch)
    (tmp_path / "my.yaml").write_text(
        "name: club\nencoder: {model: null}\nsources: [{type: delimited, behaviour: LIKED,\n"
        "  path: taken/acts-*.parquet, columns: {user: user, item: item}}]\n"
    )
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for n, key in enumerate(KEYS):
        name = called(key).removesuffix(".csv")[:100] + f"{n}.parquet"
        pq.write_table(pa.table({"user": [key], "item": [f"{key}~"[:1_000]]}), inbox / name)
    (inbox / "acts-*.parquet").write_bytes(b"PAR1")
    assert run_app(["watch", "inbox", "my.yaml", "--once", "--settle", "0"]) == 0
    said = capsys.readouterr()
    assert said.out.count(": taken\n") == len(KEYS)
    assert said.err.startswith("acts-*.parquet: set aside in rejected. ")
    assert not set("\x1b\x9b\u202e\u2066") & set(said.out + said.err)
    rows = store.run_text("MATCH (u:User)-[:LIKED]->(:Item) RETURN u.userId AS user")
    assert sorted(str(row["user"]) for row in rows) == sorted(KEYS)
