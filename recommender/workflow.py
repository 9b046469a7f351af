"""The ordered list of stages: from source files to recommendations in the graph."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from recommender.stage import Stage
from recommender.stages.derive import derive
from recommender.stages.encode import encode
from recommender.stages.evaluate import evaluate
from recommender.stages.extract import extract
from recommender.stages.load import load
from recommender.stages.publish import publish
from recommender.stages.read import read
from recommender.stages.report import report
from recommender.stages.snapshot import snapshot
from recommender.stages.split import split
from recommender.stages.train import refit, train

WORKFLOW: Final[tuple[Stage, ...]] = (
    Stage(
        name="read",
        does="source files → typed tables",
        requires=(),
        assigns=("source tables",),
        settings=lambda config: [config.sources, config.read],
        rooms=("etl.sources", "etl.read", "etl.merging", "etl.staging", "etl.tables"),
        function=read,
        reads=lambda config: [path for source in config.sources for path in source.paths(Path())],
    ),
    Stage(
        name="split",
        does="pairs → train, valid, test",
        requires=("source tables",),
        assigns=("split",),
        settings=lambda config: [config.split, config.seed],
        rooms=("embeddings.split", "embeddings.pairs"),
        function=split,
    ),
    Stage(
        name="extract",
        does="reviews → aspects, entities, topics, sentiment",
        requires=("source tables", "split"),
        assigns=("fact tables",),
        settings=lambda config: [config.text, config.seed],
        rooms=("etl.text", "etl.extract", "etl.staging", "etl.tables", "embeddings.split"),
        function=extract,
    ),
    Stage(
        name="load",
        does="tables → graph",
        requires=("source tables", "fact tables"),
        assigns=("graph facts",),
        settings=lambda config: config.name,
        rooms=("etl.load", "etl.graph_rows", "kg.schema", "cypher"),
        function=load,
    ),
    Stage(
        name="derive",
        does="evidence → what items are about, users interested in",
        requires=("graph facts",),
        assigns=("graph aggregates",),
        settings=lambda config: None,
        rooms=("etl.derive", "cypher"),
        function=derive,
    ),
    Stage(
        name="snapshot",
        does="graph → tables to learn from",
        requires=("graph facts",),
        assigns=("snapshot",),
        settings=lambda config: None,
        rooms=("embeddings.snapshot", "embeddings.snapshot_read"),
        function=snapshot,
    ),
    Stage(
        name="encode",
        does="texts → vectors",
        requires=("snapshot",),
        assigns=("vectors",),
        settings=lambda config: config.encoder,
        rooms=("embeddings.encoder", "embeddings.text_vectors", "embeddings.features"),
        function=encode,
    ),
    Stage(
        name="train",
        does="training part → models",
        requires=("snapshot", "split", "vectors"),
        assigns=("models",),
        settings=lambda config: [
            *(config.model, config.features, config.seed, config.publish.top_k),
        ],
        rooms=("embeddings",),
        function=train,
    ),
    Stage(
        name="evaluate",
        does="full ranking of the test part",
        requires=("snapshot", "split", "vectors", "models"),
        assigns=("metrics",),
        settings=lambda config: config.evaluate,
        rooms=("embeddings", "recommender.stages.evaluate"),
        function=evaluate,
    ),
    Stage(
        name="refit",
        does="all data → the model to publish",
        requires=("snapshot", "vectors", "models"),
        assigns=("published model",),
        settings=lambda config: None,
        rooms=("embeddings",),
        function=refit,
    ),
    Stage(
        name="publish",
        does="lists, reasons, attention → graph",
        requires=("snapshot", "vectors", "models", "published model", "metrics", "graph facts"),
        assigns=("graph recommendations",),
        settings=lambda config: config.publish,
        rooms=("embeddings", "cypher"),
        function=publish,
    ),
    Stage(
        name="report",
        does="one page of it all",
        requires=("metrics", "fact tables", "graph aggregates", "graph recommendations"),
        assigns=("report",),
        settings=lambda config: None,
        rooms=("recommender.report", "recommender.verdicts"),
        function=report,
    ),
)
