"""A reader is forgotten: no file and no property tells of them, and everybody else stays."""

from __future__ import annotations

import csv
import json
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from server_environment import point_at
from test_erasure_graph import state
from test_run_end_to_end import write_books
from tiny_encoder import write_tiny_encoder

from etl.derive import derive
from etl.load import load_staging
from etl.staging import Staging
from kg import embedded
from kg.forgotten import Forgotten
from kg.runs import begin_run, list_runs
from kg.store import Store
from recommender.cli.app import run_app
from recommender.environment import Environment
from recommender.erasure.scan import Scan, scan_graph
from recommender.erasure.traces import Traces
from recommender.graph import Graph
from recommender.run_folder import RunFolder, Runs

READER, PHRASE = "reader-xyzzy-quux", "the plugh frotzed my weekend"
PUBLISHED = {"RECOMMENDED", "SIMILAR_TO"}
LEARNT = ("attention", "attentionBack", "embedding", "textVector", "listAt")


@pytest.fixture(params=["embedded", "neo4j"])
def club(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A club with one reader more; on an embedded graph of its own, which may be stopped."""
    write_books(tmp_path)
    (tmp_path / "encoder").mkdir()
    write_tiny_encoder(tmp_path / "encoder")
    with (tmp_path / "books.csv").open("a", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        for n, book in enumerate(("crime-1", "crime-2", "crime-3", "crime-5", "garden-4")):
            own = f"In volume {n} {PHRASE}, and the plot kept me awake."
            words = own if n < 4 else "The photos are lovely."  # as others say, word for word
            rows.writerow([READER, book, 5 if n < 4 else 1, words, f"2026-01-{n + 1:02}"])
        rows.writerow([READER, "crime-9", "many", f"At last {PHRASE}.", "2026-01-09"])
    if request.param == "neo4j":
        request.getfixturevalue("neo4j_turn")
        store = request.getfixturevalue("neo4j_store")
        store.clear()
        point_at(store, tmp_path, monkeypatch)
        yield tmp_path
    else:
        monkeypatch.delenv("NEO4J_URI", raising=False)
        monkeypatch.setenv("KGREC_HOME", str(tmp_path / "home"))
        monkeypatch.chdir(tmp_path)
        yield tmp_path
        embedded.stop(tmp_path / "home")


def run_club(folder: Path, *more: str) -> RunFolder:
    settings = (
        f"encoder.model={folder / 'encoder'}",
        "text.sentiment.encoder=true",
        "read.max_rejected_share=0.5",
        "model.models=[hetero-gat, popularity, user-knn]",
        "evaluate.clicks=null",
    )
    assert (
        run_app(
            ["run", "club.yaml", "--quiet", *(x for s in settings for x in ("--set", s)), *more]
        )
        == 0
    )
    return Runs(folder / "runs").get("latest")


def graph() -> Graph:
    return Graph(Environment.read(), "book-club")


def traces(folder: Path) -> set[str]:
    """Where the reader's key or words are: every file's bytes, every table's values."""
    found = set()
    for place in [*(folder / "runs").rglob("*"), *(folder / "home").rglob("*")]:
        if not place.is_file():
            continue
        content = place.read_bytes()
        if place.suffix == ".parquet":
            content += repr(pq.read_table(place).to_pydict()).encode()
        elif place.suffix == ".npz":
            with zipfile.ZipFile(place) as archive:
                content += b"".join(map(archive.read, archive.namelist()))
        if READER.encode() in content or PHRASE.encode() in content:
            found.add(place.relative_to(folder).as_posix())
    return found


def in_graph(store: Store) -> list[object]:
    values = store.run_text("MATCH (n) RETURN properties(n) AS p") + store.run_text(
        "MATCH ()-[r]->() RETURN properties(r) AS p"
    )
    return [row for row in values if READER in repr(row) or PHRASE in repr(row)]


def evidence(store: Store) -> object:
    """The graph without what models published."""
    for name in LEARNT:
        store.run_text(f"MATCH (n) WHERE n.{name} IS NOT NULL REMOVE n.{name}")
        store.run_text(f"MATCH ()-[r]->() WHERE r.{name} IS NOT NULL REMOVE r.{name}")
    nodes, relationships = state(store)
    return nodes, {key: value for key, value in relationships.items() if key[0] not in PUBLISHED}


def cached(folder: Path) -> int:
    with sqlite3.connect(folder / "home" / "cache" / "text_vectors.sqlite") as database:
        return int(database.execute("SELECT count(*) FROM vectors").fetchone()[0])


def test_a_trace_is_found_in_any_text_of_the_graph_and_in_any_list(store: Store) -> None:
    store.run_text(
        "CREATE (:User {userId: 'ada', born: 1815, seen: datetime('1843-01-01T00:00:00Z')})"
        "-[:SAW {times: 3, at: datetime('1843-01-01T00:00:00Z'), why: ['x', $told]}]->"
        "(:Item {itemId: 'ada', note: $told, vector: [0.5, 0.25], tags: []})",
        told="to ada-lovelace",
    )
    scan, who = Scan(), Forgotten(frozenset({"ada", "ada-lovelace"}), frozenset(), frozenset())
    scan_graph(store, Traces(who), scan)
    assert sorted(scan.found) == [
        "SAW.why in the graph",
        "['Item'].note in the graph",
        "['User'].userId in the graph",
    ]
    everything = (
        "MATCH (x) RETURN size(keys(x)) AS n",
        "MATCH ()-[x]->() RETURN size(keys(x)) AS n",
    )
    held = [row["n"] for query in everything for row in store.run_text(query)]
    assert scan.values == sum(held)  # type: ignore[arg-type]


@pytest.mark.slow
def test_nothing_tells_of_a_forgotten_reader(
    club: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = run_club(club)
    with graph() as opened:
        assert in_graph(opened.store)
    held = traces(club)
    for name in ("staging/reviews", "snapshot/reviews", "split", "lists", "per_user", "rejected"):
        assert f"runs/{run.id}/{name}.parquet" in held, "else the scan proves nothing"
    with (run.path / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps({"message": f"there is no user {READER!r}"}) + "\n")
    metrics = (run.path / "metrics.json").read_bytes()
    lists = pl.read_parquet(run.path / "lists.parquet").filter(pl.col("user_id") != READER)
    vectors = cached(club)
    capsys.readouterr()

    assert run_app(["forget", READER, "--yes", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert traces(club) == set()
    assert report["scan"]["found"] == []
    assert report["scan"]["shared"] == 1
    assert READER not in json.dumps(report)
    assert PHRASE not in json.dumps(report)
    assert report["graph"]["reviews"] == 5
    assert report["runs"][run.id]["rejected.parquet"] == 1
    assert report["runs"][run.id]["vectors.safetensors"] == 4
    assert report["home"]["text_vectors.sqlite"] == 10, "of the last layer, and of the upper half"
    assert cached(club) == vectors - 10
    assert metrics == (run.path / "metrics.json").read_bytes()
    assert lists.equals(pl.read_parquet(run.path / "lists.parquet"))
    [stored] = (club / "home" / "forgotten" / "reports").iterdir()
    assert run_app(["forget", "--check", str(stored)]) == 0

    with graph() as opened:
        store = opened.store
        assert in_graph(store) == []
        left = evidence(store)
        [etl] = list_runs(store, "EtlRun")
        assert etl.data_hash == Staging(run.path / "staging").content_hash(), "the next load knows"
        store.clear()
        begin_run(store, "EtlRun", etl.run_id, now=etl.started_at, config={}, code_version="1")
        load_staging(store, run.path / "staging", run_id=etl.run_id, dataset="book-club")
        derive(store, run_id=etl.run_id)
        assert evidence(store) == left, "as if the cleaned tables were all there had ever been"
        store.clear()

    again = run_club(club, "--force")
    assert again.id != run.id
    assert again.record().stages["read"].counts["withheld reviews"] == 5
    with graph() as opened:
        assert in_graph(opened.store) == []
    assert traces(club) == set(), "the source still tells of the reader, and nobody listens"
