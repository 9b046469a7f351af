"""What gives somebody away in lines, tables and vectors, and what only looks like it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch

from embeddings.text_vectors import TextVectors, hash_texts
from embeddings.vector_cache import VectorCache
from kg.errors import ConfigError
from kg.forgotten import Forgotten
from recommender.cli.app import run_app
from recommender.erasure.folder import lines_out
from recommender.erasure.needles import Needles
from recommender.erasure.report import Report, check
from recommender.erasure.tables import blank_rejected, rows_out
from recommender.erasure.traces import Traces
from recommender.secrets import Secret

TEXT = 'It said "plugh" & frotzed\nmy weekend'


def traces(key: str, text: str = TEXT) -> Traces:
    return Traces(Forgotten(frozenset({key}), frozenset(), frozenset({text})))


@pytest.mark.parametrize(
    "line",
    [
        "user maria-77 has no list",
        json.dumps({"message": "There is no user 'maria-77'."}),
        "maria-77\tmug\t5",
        json.dumps({"text": TEXT}),
        "<p>It said &quot;plugh&quot; &amp; frotzed\nmy weekend</p>",
        '"It said ""plugh"" & frotzed\nmy weekend"',
    ],
)
def test_a_line_that_names_them_is_known(line: str) -> None:
    assert traces("maria-77").in_line(line)


@pytest.mark.parametrize("line", ["maria-778 wrote", "anna-maria-77", "Maria", "plugh"])
def test_others_are_left_alone(line: str) -> None:
    assert not traces("maria-77").in_line(line)


def test_a_short_key_counts_only_as_a_whole_field() -> None:
    some = traces("42")
    assert some.in_line("42,mug,5")
    assert some.in_line("There is no user '42'.")
    assert not some.in_line("seconds 42")
    assert not some.in_text("42"), "a price may be 42"
    assert not some.in_bytes(b"\x0042\x00")


def test_a_commonplace_text_is_nobodys() -> None:
    assert not traces("maria-77", "Great!").in_line("Great! I love it")


def test_rows_go_by_user_review_and_relation(tmp_path: Path) -> None:
    who = Forgotten(frozenset({"maria"}), frozenset({"r1"}), frozenset())
    place = tmp_path / "t.parquet"
    pl.DataFrame({"review_id": ["r1", "r2", "r3"], "user_id": ["x", "maria", "y"]}).write_parquet(
        place
    )
    assert rows_out(place, who) == 2
    assert pl.read_parquet(place)["review_id"].to_list() == ["r3"]
    pl.DataFrame(
        {
            "start_kind": ["User", "Item"],
            "start_id": ["maria", "maria"],
            "end_kind": ["User", "Item"],
            "end_id": ["x", "y"],
        }
    ).write_parquet(place)
    assert rows_out(place, who) == 1
    assert pl.read_parquet(place)["start_kind"].to_list() == ["Item"], "an item of that name stays"
    before = place.read_bytes()
    assert rows_out(place, who) == 0
    assert place.read_bytes() == before


def test_raw_rows_are_blanked_and_still_counted(tmp_path: Path) -> None:
    place = tmp_path / "rejected.parquet"
    pl.DataFrame(
        {
            "source": ["a.csv", "a.csv"],
            "line": [3, 4],
            "reason": ["bad number", "bad number"],
            "detail": ["rating of maria-77", "rating"],
            "raw": ["maria-77,mug,many", "maria-778,mug,few"],
        }
    ).write_parquet(place)
    assert blank_rejected(place, traces("maria-77")) == 1
    assert pl.read_parquet(place)["raw"].to_list() == ["(forgotten)", "maria-778,mug,few"]


def test_lines_go_and_the_others_stay_as_they_were(tmp_path: Path) -> None:
    place = tmp_path / "log.jsonl"
    place.write_bytes(b'{"user": "maria-77"}\n{"user": "\xff"}\r\nlast')
    assert lines_out(place, traces("maria-77")) == 1
    assert place.read_bytes() == b'{"user": "\xff"}\r\nlast'


def test_a_text_leaves_every_space_of_the_cache(tmp_path: Path) -> None:
    hashes = hash_texts(["mine", "yours"])
    place = tmp_path / "v.sqlite"
    with VectorCache(place) as cache:
        for space in ("a", "b"):
            cache.write(space, hashes, np.ones((2, 4), np.float16))
        assert cache.forget(hashes[:1]) == 2
        known, _ = cache.read("a", hashes, 4)
    assert known.tolist() == [False, True]
    assert hashes[0].tobytes() not in place.read_bytes()
    assert hashes[1].tobytes() in place.read_bytes()


def test_vectors_keep_their_order() -> None:
    texts = [f"text {n}" for n in range(40)]
    vectors = TextVectors.of_texts(texts, torch.eye(40), "m")
    kept = [t for t in texts if t != "text 7"]
    rows = torch.tensor([texts.index(t) for t in kept])
    left = vectors.without(hash_texts(["text 7", "never seen"]))
    assert torch.equal(left.of(kept), torch.eye(40)[rows])
    assert len(left.hashes) == 39


def test_a_changed_report_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KGREC_HOME", str(tmp_path))
    secret = Secret.of_file(tmp_path / "forgotten" / "secret")
    at = datetime(2026, 3, 1, tzinfo=UTC).isoformat()
    report, place = Report("user", "5f0c", "shop", "graph", at, "1", {"reviews": 2}).store(
        tmp_path / "forgotten" / "reports", secret
    )
    assert check(place, secret) == report
    assert run_app(["forget", "--check", str(place)]) == 0
    assert "genuine" in capsys.readouterr().out
    place.write_text(place.read_text(encoding="utf-8").replace('"reviews": 2', '"reviews": 3'))
    with pytest.raises(ConfigError, match="not as it was signed"):
        check(place, secret)
    assert run_app(["forget", "--check", str(place)]) == 2
    assert run_app(["forget"]) == 2, "whom?"


def test_many_strings_are_found_in_one_pass() -> None:
    luck = np.random.default_rng(3)
    hay = luck.integers(97, 100, 200_000, np.uint8).tobytes()  # a, b and c: beginnings abound
    there = [hay[place : place + 30] for place in (0, 777, len(hay) - 30)]
    absent = [b"abcabcabcabcabcabcd", b"x" * 12, b"abd"]
    assert not Needles(absent).in_(hay)
    for each in there:
        assert Needles([*absent, each]).in_(hay)
    assert Needles([b"cab"]).in_(b"abcab"), "short ones, too"
    assert Needles([], [b"maria-77"]).in_(b"maria-77")
    assert not Needles([], [b"maria-77"]).in_(b"maria-778 anna-maria-77")
    assert not Needles([]).in_(hay)
