"""The graph's aggregates from its evidence: counts, what items are described by, interests.

They are computed in tables (`etl/aggregates.py`), and what is other than in the graph is written.
Evidence, and what the graph has now, are taken from staging folders where these are known to be
what the graph holds, else from the graph.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from etl.aggregates import PROPERTIES, aggregate_steps, as_written, step_of_pairs
from etl.evidence import evidence_in, evidence_of, read_nested
from etl.load_changes import changed_steps
from etl.load_steps import Step, steps_of
from etl.load_write import remove, write_steps
from etl.staging import read_staging
from etl.tally import relationships
from kg.identifiers import between
from kg.progress import Progress, no_progress
from kg.store import Store


@dataclass(frozen=True)
class DeriveReport:
    """What deriving did.

    Attributes:
        rows: nodes and relationships that were written, by step.
        removed: relationships that lost their evidence, by type.
        seconds: time by step; `compute` is all that was not writing.
        relationships: how many there are now, by type; empty where no staging folder tells it.
    """

    rows: dict[str, int] = field(default_factory=dict)
    removed: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    relationships: dict[str, int] = field(default_factory=dict)


def derive(
    store: Store,
    *,
    run_id: str,
    half_life_days: float | None = None,
    staging: Path | None = None,
    base: Path | None = None,
    progress: Progress = no_progress,
) -> DeriveReport:
    """Derive counts, :DESCRIBED_BY and :INTERESTED_IN; remove what lost its evidence.

    What is new of an item or user, of one kind, and what rests on other evidence, is written in one
    transaction; weights that only a thing's rarity or age changed, thing by thing. Deriving twice
    leaves the graph as it is: age is measured against the newest evidence.

    Args:
        run_id: the :EtlRun whose facts are in the graph now.
        half_life_days: age at which evidence of an interest counts half; None: none fades.
        staging: the folder that the graph was loaded from, with what was extracted; None: the
            evidence is read from the graph.
        base: the folder from which all was last derived, with this half-life; None: what was
            derived is read from the graph.

    Raises:
        GraphError: a transaction failed; run it again.
    """
    started = time.perf_counter()
    if base is None:
        before = list(_derived_in(store))
    else:
        tables = read_staging(base)
        before = list(aggregate_steps(evidence_of(tables, steps_of(tables)), half_life_days))
    loaded = list[Step]()
    if staging is None:
        after = list(aggregate_steps(evidence_in(store), half_life_days))
    else:
        tables = read_staging(staging)
        loaded = list(steps_of(tables))
        after = list(aggregate_steps(evidence_of(tables, loaded), half_life_days))
    changes = changed_steps(before, after)
    computed = time.perf_counter()
    steps = as_written(changes.steps, before)
    written = write_steps(store, steps, run_id=run_id, progress=progress)
    wrote = time.perf_counter()
    removed = remove(store, changes.removals)
    seconds = {"compute": computed - started, "clean-up": time.perf_counter() - wrote}
    return DeriveReport(
        written.rows, removed, written.seconds | seconds, relationships([*loaded, *after])
    )


def _derived_in(store: Store) -> Iterator[Step]:
    """What the graph has, but for counts, which are written anew."""
    for type_, start, ends in (
        ("DESCRIBED_BY", "Item", ("Entity", "Aspect", "Topic")),
        ("INTERESTED_IN", "User", ("Entity", "Aspect", "Topic", "Attribute")),
    ):
        schema = {"start": pl.String, "end": pl.String, **PROPERTIES["INTERESTED_IN"]}
        for end in ends:
            named = between(type_, start, end)
            rows = read_nested(store, "read/derived", schema, named)
            properties = pl.struct(*PROPERTIES[type_])
            yield step_of_pairs(
                type_, start, end, rows.select("start", "end", properties=properties)
            )
