"""Publishing, on both servers: two circles of readers, one of crime novels, one of cook books.

Readers r0 … r11 each like five of their circle's six books; the even ones are cooks. Reviews of
crime novels praise the plot, those of cook books the photos. One reader has done nothing yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
import pytest
from graph_world import graph_of, write_staging
from snapshot_world import letter_vectors

from embeddings.baselines.ease import Ease
from embeddings.baselines.popularity import Popularity
from embeddings.baselines.rating_mean import RatingMean
from embeddings.check_published import check_published
from embeddings.features import item_texts, training_data
from embeddings.make_publication import make_publication
from embeddings.models.contract import Recommender
from embeddings.models.hetero_gat import HeteroGat
from embeddings.models.settings import EncoderName, HeteroGatSettings
from embeddings.publish import PublishReport, publish
from embeddings.replay import Evidence, places
from embeddings.settings import FeatureSettings, PublishSettings
from embeddings.snapshot import Snapshot
from embeddings.snapshot_read import read_snapshot
from embeddings.text_vectors import TextVectors
from embeddings.training_data import TrainingData
from etl.derive import derive
from etl.load import load_staging
from kg.runs import begin_run
from kg.store import Store

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
BOOKS = 6
READERS = 12


def circle(reader: int) -> str:
    return "cook" if reader % 2 == 0 else "crime"


def likes() -> Iterator[tuple[int, str]]:
    for reader in range(READERS):
        for book in range(BOOKS):
            if book != reader // 2 % BOOKS:
                yield reader, f"{circle(reader)}-{book}"


def tables() -> dict[str, list[dict[str, object]]]:
    did: list[dict[str, object]] = [
        {
            "user_id": f"r{reader}",
            "item_id": book,
            "behaviour": "RATED",
            "positive": True,
            "count": 1,
            "source": "library",
        }
        for reader, book in likes()
    ]
    said = {"cook": "photos", "crime": "plot"}
    reviews = [
        {
            "review_id": f"{row['user_id']} on {row['item_id']}",
            "user_id": row["user_id"],
            "item_id": row["item_id"],
            "text": f"I loved the {said[str(row['item_id']).split('-')[0]]}.",
            "content_hash": "x",
            "source": "library",
        }
        for row in did
    ]
    return {
        "users": [{"user_id": "newcomer", "source": "library"}],
        "interactions": did,
        "attributes": [
            {"item_id": book, "kind": "Genre", "value": book.split("-")[0], "source": "library"}
            for book in sorted({book for _, book in likes()})
        ],
        "triples": [
            {
                "head": f"kg:{circle(n)}-{n // 2}",
                "predicate": "written by",
                "tail": f"kg:{circle(n)} author",
                "source": "kg",
            }
            for n in range(2 * BOOKS)
        ],
        "links": [
            {
                "item_id": f"{circle(n)}-{n // 2}",
                "entity": f"kg:{circle(n)}-{n // 2}",
                "source": "kg",
            }
            for n in range(2 * BOOKS)
        ],
        "reviews": reviews,
        "aspects": [
            {"aspect_id": aspect, "name": aspect, "score": 1.0, "extractor": "x/1"}
            for aspect in said.values()
        ],
        "mentions": [
            {
                "review_id": review["review_id"],
                "target_kind": "Aspect",
                "target_id": said[str(review["item_id"]).split("-")[0]],
                "count": 1,
                "sentiment": 0.7,
                "starts": [12],
                "ends": [16],
                "extractor": "x/1",
            }
            for review in reviews
        ],
    }


@pytest.fixture
def library(store: Store, tmp_path: Path) -> tuple[Store, Snapshot, TrainingData]:
    begin_run(store, "EtlRun", "e1", now=NOW, config={}, code_version="1")
    load_staging(store, write_staging(tmp_path, tables()), run_id="e1", dataset="library")
    derive(store, run_id="e1")
    snapshot = read_snapshot(store)
    data = training_data(snapshot, None, settings=FeatureSettings(min_items=1), seed=1)
    return store, snapshot, data


def published(
    library: tuple[Store, Snapshot, TrainingData],
    model: Recommender,
    run_id: str = "m1",
    settings: PublishSettings | None = None,
    vectors: TextVectors | None = None,
) -> PublishReport:
    store, snapshot, data = library
    begin_run(store, "ModelRun", run_id, now=NOW, config={}, code_version="1")
    with TemporaryDirectory() as folder:
        publication = make_publication(
            Path(folder),
            model=model.fit(data),
            data=data,
            snapshot=snapshot,
            vectors=vectors,
            calibration=None,
            settings=settings or PublishSettings(top_k=4),
        )
        return publish(store, publication, run_id=run_id, now=NOW)


def small_gat(encoder: EncoderName = "attention") -> HeteroGat:
    return HeteroGat(HeteroGatSettings(steps=5, seeds=1, width=8, encoder=encoder))


def test_lists_keep_their_promises(library: tuple[Store, Snapshot, TrainingData]) -> None:
    report = published(library, Ease())
    store = library[0]
    assert check_published(store) == []
    rows = store.read("recommend/for_user", userId="r0")
    assert [row["rank"] for row in rows] == [1, 2, 3, 4]
    assert rows[0]["itemId"] == "cook-0", "the one book of the circle that r0 has not read"
    reasons = rows[0]["reasons"]
    assert isinstance(reasons, list)
    assert [reason.split("|")[0] for reason in reasons] == ["item", "item", "aspect"]
    assert reasons[2].endswith("|photos")
    assert report.counts["RECOMMENDED"] == (READERS + 1) * 4
    assert report.counts["SIMILAR_TO"] == 2 * BOOKS * (BOOKS - 1)


def test_items_keep_what_they_are_searched_by_while_there_is_an_encoder(
    library: tuple[Store, Snapshot, TrainingData],
) -> None:
    store, snapshot, _ = library
    how_many = "MATCH (i:Item) RETURN count(i.textVector) AS vectors"
    texts = [*item_texts(snapshot), *snapshot.reviews["text"].to_pylist()]
    report = published(library, Ease(), vectors=letter_vectors(texts))
    assert report.counts["text vectors"] == 2 * BOOKS
    assert store.run_text(how_many) == [{"vectors": 2 * BOOKS}]
    assert published(library, Ease(), "m2").counts["text vectors"] == 0
    assert store.run_text(how_many) == [{"vectors": 0}]


def test_a_newcomer_gets_what_is_popular(library: tuple[Store, Snapshot, TrainingData]) -> None:
    published(library, Popularity())
    rows = library[0].read("recommend/for_user", userId="newcomer")
    assert len(rows) == 4
    assert all(row["coldStart"] is True and row["probability"] is None for row in rows)
    assert {str(row["reasons"]).split("|")[0] for row in rows} == {"['popular"}


def test_a_model_that_predicts_ratings_leaves_them_with_the_places(
    library: tuple[Store, Snapshot, TrainingData],
) -> None:
    store, snapshot, data = library
    stars = np.where(data.pairs.item % 2 == 0, 5.0, 2.0).astype(np.float32)
    rated = replace(data, pairs=replace(data.pairs, rating=stars))
    published((store, snapshot, rated), RatingMean())
    ratings = [row["rating"] for row in store.read("recommend/for_user", userId="r0")]
    assert ratings == sorted(ratings, reverse=True), "ranked by them"
    assert all(3.5 < rating <= 5.0 for rating in ratings), "those that everybody gives five"
    published(library, Ease(), "m2")
    rows = store.read("recommend/for_user", userId="r0")
    assert {row["rating"] for row in rows} == {None}


def test_a_later_run_replaces_every_list(library: tuple[Store, Snapshot, TrainingData]) -> None:
    published(library, Ease(), settings=PublishSettings(top_k=6))
    report = published(library, Popularity(), "m2", PublishSettings(top_k=2, similar_items=0))
    store = library[0]
    assert check_published(store) == []
    assert store.run_text(
        "MATCH (u:User)-[r:RECOMMENDED]->() RETURN DISTINCT r.runId AS run, count(*) AS n"
    ) == [{"run": "m2", "n": (READERS + 1) * 2}]
    assert report.counts["SIMILAR_TO removed"] == 2 * BOOKS * (BOOKS - 1)
    assert store.run_text("MATCH ()-[s:SIMILAR_TO]->() RETURN s") == []


def test_a_list_of_a_user_who_is_no_longer_ranked_goes(
    library: tuple[Store, Snapshot, TrainingData],
) -> None:
    store = library[0]
    published(library, Ease())
    store.run_text(
        "MATCH (i:Item {itemId: 'cook-1'}) CREATE (:User {userId: 'gone'})"
        "-[:RECOMMENDED {rank: 1, runId: 'm0', reasons: ['popular|0.1|cook-1']}]->(i)"
    )
    assert published(library, Ease(), "m2").counts["RECOMMENDED removed"] == 1
    assert check_published(store) == []


def test_attention_reaches_the_relationships_that_carried_it(
    library: tuple[Store, Snapshot, TrainingData],
) -> None:
    store = library[0]
    published(library, small_gat(), settings=PublishSettings(top_k=3, embeddings=True))
    assert check_published(store) == []
    carried = {
        str(row["type"]): (row["n"], row["with"])
        for row in store.run_text(
            "MATCH ()-[r:RATED|HAS_ATTRIBUTE|DESCRIBED_BY|INTERESTED_IN|RELATES_TO]->(t) "
            "WHERE NOT (type(r) = 'INTERESTED_IN' AND t:Attribute) "
            "RETURN type(r) AS type, count(r) AS n, count(r.attentionBack) AS with"
        )
    }
    assert carried == {
        "RATED": (60, 60),
        "HAS_ATTRIBUTE": (12, 12),
        "DESCRIBED_BY": (12, 12),
        "INTERESTED_IN": (12, 12),
        "RELATES_TO": (12, 12),
    }
    [vector] = store.run_text("MATCH (u:User {userId: 'r1'}) RETURN size(u.embedding) AS n")
    assert vector["n"] == 8


def test_publishing_again_changes_nothing(library: tuple[Store, Snapshot, TrainingData]) -> None:
    published(library, small_gat())
    once = graph_of(library[0], at=False)
    published(library, small_gat(), "m2")
    assert graph_of(library[0], at=False) == once


def test_old_attention_goes_with_its_edge(library: tuple[Store, Snapshot, TrainingData]) -> None:
    store, snapshot, _ = library
    published(library, small_gat())
    few = training_data(snapshot, None, settings=FeatureSettings(min_items=100), seed=1)
    published((store, snapshot, few), small_gat(), "m2")
    [row] = store.run_text(
        "MATCH ()-[r:HAS_ATTRIBUTE|DESCRIBED_BY]->() RETURN count(r.attention) AS n"
    )
    assert row["n"] == 0


def test_an_encoder_without_attention_leaves_none_and_clears_what_was_there(
    library: tuple[Store, Snapshot, TrainingData],
) -> None:
    published(library, small_gat())
    report = published(library, small_gat("lightgcn"), "m2")
    assert report.counts["attention"] == 0
    [row] = library[0].run_text(
        "MATCH ()-[r]->() WHERE r.attention IS NOT NULL OR r.attentionBack IS NOT NULL"
        " RETURN count(r) AS n"
    )
    assert row["n"] == 0
    assert check_published(library[0]) == []


def test_an_own_book_is_listed_only_where_asked_for(
    library: tuple[Store, Snapshot, TrainingData],
) -> None:
    published(library, Popularity(), settings=PublishSettings(top_k=12, hide="nothing"))
    rows = library[0].read("recommend/for_user", userId="r0", limit=50)
    listed = pl.Series([row["itemId"] for row in rows])
    assert listed.n_unique() == 12
    assert any("already has" in line for line in check_published(library[0]))


@pytest.mark.parametrize(
    "loss",
    [
        "MATCH ()-[s:SIMILAR_TO]->() DELETE s",
        "MATCH ()-[s:SIMILAR_TO|DESCRIBED_BY]->() DELETE s",
        "MATCH (u:User)-[r:RATED]->() WHERE u.userId <> 'r1' SET r.positive = false",
        "MATCH ()-[r:RATED|INTERESTED_IN]->() DELETE r",
    ],
)
def test_the_check_agrees_with_why(
    library: tuple[Store, Snapshot, TrainingData], loss: str
) -> None:
    store = library[0]
    published(library, Ease(), settings=PublishSettings(top_k=3))
    store.run_text(
        "MATCH (:User {userId: 'r2'})-[r:RECOMMENDED {rank: 1}]->() SET r.reasons = ['user|1|r4']"
    )
    store.run_text(loss)
    evidence = Evidence.read(store)
    missing = pl.concat([evidence.unsupported(page) for page in places(store)])
    unexplained = {
        (row["u"], row["i"])
        for row in store.run_text(
            "MATCH (u:User)-[:RECOMMENDED]->(i:Item) RETURN u.userId AS u, i.itemId AS i"
        )
        if not store.read("recommend/why", userId=row["u"], itemId=row["i"])
    }
    assert set(missing.select("user", "item").rows()) == unexplained
