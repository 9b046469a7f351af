"""A stage is a value: its name, what it requires and assigns, and the function that does it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Final, cast

from etl.tables import FACT_TABLES, SOURCE_TABLES
from recommender.run_folder import Count

if TYPE_CHECKING:
    from etl.people import People
    from kg.progress import Progress
    from kg.runs import RunKind
    from recommender.config import Config
    from recommender.graph import Graph

FILES: Final[Mapping[str, tuple[str, ...]]] = {
    "source tables": (
        *(f"staging/{name}.parquet" for name in (*SOURCE_TABLES, "resolved")),
        "rejected.parquet",
        "kept/*",  # rows of `mode: append`
    ),
    "split": ("split.parquet",),
    "fact tables": (
        *(f"staging/{name}.parquet" for name in FACT_TABLES),
        "staging/topic_drift.parquet",
        "staging/text_model/*",
        "extract.json",
    ),
    "snapshot": ("snapshot/snapshot.json", "snapshot/*.parquet"),
    "data checks": ("checks.json",),
    "vectors": ("vectors*.safetensors",),  # with the adapter of a fine-tuned encoder
    "models": ("models/evaluated/*", "curves.parquet"),
    "metrics": ("metrics.json", "lists.parquet", "per_user.parquet", "ratings.parquet"),
    "published model": ("models/published/*",),
    "publication": ("publication/publication.json", "publication/*.parquet"),
    "report": ("report.html", "graph.json", "examples.json", "neighbourhood.json"),
}
"""Artefacts that are files in the run's folder, with the patterns that name them."""

IN_GRAPH: Final[Mapping[str, RunKind]] = {
    "graph facts": "EtlRun",
    "graph aggregates": "EtlRun",
    "graph recommendations": "ModelRun",
}
"""Artefacts that live in the graph, with the kind of run that answers for them there."""


@dataclass(frozen=True, kw_only=True)
class StageContext:
    """What a stage's function is given.

    Attributes:
        folder: the run's folder.
        stages: names of all stages that are to be done or kept, up to the last one asked for.
        run_id: the run that does the work.
        etl_run_id: the :EtlRun that loaded the graph; empty before.
        cache: folder for what outlives runs (text vectors).
        now: when the run started.
        anew: everything is to be done again, whatever is done already.
        people: what reading does to the keys of people; None: nothing.
        force_data: learn from data also where they are not as expected.
    """

    config: Config
    folder: Path
    stages: Collection[str]
    run_id: str
    etl_run_id: str
    graph: Graph
    cache: Path
    now: datetime
    progress: Progress
    anew: bool = False
    people: People | None = None
    force_data: bool = False


@dataclass(frozen=True)
class StageResult:
    """What a stage has to say: one line for people, counts for programs.

    Attributes:
        graph_run: the :EtlRun or :ModelRun under which it wrote the graph.
    """

    summary: str
    counts: Mapping[str, Count] = field(default_factory=dict)
    graph_run: str = ""


@dataclass(frozen=True)
class Work:
    """A stage's function, imported when the stage is done: only then is its room needed.

    Attributes:
        place: `module:function` below `recommender.stages`.
    """

    place: str

    def resolve(self) -> Callable[[StageContext], StageResult]:
        """Import the function."""
        found = resolve_name(f"recommender.stages.{self.place}")
        return cast("Callable[[StageContext], StageResult]", found)

    def __call__(self, context: StageContext) -> StageResult:
        return self.resolve()(context)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One step of the workflow.

    Attributes:
        does: what it does, a few words for the table and `kgrec doctor`.
        requires: artefacts that must be there.
        assigns: artefacts that it leaves.
        settings: the part of the config that its result depends on.
        rooms: the packages and modules whose code its result depends on; what only declares
            settings need not be among them, for their values are in `settings`.
        reads: the files outside the run's folder whose content its result depends on.
    """

    name: str
    does: str
    requires: tuple[str, ...]
    assigns: tuple[str, ...]
    settings: Callable[[Config], object]
    rooms: tuple[str, ...]
    function: Callable[[StageContext], StageResult]
    reads: Callable[[Config], Sequence[Path]] = lambda _config: ()

    @property
    def files(self) -> tuple[str, ...]:
        """The patterns of the files that it leaves in the run's folder."""
        return tuple(pattern for name in self.assigns for pattern in FILES.get(name, ()))

    @property
    def run_kind(self) -> RunKind | None:
        """The kind of run that answers in the graph for what it assigns, if that lives there."""
        return next((IN_GRAPH[name] for name in self.assigns if name in IN_GRAPH), None)
