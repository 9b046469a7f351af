"""Where a run does its work, and all that is there when it is done, to compare two of them."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from benchmarks.chaos_program import Program
from benchmarks.chaos_servers import Server
from benchmarks.chaos_world import DATASET
from kg.published import published_runs
from kg.runs import list_runs
from kg.schema import NODE_TYPES
from kg.store import Store
from recommender.environment import Environment
from recommender.graph import Graph
from recommender.progress_file import read_progress
from recommender.run_folder import RunFolder, RunRecord, Runs

NOTHING_TO_DO: Final = "Nothing to do"
RUN_SECONDS: Final = 300.0
"""After so long a run is taken to hang."""

_NAMED: Final = ("NEO4J_URI", "NEO4J_USERNAME", "NEO4J_PASSWORD", "NEO4J_DATABASE")
SAME_EACH_TIME: Final = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}
_FORGETFUL: Final = {"RECOMMENDED": {"runId", "at"}, "User": {"runId", "listAt"}}
"""Properties that tell when, or by which run, something was written."""
_MEASURED: Final = {"seconds"}

State = dict[tuple[object, ...], str]


class WentWrongError(Exception):
    """A run did not do what it should; says what it printed."""


@dataclass(frozen=True)
class Ground:
    """One folder of runs on one server.

    Attributes:
        config: what is run.
        folder: of the runs.
        home: KGREC_HOME.
        door: reach the server through its door.
        workers: processes that extract.
    """

    server: Server
    config: Path
    folder: Path
    home: Path
    door: bool = False
    workers: int = 1

    @property
    def variables(self) -> dict[str, str]:
        others = {name: value for name, value in os.environ.items() if name not in _NAMED}
        found = self.server.through_door() if self.door else self.server.direct()
        return others | SAME_EACH_TIME | {"KGREC_HOME": str(self.home)} | dict(found)

    def start(self, *more: str) -> Program:
        """Begin a run."""
        told = ["--runs-dir", str(self.folder), "--set", f"text.workers={self.workers}", *more]
        return Program(["run", str(self.config), *told], self.variables)

    def finish(self, *more: str) -> str:
        """Run to the end and return what it printed.

        Raises:
            WentWrongError: it does not end, or not well.
        """
        program = self.start(*more)
        told = program.end(RUN_SECONDS)
        if program.code:
            raise WentWrongError(f"it ended with {program.code}:\n{told}")
        return told

    @property
    def run(self) -> RunFolder | None:
        """The latest run here."""
        return next(iter(Runs(self.folder)), None)

    @property
    def record(self) -> RunRecord | None:
        """Its record."""
        return None if self.run is None else self.run.record()

    @property
    def stage(self) -> str:
        """The stage that is at work now, "" where none is."""
        run = self.run
        told = None if run is None else read_progress(run.path)
        return told.stage if told else ""

    def state(self) -> State:
        """All that the graph holds, and how well the models did."""
        with Graph(Environment.read(self.variables), DATASET) as graph:
            found = defaultdict[tuple[object, ...], list[str]](list)
            for key, told in _facts(graph.store):
                found[key].append(told)
            state = {key: str(sorted(told)) for key, told in found.items()}
            state[("runs",)] = str(_runs(graph.store))
        if self.run:
            metrics = json.loads((self.run.path / "metrics.json").read_text(encoding="utf-8"))
            state[("metrics",)] = _plain(metrics["models"], _MEASURED)
        return state

    def answers(self) -> None:
        """Let the graph write something; raises GraphError where it does not."""
        with Graph(Environment.read(self.variables), DATASET) as graph:
            graph.store.write("write/try_writing")

    def clear(self) -> None:
        """Empty the graph."""
        with Graph(Environment.read(self.variables), DATASET) as graph:
            graph.store.clear()


def _keys(name: str) -> str:
    return "coalesce(" + ", ".join(f"{name}.{node.key}" for node in NODE_TYPES) + ")"


def _facts(store: Store) -> Iterator[tuple[tuple[object, ...], str]]:
    """Nodes and relationships, each with its properties."""
    nodes = (
        f"MATCH (n) RETURN labels(n) AS labels, {_keys('n')} AS key, properties(n) AS properties"
    )
    ours = {node.label for node in NODE_TYPES}
    for row in store.run_text(nodes):
        labels = row["labels"]
        if isinstance(labels, list) and ours & set(labels):
            told = _FORGETFUL.get(labels[0], {"runId"})
            yield (*sorted(labels), row["key"]), _plain(row["properties"], told)
    ties = (
        f"MATCH (a)-[r]->(b) RETURN type(r) AS type, {_keys('a')} AS start, {_keys('b')} AS end, "
        "properties(r) AS properties"
    )
    for row in store.run_text(ties):
        type_ = str(row["type"])
        if type_ != "HAS_CHECKPOINT":
            told = _FORGETFUL.get(type_, {"runId"})
            yield (type_, row["start"], row["end"]), _plain(row["properties"], told)


def _runs(store: Store) -> Mapping[str, Sequence[object]]:
    """Whether runs are at work, and how many are published: of both there is one right answer."""
    kinds: tuple[Literal["EtlRun"], Literal["ModelRun"]] = ("EtlRun", "ModelRun")
    at_work = [kind for kind in kinds for run in list_runs(store, kind) if run.status == "running"]
    return {"at work": at_work, "live": [run.live for run in published_runs(store) if run.live]}


def _plain(value: object, without: set[str]) -> str:
    if isinstance(value, Mapping):
        kept = {name: _plain(value[name], without) for name in sorted(value) if name not in without}
        return str(kept)
    if isinstance(value, list):
        return str([_plain(each, without) for each in value])
    return f"{value:.9g}" if isinstance(value, float) else str(value)


def difference(got: State, wanted: State) -> str:
    """What is other in one state than in another, or ""."""
    other = [key for key in got.keys() | wanted.keys() if got.get(key) != wanted.get(key)]
    if not other:
        return ""
    shown = [f"{key}: {got.get(key)}, wanted {wanted.get(key)}" for key in other[:5]]
    return "\n".join([f"{len(other)} nodes or relationships differ", *shown])
