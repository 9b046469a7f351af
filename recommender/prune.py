"""Which folders of runs may go: never one that somebody still needs."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from etl.kept_rows import FOLDER as KEPT
from kg import embedded
from kg.published import live_run
from recommender.environment import Environment
from recommender.graph import Graph
from recommender.run_folder import RECORD, RunFolder, RunRecord, Runs

Needed = Callable[[Sequence[RunRecord]], Mapping[str, str]]
_PUBLISHED: Final = "published"
_BEFORE: Final = "published before that one, for a rollback"


@dataclass(frozen=True)
class Verdict:
    """What becomes of one run's folder.

    Attributes:
        kept: why it stays; empty where it may go.
        frees: bytes that no other run's folder shares with it.
    """

    run: RunFolder
    record: RunRecord
    kept: str
    frees: int


def verdicts(runs: Runs, keep: int, needed: Needed) -> list[Verdict]:
    """Judge all runs, newest first.

    Args:
        keep: how many of the newest runs of each dataset stay.
        needed: of the runs that were made for one graph, those that it still needs, and why.
    """
    records = {record.id: record for record in (run.record() for run in runs)}
    by_graph: defaultdict[tuple[str, str], list[RunRecord]] = defaultdict(list)
    for record in records.values():
        by_graph[record.dataset, record.target].append(record)
    kept: dict[str, str] = {}
    for of_graph in by_graph.values():
        kept |= {record.id: f"one of the newest {keep}" for record in of_graph[:keep]}
        if len(of_graph) > keep:
            kept |= needed(of_graph)
        kept |= {record.id: "running" for record in of_graph if _is_running(record)}
    kept = _with_foundations(records, kept | _told_nowhere_else(runs, records))
    return [
        Verdict(run, records[run.id], kept.get(run.id, ""), _own_bytes(run.path))
        for run in runs
        if run.id in records
    ]


def remove(run: RunFolder) -> None:
    """Delete a run's folder; its record goes first, so that half of a folder is no run."""
    (run.path / RECORD).unlink()
    shutil.rmtree(run.path)


def needed_by_graphs(environment: Environment) -> Needed:
    """Return what asks each graph which run is published there, and which was before."""

    def needed(records: Sequence[RunRecord]) -> Mapping[str, str]:
        dataset, target = records[0].dataset, records[0].target
        graph = Graph(environment, dataset)
        if graph.target != target:
            return {record.id: f"the {target} was not asked" for record in records}
        if environment.embedded and dataset not in embedded.Folder.of(environment.home).datasets:
            return {}
        with graph:
            live = live_run(graph.store)
        if live is None:
            return {}
        before = {live.replaced: _BEFORE} if live.replaced else {}
        return {**before, live.run_id: _PUBLISHED}

    return needed


def _told_nowhere_else(runs: Runs, records: Mapping[str, RunRecord]) -> dict[str, str]:
    """Of each dataset the newest run that has read, if it keeps rows of `mode: append`."""
    read: dict[str, RunFolder] = {}
    for run in runs:
        stage = records[run.id].stages.get("read")
        if stage and stage.finished:
            read.setdefault(records[run.id].dataset, run)
    return {
        run.id: "keeps rows that its sources tell no more"
        for run in read.values()
        if any((run.path / KEPT).glob("*.parquet"))
    }


def _is_running(record: RunRecord) -> bool:
    return record.status == "running" and psutil.pid_exists(record.pid)


def _with_foundations(records: Mapping[str, RunRecord], kept: Mapping[str, str]) -> dict[str, str]:
    """Keep also the runs whose work the kept ones took over, however far back."""
    found = dict(kept)
    todo = list(kept)
    while todo:
        above = todo.pop()
        stages = records[above].stages.values() if above in records else ()
        for below in {stage.by for stage in stages} & (records.keys() - found.keys()):
            found[below] = f"run {above} rests on it"
            todo.append(below)
    return found


def _own_bytes(folder: Path) -> int:
    stats = (path.lstat() for path in folder.rglob("*") if path.is_file())
    return sum(stat.st_size for stat in stats if stat.st_nlink == 1)
