"""The synthetic world as a model sees it, without a graph between."""

from __future__ import annotations

from typing import Final

import polars as pl
import pyarrow as pa
import torch

from embeddings.features import texts_to_encode, training_data
from embeddings.settings import FeatureSettings
from embeddings.snapshot import TABLES, Snapshot
from embeddings.text_vectors import TextVectors
from embeddings.training_data import TrainingData
from etl.keys import attribute_ids

_TEXT_WIDTH: Final = 384


def snapshot_of(tables: dict[str, pa.Table]) -> Snapshot:
    """The snapshot that reading the loaded world gives."""
    frames = {name: pl.DataFrame(pl.from_arrow(_flat(table))) for name, table in tables.items()}
    facts = frames["review_facts"].select("review_id", "sentiment", "language")
    attributes = frames["attributes"].with_columns(attribute_ids().alias("id"))
    names = [
        frames["aspects"].select(pl.lit("Aspect").alias("kind"), id="aspect_id", name="name"),
        frames["topics"].select(pl.lit("Topic").alias("kind"), id="topic_id", name="label"),
        attributes.select(pl.lit("Attribute").alias("kind"), "id", name="value").unique("id"),
    ]
    shaped = {
        **{name: frames[name] for name in ("users", "items", "interactions", "mentions")},
        "review_topics": frames["review_topics"],
        "reviews": frames["reviews"].join(facts, on="review_id").rename({"written_at": "at"}),
        "attributes": attributes.rename({"id": "attribute_id"}),
        "names": pl.concat(names),
    }
    return Snapshot(
        **{
            name: shaped[name].select(schema.names).to_arrow().cast(schema)
            if name in shaped
            else schema.empty_table()
            for name, schema in TABLES.items()
        }
    )


def training_data_of(snapshot: Snapshot, seed: int) -> TrainingData:
    """All of the snapshot with random unit vectors as texts."""
    texts = sorted(set(texts_to_encode(snapshot, FeatureSettings())))
    vectors = torch.randn(len(texts), _TEXT_WIDTH, generator=torch.Generator().manual_seed(seed))
    return training_data(
        snapshot,
        TextVectors.of_texts(texts, torch.nn.functional.normalize(vectors), "random"),
        settings=FeatureSettings(),
        seed=seed,
    )


def _flat(table: pa.Table) -> pa.Table:
    return table.drop_columns([f.name for f in table.schema if pa.types.is_map(f.type)])
