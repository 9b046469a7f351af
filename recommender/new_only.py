"""Lists for those who came after a run was published, by its model: `publish RUN --new-only`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq

from embeddings.features import training_data
from embeddings.models.contract import FoldsIn
from embeddings.newcomers import Newcomers, lists_of_newcomers
from embeddings.score import Calibration
from embeddings.snapshot_read import read_snapshot
from embeddings.train import folding_models, load
from embeddings.write_lists import add_lists, next_mark
from kg.errors import ConfigError, ModelError
from kg.progress import Progress, no_progress
from kg.published import live_run
from kg.runs import claim_dataset, epoch_millis
from kg.store import Store
from recommender.artefacts import PUBLISHED
from recommender.config import Config, read_config
from recommender.graph import Graph
from recommender.job import alone
from recommender.run_folder import RunFolder, Runs
from recommender.stage import FILES
from recommender.stages.train import CALIBRATION

NEEDED = ("snapshot/users.parquet", "snapshot/items.parquet", *FILES["published model"])


@dataclass(frozen=True)
class NewLists:
    """What was written.

    Attributes:
        users: who have a list now and had none.
        places: on these lists; `new_items` of them hold items that the model was not trained on.
        without: users who are new and still have no list, for nothing in the graph supports one.
    """

    users: int
    places: int
    new_items: int
    without: int
    seconds: float


def publish_new(
    runs: Runs, run: RunFolder, graph: Graph, *, progress: Progress = no_progress
) -> NewLists:
    """Give a list to everybody who has none and whom the run's model was not trained on.

    Nothing is trained, and no list that is there changes. All that the graph has now counts as
    evidence. Doing it twice writes nothing the second time.

    Raises:
        ConfigError: the run is not the published one, or its model is not in its folder.
        ModelError: its model cannot score people whom training never saw.
        BusyError: another run is at work.
    """
    began, config = time.perf_counter(), read_config(run.path / "config.yaml", (), {})
    with alone(runs, graph):
        _check(run, graph)
        store = graph.store
        claim_dataset(store, run.record().dataset)
        wanted = _without_list(store, run)
        written = _Written(frozenset(_keys(run, "items", "item_id")))
        if wanted:
            blocks = written.counted(_lists(run, config, store, wanted, progress))
            at = next_mark(store, epoch_millis(datetime.now(UTC)))
            add_lists(store, blocks, run_id=run.id, at=at)
    return NewLists(
        users=written.users,
        places=written.places,
        new_items=written.new_items,
        without=len(wanted) - written.users,
        seconds=time.perf_counter() - began,
    )


@dataclass
class _Written:
    """Counts lists as they are written."""

    known_items: frozenset[str]
    users: int = 0
    places: int = 0
    new_items: int = 0

    def counted(self, blocks: Iterator[pa.Table]) -> Iterator[pa.Table]:
        for block in blocks:
            items = block["items"].combine_chunks().flatten().to_pylist()
            self.users += block.num_rows
            self.places += len(items)
            self.new_items += sum(item not in self.known_items for item in items)
            yield block


def _check(run: RunFolder, graph: Graph) -> None:
    live = live_run(graph.store)
    if live is None or live.run_id != run.id:
        published = f"{live.run_id} is" if live else "none is"
        raise ConfigError(
            f"Run {run.id} is not the one that is published in the {graph.target}: {published}.",
            remedy=f"kgrec publish {live.run_id} --new-only" if live else f"kgrec publish {run.id}",
        )
    if not run.holds(NEEDED):
        raise ConfigError(
            f"Run {run.id} has no published model in {run.path}.",
            remedy="Name the folder that holds it (--runs-dir), or make one: kgrec run CONFIG",
        )


def _without_list(store: Store, run: RunFolder) -> set[str]:
    """Users who have no list, and whom the model does not know."""
    named = {"__LABEL__": "User", "__KEY__": "userId"}
    everybody = _column(store.stream("read/keys", identifiers=named))
    listed = _column(store.stream("read/listed_users"))
    return everybody - listed - set(_keys(run, "users", "user_id"))


def _column(batches: Iterator[list[tuple[object, ...]]]) -> set[str]:
    return {str(value) for rows in batches for (value,) in rows}


def _lists(
    run: RunFolder, config: Config, store: Store, users: set[str], progress: Progress
) -> Iterator[pa.Table]:
    name = config.model.models[0]
    model = load(name, run.path / PUBLISHED / name)
    if not isinstance(model, FoldsIn):
        raise ModelError(
            f"{name}, which run {run.id} published, cannot score people whom training never saw.",
            remedy=f"Put one that can first in model.models: {', '.join(folding_models())}.",
        )
    snapshot = read_snapshot(store, progress)
    data = training_data(snapshot, None, settings=config.features, seed=config.seed)
    calibration = run.path / CALIBRATION
    return lists_of_newcomers(
        Newcomers.of(name, model, _keys(run, "items", "item_id"), data),
        data,
        users,
        settings=config.publish,
        calibration=Calibration.load(calibration) if calibration.is_file() else None,
    )


def _keys(run: RunFolder, table: str, column: str) -> list[str]:
    keys: list[str] = pq.read_table(run.path / "snapshot" / f"{table}.parquet", columns=[column])[
        column
    ].to_pylist()
    return keys
