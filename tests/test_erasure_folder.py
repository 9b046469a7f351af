"""A run's folder without a person or a review, also when somebody pulled the plug meanwhile."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from graph_world import write_staging
from run_world import make_run
from snapshot_world import letter_vectors, make_snapshot, mention, rated, review, split_of

from embeddings.publication import (
    LIST_SCHEMA,
    ListFigures,
    Part,
    Publication,
    WrittenBy,
    sha256,
    write_part,
)
from embeddings.search_vectors import search_vectors
from embeddings.snapshot import Snapshot
from embeddings.text_vectors import TextVectors
from kg.forgotten import Forgotten
from recommender.erasure import folder as erasure
from recommender.erasure.folder import erase_in_folder, reviews_in

WORDS = {
    ("maria-77", "mug"): "a chip that only Zelda could have made",
    ("maria-77", "jug"): "pours well",
    ("bert", "jug"): "pours well",
    ("bert", "mug"): "a heavy mug, and it holds the heat",
}
MENTIONS = [("maria-77-mug", "PERSON:zelda"), ("maria-77-mug", "chip"), ("bert-mug", "heat")]


def asked(user: str = "", review: str = "") -> Forgotten:
    return Forgotten(
        frozenset([user] if user else []), frozenset([review] if review else []), frozenset()
    )


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Two people, two things, four texts; one of them was written twice."""
    folder = make_run(tmp_path, "20260301-1")
    reviews = [review(user, item, text) for (user, item), text in WORDS.items()]
    make_snapshot(
        users=[{"user_id": "bert"}, {"user_id": "maria-77"}],
        items=[{"item_id": item, "title": item} for item in ("jug", "mug")],
        interactions=[rated(user, item) for user, item in WORDS],
        reviews=reviews,
        mentions=[
            mention(key, "Entity" if ":" in target else "Aspect", target)
            for key, target in MENTIONS
        ],
        names=[
            {"kind": "Entity", "id": "PERSON:zelda", "name": "Zelda"},
            {"kind": "Aspect", "id": "chip", "name": "chip"},
            {"kind": "Aspect", "id": "heat", "name": "heat"},
        ],
    ).save(folder / "snapshot")
    staged = [{**each, "source": "s"} for each in reviews]
    write_staging(
        folder / "staging",
        {
            "reviews": staged,
            "users": [{"user_id": user, "source": "s"} for user in ("maria-77", "bert")],
            "mentions": [
                {
                    "review_id": key,
                    "target_kind": "Entity" if ":" in target else "Aspect",
                    "target_id": target,
                    "count": 1,
                    "starts": [0],
                    "ends": [1],
                    "extractor": "x",
                }
                for key, target in MENTIONS
            ],
            "entities": [{"entity_id": "PERSON:zelda", "name": "Zelda", "kind": "PERSON"}],
            "aspects": [
                {"aspect_id": name, "name": name, "score": 0.1, "extractor": "x"}
                for name in ("chip", "heat", "never found")
            ],
        },
    )
    pq.write_table(
        split_of({pair: "test" if pair[1] == "jug" else "train" for pair in WORDS}),
        folder / "split.parquet",
    )
    letter_vectors([*WORDS.values(), "jug", "mug"]).save(folder / "vectors.safetensors")
    (folder / "report.html").write_text("<p>maria-77</p>", encoding="utf-8")
    (folder / "examples.json").write_text('{"users": ["bert"]}', encoding="utf-8")
    (folder / "metrics.json").write_text('{"models": {}}', encoding="utf-8")
    return folder


def told(folder: Path) -> str:
    tables = [pq.read_table(place).to_pydict() for place in sorted(folder.rglob("*.parquet"))]
    texts = [
        p.read_text(encoding="utf-8")
        for p in sorted(folder.rglob("*"))
        if p.suffix != ".parquet" and p.is_file() and p.suffix != ".safetensors"
    ]
    return repr(tables) + repr(texts)


def test_a_person_goes_with_what_nobody_else_says(run: Path) -> None:
    who = reviews_in(run, asked("maria-77"))
    assert who.reviews == {"maria-77-mug", "maria-77-jug"}
    gone = erase_in_folder(run, who)
    left = told(run)
    assert not any(word in left for word in ("maria", "Zelda", "zelda", "chip"))
    assert "never found" in left, "a word of the lexicon that no review had before either"
    assert "heat" in left
    snapshot = Snapshot.load(run / "snapshot")
    assert snapshot.counts["reviews"] == 2
    assert gone["split.parquet"] == 2
    vectors = TextVectors.load(run / "vectors.safetensors")
    assert len(vectors.hashes) == 4, "bert wrote that it pours well, too"
    assert vectors.of(["pours well", "jug"]).shape == (2, vectors.width)
    assert not (run / "report.html").exists()
    assert not (run / "examples.json").exists(), "the report is made whole again"
    assert (run / "metrics.json").exists()
    assert erase_in_folder(run, who) == {}


def test_what_an_unfinished_training_has_kept_goes(run: Path) -> None:
    kept = run / "models" / "unfinished"
    kept.mkdir(parents=True)
    (kept / "hetero-gat.20-cpu.safetensors").write_bytes(b"a row of maria-77")
    erase_in_folder(run, reviews_in(run, asked("maria-77")))
    assert not kept.exists()


@pytest.mark.parametrize(
    ("learnt_from", "stays"), [("maria-77", False), ("zoe", False), ("bert", True)]
)
def test_nobody_begins_from_what_was_learnt_of_them(
    run: Path, learnt_from: str, *, stays: bool
) -> None:
    who = asked("maria-77" if learnt_from == "maria-77" else "zoe")
    start = run / "models" / "evaluated" / "hetero-gat" / "start"
    start.mkdir(parents=True)
    pl.DataFrame({"kind": ["user"], "key": [learnt_from]}).write_parquet(start / "nodes.parquet")
    pairs = pl.DataFrame({"user_id": [learnt_from], "item_id": ["mug"]})
    pairs.write_parquet(start / "pairs.parquet")
    (start / "weights.safetensors").write_bytes(b"")
    (start / "start.json").write_text("{}", encoding="utf-8")
    gone = erase_in_folder(run, who)
    assert (start / "start.json").exists()
    left = {place.name for place in start.iterdir()} - {"start.json"}
    assert left == ({"nodes.parquet", "pairs.parquet", "weights.safetensors"} if stays else set())
    assert gone["models/evaluated/hetero-gat/start"] == (0 if stays else 3)
    assert erase_in_folder(run, who) == {}


def test_a_vocabulary_that_they_taught_is_not_kept(run: Path) -> None:
    place = run / "staging" / "text_model" / "learnt_from.parquet"
    place.parent.mkdir()
    told = pl.DataFrame({"review_id": ["bert-mug", "maria-77-mug"], "content_hash": ["1", "2"]})
    told.write_parquet(place)
    erase_in_folder(run, reviews_in(run, asked(review="bert-jug")))
    assert pl.read_parquet(place).equals(told), "that one taught nothing"
    erase_in_folder(run, reviews_in(run, asked("maria-77")))
    assert not place.exists()


def test_a_text_below_its_title_is_theirs_as_well(tmp_path: Path) -> None:
    reviews = [
        {**review("bert", "mug", "It holds <b>the heat</b>"), "title": "Heavy", "source": "s"},
        {**review("maria-77", "mug", "A chip"), "title": "Zelda", "source": "s"},
    ]
    write_staging(tmp_path / "staging", {"reviews": reviews})
    who = reviews_in(tmp_path, asked("bert"))
    assert who.texts == {"Heavy", reviews[0]["text"], "Heavy\nIt holds    the heat    "}


def test_a_review_goes_and_the_deed_stays(run: Path) -> None:
    who = reviews_in(run, asked(review="bert-mug"))
    erase_in_folder(run, who)
    snapshot = Snapshot.load(run / "snapshot")
    assert (snapshot.counts["reviews"], snapshot.counts["interactions"]) == (3, 4)
    assert "heat" not in told(run)
    assert pl.read_parquet(run / "split.parquet").height == 4


@pytest.mark.parametrize("killed_in", ["replace_snapshot", "things_out", "_texts"])
def test_one_who_was_interrupted_does_the_rest(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed_in: str
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(erasure, killed_in, die)
        with pytest.raises(KeyboardInterrupt):
            erase_in_folder(run, reviews_in(run, asked("maria-77")))
    erase_in_folder(run, reviews_in(run, asked("maria-77")))
    left = told(run)
    assert not any(word in left for word in ("maria", "zelda", "chip"))
    assert len(TextVectors.load(run / "vectors.safetensors").hashes) == 4
    about = json.loads((run / "snapshot" / "snapshot.json").read_text(encoding="utf-8"))
    assert about["hash"] == Snapshot.load(run / "snapshot").hash


def publish(folder: Path) -> None:
    """What the run has ready: lists in two transactions, attention, vectors of people and items."""
    place = folder / "publication"
    place.mkdir()
    with pq.ParquetWriter(place / "lists.parquet", LIST_SCHEMA) as file:
        for user, items, reasons in (
            ("maria-77", ["mug"], [["popular|1|mug"]]),
            ("bert", ["jug", "mug"], [["user|0.9|maria-77"], ["aspect|1|chip", "item|0.1|jug"]]),
        ):
            nulls = [None] * len(items)
            row = {"user_id": user, "items": items, "score": [2.0, 1.0][: len(items)]}
            row |= {"probability": nulls, "rating": nulls, "reasons": reasons, "cold_start": nulls}
            file.write_table(pa.Table.from_pylist([row], schema=LIST_SCHEMA))
    ends = pa.map_(pa.string(), pa.list_(pa.float64()))
    attention = pa.table(
        {
            "start_id": ["maria-77", "bert"],
            "ends": pa.array([[("mug", [0.1, 0.2])], [("jug", [0.3, 0.4])]], ends),
        }
    )
    found = search_vectors(
        Snapshot.load(folder / "snapshot"), TextVectors.load(folder / "vectors.safetensors")
    )
    vectors = pa.table({"key": ["bert", "maria-77"], "embedding": [[0.1], [0.2]]})

    def part(file: str, table: pa.Table, query: WrittenBy, key: str, **named: str) -> Part:
        told = {f"__{name}__": label for name, label in named.items()}
        return write_part(
            place, file, table, kind="x", query=query, key=key, size=2, identifiers=told
        )

    Publication(
        folder=place,
        model="m",
        encoder=None,
        calibrated=False,
        figures=ListFigures(
            users=2,
            items=2,
            users_with_list=2,
            items_listed=2,
            places=3,
            unexplained=0,
            infinite=0,
            least=1.0,
            greatest=2.0,
        ),
        lists=Part(
            kind="RECOMMENDED",
            file="lists.parquet",
            query="write/lists",
            key="user_id",
            size=3,
            rows=2,
            sha256=sha256(place / "lists.parquet"),
        ),
        parts=(
            part(
                "attention-1.parquet",
                attention,
                "write/attention",
                "start_id",
                START="User",
                END="Item",
            ),
            part("embeddings-User.parquet", vectors, "write/embeddings", "key", LABEL="User"),
            part("text-vectors.parquet", found, "write/text_vectors", "item_id"),
        ),
    ).save()


def test_what_is_ready_to_be_published_stays_so(run: Path) -> None:
    publish(run)
    erase_in_folder(run, reviews_in(run, asked("maria-77")))
    place = run / "publication"
    with pq.ParquetFile(place / "lists.parquet") as file:
        assert file.num_row_groups == 2, "one transaction each, as before"
        [bert] = file.read().to_pylist()
    assert (bert["user_id"], bert["items"], bert["score"]) == ("bert", ["mug"], [1.0])
    assert bert["reasons"] == [["item|0.1|jug"]]
    assert pq.read_table(place / "attention-1.parquet")["start_id"].to_pylist() == ["bert"]
    assert pq.read_table(place / "embeddings-User.parquet")["key"].to_pylist() == ["bert"]
    again = search_vectors(
        Snapshot.load(run / "snapshot"), TextVectors.load(run / "vectors.safetensors")
    )
    assert pq.read_table(place / "text-vectors.parquet").equals(again)
    publication = Publication.load(place)
    assert [each.rows for each in (publication.lists, *publication.parts)] == [1, 1, 1, 2]
    assert len(list(publication.list_blocks())) == 2
    assert "maria" not in told_in(place)


def told_in(folder: Path) -> str:
    return repr([pq.read_table(each).to_pydict() for each in folder.glob("*.parquet")])
