"""A training that begins where an earlier one ended: what is carried over, from whom, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest
import torch
from model_world import checkerboard
from run_world import make_run
from snapshot_world import letter_vectors, make_snapshot, rated, split_of

from embeddings.index import Index
from embeddings.models.hetero_gat import HeteroGat
from embeddings.models.network import HeteroGatNetwork
from embeddings.models.settings import HeteroGatSettings
from embeddings.models.start import FOLDER, Start, read_told
from embeddings.models.training import Training
from embeddings.models.training_parts import training_parts
from embeddings.training_data import TrainingData
from kg.progress import no_progress
from recommender.artefacts import EVALUATED, PUBLISHED
from recommender.config import Config
from recommender.graph import Graph
from recommender.run_folder import RunFolder, StageRecord
from recommender.stage import StageContext, StageResult
from recommender.stages.evaluate import evaluate
from recommender.stages.start import earlier_start
from recommender.stages.train import refit, train

SIDE = 12
CPU = torch.device("cpu")
SMALL = HeteroGatSettings(
    width=8, steps=24, check_every=4, l2=5.0, device="cpu", patience=20, warm_start=True
)
STANDING_STILL = {"steps": 4, "learning_rate": 1e-9}


def untrained(data: TrainingData, settings: HeteroGatSettings = SMALL) -> HeteroGatNetwork:
    parts = training_parts(data, settings, CPU)
    return Training(data, settings, parts, seed=data.seed, device=CPU).network


def left_by(data: TrainingData, settings: HeteroGatSettings = SMALL) -> tuple[HeteroGat, Start]:
    model = HeteroGat(settings).fit(data)
    assert model.left is not None
    return model, replace(model.left, run="monday")


def renamed(data: TrainingData, kind: str, keys: Mapping[int, str]) -> TrainingData:
    """The same data, but other things stand at these positions."""
    names = Index(kind, [keys.get(n, key) for n, key in enumerate(data.keys[kind].keys)])
    ends = {"user": {"users": names}, "item": {"items": names}}
    return replace(data, keys={**data.keys, kind: names}, **ends.get(kind, {}))


@pytest.mark.parametrize("encoder", ["attention", "gatv2", "lightgcn", "sage", "hgt"])
def test_it_knows_at_once_what_the_earlier_one_knew(encoder: str) -> None:
    data, _ = checkerboard(SIDE, described=True)
    settings = SMALL.model_copy(update={"encoder": encoder, "seeds": 2})
    earlier, start = left_by(data, settings)
    again = HeteroGat(settings.model_copy(update=STANDING_STILL)).fit(data, start=start)
    users = np.arange(SIDE)
    np.testing.assert_allclose(again.score(users), earlier.score(users), atol=1e-4)
    anew = HeteroGat(settings.model_copy(update=STANDING_STILL)).fit(data)
    assert np.abs(anew.score(users) - earlier.score(users)).max() > 0.1


def test_things_are_found_by_their_keys_and_new_ones_begin_as_ever() -> None:
    data, _ = checkerboard(SIDE, described=True)
    _, start = left_by(data)
    exchanged = {0: "u5", 5: "u0", 3: "somebody new"}
    now = renamed(renamed(data, "user", exchanged), "item", {1: "something new"})
    fresh, network = untrained(now), untrained(now)
    start.begin(network, now, 0)
    before = start.weights[0]["e"]
    assert torch.equal(network.e[0], before[5])
    assert torch.equal(network.e[5], before[0])
    assert torch.equal(network.e[3], fresh.e[3])
    assert torch.equal(network.e[SIDE + 1], fresh.e[SIDE + 1])
    assert torch.equal(network.e[SIDE + 2 :], before[SIDE + 2 :]), "items and attributes"
    assert network.b[1] == fresh.b[1]
    assert torch.equal(network.b[2:], start.weights[0]["b"][2:])


def test_texts_have_the_effect_that_they_had_though_other_texts_turn_their_axes() -> None:
    data, _ = checkerboard(SIDE, described=True)
    _, start = left_by(data)
    now, _ = checkerboard(SIDE, described=True)
    now.graph["item"].x = now.graph["item"].x * torch.tensor([0.1, -3.0, 1.0, 2.0])
    network = untrained(now)
    start.begin(network, now, 0)
    axes, weights = network.inputs.axes["W_t"], network.W_t
    assert weights is not None
    assert not torch.allclose(axes.abs(), start.axes["W_t"].abs(), rtol=0.1)
    effect = start.axes["W_t"] @ start.weights[0]["W_t"]
    torch.testing.assert_close(axes @ weights.detach(), effect, atol=1e-4, rtol=1e-3)


def test_an_encoder_of_other_relations_begins_anew_and_ids_go_on() -> None:
    _, start = left_by(checkerboard(SIDE, described=True)[0])
    plain, _ = checkerboard(SIDE)
    fresh, network = untrained(plain), untrained(plain)
    start.begin(network, plain, 0)
    for (name, now), then in zip(
        network.encoder.named_parameters(), fresh.encoder.parameters(), strict=True
    ):
        assert torch.equal(now, then), name
    assert torch.equal(network.e[: 2 * SIDE], start.weights[0]["e"][: 2 * SIDE])


def test_what_is_left_comes_back_from_disk_and_tells_of_all_that_was_learnt(
    tmp_path: Path,
) -> None:
    data, _ = checkerboard(SIDE, described=True)
    first, start = left_by(data)
    second = HeteroGat(SMALL).fit(renamed(data, "user", {0: "eve"}), start=start)
    second.save(tmp_path)
    back = Start.load(tmp_path / FOLDER, "tuesday")
    assert back is not None
    assert second.left is not None
    assert (back.run, back.began_from) == ("tuesday", "monday")
    assert back.steps == first.settings.steps + second.settings.steps
    assert {"u0", "eve"} <= set(back.pairs["user_id"])
    assert back.pairs.height == len(data.pairs.user) + int((data.pairs.user == 0).sum())
    assert back.nodes.equals(second.left.nodes)
    assert back.relations == second.left.relations
    assert all(torch.equal(back.weights[0][k], t) for k, t in second.left.weights[0].items())


def test_without_being_asked_to_it_leaves_nothing(tmp_path: Path) -> None:
    data, _ = checkerboard(SIDE)
    HeteroGat(SMALL.model_copy(update={"warm_start": False})).fit(data).save(tmp_path)
    assert not (tmp_path / FOLDER).exists()
    assert Start.load(tmp_path / FOLDER, "monday") is None


PARTS = {
    ("ann", "tea"): "train",
    ("bob", "tea"): "train",
    ("cid", "jam"): "train",
    ("dot", "oil"): "train",
    ("ann", "jam"): "valid",
    ("bob", "jam"): "test",
}


def night(
    runs: Path,
    run_id: str,
    parts: Mapping[tuple[str, str], str] = PARTS,
    *,
    anew: bool = False,
    **settings: object,
) -> StageContext:
    """A night's run of a larder, before it trains."""
    folder = make_run(runs, run_id, "larder")
    snapshot = make_snapshot(
        users=[{"user_id": name} for name in sorted({user for user, _ in parts})],
        items=[{"item_id": name} for name in ("jam", "oil", "tea")],
        interactions=[rated(user, item, rating=4.0) for user, item in parts],
    )
    snapshot.save(folder / "snapshot")
    pq.write_table(split_of(dict(parts)), folder / "split.parquet")
    letter_vectors([]).save(folder / "vectors.safetensors")
    ours = {"width": 4, "steps": 6, "check_every": 2, "device": "cpu", "warm_start": True}
    config = Config.model_validate(
        {
            "name": "larder",
            "sources": [{"type": "adjacency", "path": "x", "behaviour": "BOUGHT"}],
            "model": {"models": ["hetero-gat"], "hetero_gat": {**ours, **settings}},
            "evaluate": {"refit": True},
        }
    )
    config.write(folder / "config.yaml")
    return StageContext(
        config=config,
        folder=folder,
        stages=(),
        run_id=run_id,
        etl_run_id="etl",
        graph=cast("Graph", None),  # these stages do not look at the graph
        cache=folder,
        now=datetime(2026, 1, 1, tzinfo=UTC),
        progress=no_progress,
        anew=anew,
    )


def trained(context: StageContext) -> StageResult:
    """Train and refit, and note it in the run's record."""
    result = train(context)
    refit(context)
    record = RunFolder(context.folder).record()
    done = StageRecord(
        fingerprint="f", status="done", by=context.run_id, started_at=record.started_at
    )
    RunFolder(context.folder).save(record.model_copy(update={"stages": {"train": done}}))
    return result


NOTHING_LEFT = (None, "no run of the same settings has left weights")


def steps_of(context: StageContext, kind: str) -> int:
    return int(read_told(context.folder / kind / "hetero-gat" / FOLDER)["steps"])


def test_a_run_begins_from_the_one_before_and_says_so(tmp_path: Path) -> None:
    monday = night(tmp_path, "20260301-1")
    assert "began anew: no run of the same settings has left weights" in trained(monday).summary
    tuesday = night(tmp_path, "20260302-1", {**PARTS, ("eve", "tea"): "train"})
    result = trained(tuesday)
    assert "hetero-gat began from the weights of 20260301-1" in result.summary
    assert result.counts["began from"] == "20260301-1"
    for kind in (EVALUATED, PUBLISHED):
        told = read_told(tuesday.folder / kind / "hetero-gat" / FOLDER)
        assert told["began_from"] == "20260301-1"
        assert told["steps"] > steps_of(monday, kind)
    assert evaluate(tuesday).counts


def test_who_had_seen_what_is_held_out_now_is_not_begun_from(tmp_path: Path) -> None:
    trained(night(tmp_path, "20260301-1"))
    other = {**PARTS, ("dot", "oil"): "test", ("bob", "jam"): "train"}
    why = "20260301-1 had learnt from 1 pairs that are held out now (split.keep)"
    assert why in trained(night(tmp_path, "20260302-1", other)).summary


def test_what_was_seen_long_ago_counts_though_it_was_gone_meanwhile(tmp_path: Path) -> None:
    trained(night(tmp_path, "20260301-1"))
    gone = {pair: part for pair, part in PARTS.items() if pair != ("dot", "oil")}
    assert "began from" in trained(night(tmp_path, "20260302-1", gone)).summary
    back = {**PARTS, ("dot", "oil"): "test"}
    assert "held out now" in trained(night(tmp_path, "20260303-1", back)).summary


def test_other_settings_force_and_lost_weights_begin_anew(tmp_path: Path) -> None:
    monday = night(tmp_path, "20260301-1")
    trained(monday)
    other = night(tmp_path, "20260302-1", learning_rate=0.01)
    assert earlier_start(other, split_of(PARTS)) == NOTHING_LEFT
    forced = night(tmp_path, "20260302-2", anew=True)
    assert earlier_start(forced, split_of(PARTS)) == (None, "")
    (monday.folder / EVALUATED / "hetero-gat" / FOLDER / "weights.safetensors").unlink()
    after = night(tmp_path, "20260302-3")
    assert earlier_start(after, split_of(PARTS)) == NOTHING_LEFT


def test_a_refit_that_lost_its_start_takes_the_steps_of_both(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monday, tuesday = night(tmp_path, "20260301-1"), night(tmp_path, "20260302-1")
    trained(monday)
    train(tuesday)
    (monday.folder / PUBLISHED / "hetero-gat" / FOLDER / "weights.safetensors").unlink()
    refit(tuesday)
    told = read_told(tuesday.folder / PUBLISHED / "hetero-gat" / FOLDER)
    assert told["began_from"] is None
    assert told["steps"] == steps_of(tuesday, EVALUATED)
    assert "has no weights to begin from" in caplog.text


def test_pairs_are_kept_by_their_keys(tmp_path: Path) -> None:
    monday = night(tmp_path, "20260301-1")
    trained(monday)
    start = Start.load(monday.folder / EVALUATED / "hetero-gat" / FOLDER, "20260301-1")
    assert start is not None
    rows = start.pairs.sort("user_id", "item_id")
    assert rows.equals(
        pl.DataFrame(
            sorted(pair for pair, part in PARTS.items() if part == "train"),
            schema=["user_id", "item_id"],
            orient="row",
        )
    )
