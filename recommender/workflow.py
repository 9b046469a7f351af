"""The ordered list of stages: from source files to recommendations in the graph."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from recommender.stage import Stage
from recommender.stages.derive import derive
from recommender.stages.load import load
from recommender.stages.read import read
from recommender.stages.snapshot import snapshot
from recommender.stages.split import split

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
        name="load",
        does="tables → graph",
        requires=("source tables",),
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
)
