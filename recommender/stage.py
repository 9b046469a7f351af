"""A stage is a value: its name, what it requires and assigns, and the function that does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from etl.tables import FACT_TABLES, SOURCE_TABLES
from kg.progress import Progress
from recommender.run_folder import Count

if TYPE_CHECKING:
    from recommender.config import Config
    from recommender.graph import Graph

FILES: Final[Mapping[str, tuple[str, ...]]] = {
    "source tables": (*(f"staging/{name}.parquet" for name in SOURCE_TABLES), "rejected.parquet"),
    "split": ("split.parquet",),
    "fact tables": tuple(f"staging/{name}.parquet" for name in FACT_TABLES),
    "snapshot": ("snapshot/snapshot.json", "snapshot/*.parquet"),
    "vectors": ("vectors.safetensors",),
    "models": ("models/evaluated/*", "curves.parquet"),
    "metrics": ("metrics.json", "lists.parquet", "per_user.parquet"),
    "published model": ("models/published/*",),
    "report": ("report.html",),
}
"""Artefacts that are files in the run's folder, with the patterns that name them."""

IN_GRAPH: Final = frozenset({"graph facts", "graph aggregates", "graph recommendations"})
"""Artefacts that live in the graph."""


@dataclass(frozen=True, kw_only=True)
class StageContext:
    """What a stage's function is given.

    Attributes:
        folder: the run's folder.
        run_id: the run that does the work; a :ModelRun gets this id.
        etl_run_id: the run that loaded the graph; an :EtlRun has this id.
        cache: folder for what outlives runs (text vectors).
        now: when the run started.
    """

    config: Config
    folder: Path
    run_id: str
    etl_run_id: str
    graph: Graph
    cache: Path
    now: datetime
    progress: Progress


@dataclass(frozen=True)
class StageResult:
    """What a stage has to say: one line for people, counts for programs."""

    summary: str
    counts: Mapping[str, Count] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One step of the workflow.

    Attributes:
        does: what it does, a few words for the table and `kgrec doctor`.
        requires: artefacts that must be there.
        assigns: artefacts that it leaves.
        settings: the part of the config that its result depends on.
        rooms: the packages whose code its result depends on.
    """

    name: str
    does: str
    requires: tuple[str, ...]
    assigns: tuple[str, ...]
    settings: Callable[[Config], object]
    rooms: tuple[str, ...]
    function: Callable[[StageContext], StageResult]

    @property
    def files(self) -> tuple[str, ...]:
        """The patterns of the files that it leaves in the run's folder."""
        return tuple(pattern for name in self.assigns for pattern in FILES.get(name, ()))

    @property
    def writes_graph(self) -> bool:
        """Whether what it assigns lives in the graph."""
        return not IN_GRAPH.isdisjoint(self.assigns)
