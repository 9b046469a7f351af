"""A fine-tuned encoder ranks better, knows nothing held out, and is never mixed up with another."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import cast

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from pydantic import ValidationError
from snapshot_world import make_snapshot, rated, review, split_of
from tiny_encoder import WORDS, write_tiny_encoder
from transformers import BertModel

from embeddings import fine_tune as fine_tune_module
from embeddings.adapter import Adapter
from embeddings.contrast import Contrasts
from embeddings.encoder import TextEncoder, encode_texts
from embeddings.evaluate import targets_of
from embeddings.features import texts_to_encode, training_data
from embeddings.fine_tune import fine_tune, judged_texts
from embeddings.settings import EncoderSettings, FeatureSettings, FineTuneSettings
from embeddings.snapshot import Snapshot
from embeddings.text_vectors import TextVectors
from embeddings.vector_cache import VectorCache
from kg.errors import ConfigError, ModelError
from kg.progress import no_progress
from recommender.config import Config
from recommender.experiments import Experiment
from recommender.graph import Graph
from recommender.new_users import new_users_of_run
from recommender.run_folder import RunFolder
from recommender.stage import StageContext
from recommender.stages.encode import ADAPTER, encode

pytest.importorskip("peft", reason="the extra finetune is not installed")

SIDE = 12
NOISE = ["very", "never", "again", "the", "a", "!"]
PARTS = {
    (f"u{u:02}", f"i{i:02}"): ("valid" if i == (u + 2) % SIDE else "test" if i == u else "train")
    for u in range(SIDE)
    for i in range(SIDE)
    if (u + i) % 2 == 0
}
SPLIT = split_of(PARTS)
HOW = {"rounds": 4, "batch_size": 16, "pairs": 64, "learning_rate": 0.02, "max_length": 24}


def shop(**changed: str) -> Snapshot:
    """Even users like even items, of warm sound; odd ones odd items, of thin plot.

    Among the many words that reviews share, one tells the two apart.

    Args:
        changed: texts of reviews that say something else, by `user_item`.
    """
    random = np.random.default_rng(3)

    def text(user: str, item: str) -> str:
        told = "warm" if int(item[1:]) % 2 == 0 else "thin"
        words = [told, *random.choice(NOISE, 12)]
        said = " ".join(random.permutation(words))
        return changed.get(f"{user}_{item}", said)

    return make_snapshot(
        users=[{"user_id": f"u{u:02}"} for u in range(SIDE)],
        items=[{"item_id": f"i{i:02}"} for i in range(SIDE)],
        interactions=[rated(user, item) for user, item in PARTS],
        reviews=[review(user, item, text(user, item)) for user, item in PARTS],
    )


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_encoder(tmp_path_factory.mktemp("two-layers"), layers=2)


def settings(model: Path, **how: object) -> EncoderSettings:
    plain = {"model": str(model), "dtype": "float32", "backend": "torch", "device": "cpu"}
    return EncoderSettings.model_validate(plain | {"fine_tune": HOW | how})


def tuned(snapshot: Snapshot, given: EncoderSettings, kept_in: Path, **more: object) -> Adapter:
    view = snapshot.restrict(SPLIT, {"train"})
    targets = targets_of(snapshot, SPLIT, "valid")
    data = training_data(view, None, settings=FeatureSettings(), seed=5, valid=targets)
    return fine_tune(view, data, given, kept_in=kept_in, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("adapters")


@pytest.fixture(scope="module")
def adapter(model: Path, kept: Path) -> Adapter:
    return tuned(shop(), settings(model), kept)


def test_fine_tuning_finds_the_word_that_tells_items_apart(adapter: Adapter) -> None:
    before, *after = adapter.valid_ndcg
    assert max(after) > before + 0.1
    assert all("lora_" in name for name in adapter.weights)


def bytes_of(folder: Path) -> bytes:
    (file,) = folder.glob("*.safetensors")
    return file.read_bytes()


def test_what_a_held_out_review_says_changes_no_byte(
    model: Path, kept: Path, adapter: Adapter, tmp_path: Path
) -> None:
    held_out = {f"{u}_{i}": "canary thin" for (u, i), part in PARTS.items() if part != "train"}
    tuned(shop(**held_out), settings(model), tmp_path)
    assert bytes_of(tmp_path) == bytes_of(kept)


def test_what_a_training_review_says_counts(model: Path, adapter: Adapter, tmp_path: Path) -> None:
    told = {f"{u}_{i}": "plot" for (u, i), part in PARTS.items() if part == "train" and u == "u00"}
    other = tuned(shop(**told), settings(model), tmp_path)
    assert other.inputs != adapter.inputs
    assert other.digest != adapter.digest


def test_what_was_learnt_once_is_not_learnt_again(
    model: Path, kept: Path, adapter: Adapter
) -> None:
    def work(*told: object) -> None:
        raise AssertionError(f"learns again: {told}")

    again = tuned(shop(), settings(model), kept, progress=work)
    assert again.digest == adapter.digest
    with pytest.raises(AssertionError, match="learns again"):
        tuned(shop(), settings(model, temperature=0.1), kept, progress=work)


def test_progress_counts_the_batches(model: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    tuned(
        shop(),
        settings(model, rounds=1),
        tmp_path,
        progress=lambda done, total, _unit: told.append((done, total)),
    )
    assert sorted(set(told)) == [(0, 3), (1, 3), (2, 3), (3, 3)], "48 pairs, 16 a batch"
    assert told == sorted(told)


def test_a_round_is_judged_by_a_few_reviews_of_each_item(monkeypatch: pytest.MonkeyPatch) -> None:
    def judged(random: int) -> list[int]:
        return sorted(contrasts.item[judged_texts(contrasts, np.random.default_rng(random))])

    snapshot = shop().restrict(SPLIT, {"train"})
    contrasts = Contrasts(
        snapshot, training_data(snapshot, None, settings=FeatureSettings(), seed=5)
    )
    monkeypatch.setattr(fine_tune_module, "REVIEWS_PER_ITEM", 3)
    assert judged(0) == sorted([*range(SIDE)] * 3)
    monkeypatch.setattr(fine_tune_module, "MOST_JUDGED", 6)
    assert len(judged(0)) == 6
    assert len(set(judged(0))) == 2, "all that is read of two drawn items"
    assert judged(0) != judged(1)


def test_where_no_round_is_better_the_encoder_stays_as_it_is(model: Path, tmp_path: Path) -> None:
    idle = tuned(shop(), settings(model, learning_rate=1e-12), tmp_path)
    assert not idle.weights
    assert len(set(idle.valid_ndcg)) == 1
    assert len(idle.valid_ndcg) == 4, "it waits three rounds"


def test_only_the_top_layers_change(model: Path, tmp_path: Path) -> None:
    top = tuned(shop(), settings(model, layers=1), tmp_path)
    assert {".layer.1." in name for name in top.weights} == {True}


def test_the_adapter_is_a_change_of_low_rank(model: Path, adapter: Adapter, tmp_path: Path) -> None:
    by_hand = BertModel.from_pretrained(model).eval()
    scale = adapter.settings.alpha / adapter.settings.rank
    prefix = "base_model.model."
    for name, A in adapter.weights.items():
        if "lora_A" in name:
            B = adapter.weights[name.replace("lora_A", "lora_B")]
            place = name.removeprefix(prefix).removesuffix(".lora_A.weight")
            by_hand.get_submodule(place).weight.data += scale * B @ A
    merged = write_tiny_encoder(tmp_path)
    by_hand.save_pretrained(merged)
    told = ["warm sound", "thin plot !"]
    expected = TextEncoder(settings(merged)).encode(told)
    torch.testing.assert_close(TextEncoder(settings(model), adapter).encode(told), expected)


def test_vectors_of_the_frozen_and_of_the_tuned_encoder_are_kept_apart(
    model: Path, adapter: Adapter, tmp_path: Path
) -> None:
    frozen, changed = TextEncoder(settings(model)), TextEncoder(settings(model), adapter)
    assert adapter.digest[:16] in changed.name
    assert frozen.name != changed.name
    with VectorCache(tmp_path / "vectors.sqlite") as cache:
        first = encode_texts(WORDS, frozen, cache).of(WORDS)
        second = encode_texts(WORDS, changed, cache).of(WORDS)
        again = encode_texts(WORDS, TextEncoder(settings(model)), cache).of(WORDS)
    assert torch.equal(first, again)
    assert not torch.allclose(first, second, atol=0.01)


@pytest.mark.skipif(find_spec("openvino") is None, reason="the extra openvino is not installed")
def test_openvino_runs_the_tuned_encoder(model: Path, adapter: Adapter) -> None:
    by_torch = TextEncoder(settings(model), adapter)
    given = settings(model).model_copy(update={"backend": "openvino"})
    fast = TextEncoder(given, adapter)
    assert "openvino" in fast.name
    assert (fast.encode(WORDS) * by_torch.encode(WORDS)).sum(1).min() > 0.999


def test_an_adapter_comes_back_from_its_file(adapter: Adapter, tmp_path: Path) -> None:
    adapter.save(tmp_path / "adapter.safetensors")
    again = Adapter.load(tmp_path / "adapter.safetensors")
    assert (again.digest, again.settings, again.valid_ndcg, again.inputs) == (
        *(adapter.digest, adapter.settings, adapter.valid_ndcg, adapter.inputs),
    )


def test_what_is_no_adapter_is_refused(tmp_path: Path) -> None:
    (tmp_path / "adapter.safetensors").write_bytes(b"no tensors here")
    with pytest.raises(ModelError, match="holds no adapter"):
        Adapter.load(tmp_path / "adapter.safetensors")


def test_the_adapter_of_another_model_is_refused(adapter: Adapter, tmp_path: Path) -> None:
    shallow = write_tiny_encoder(tmp_path, layers=1)
    with pytest.raises(ModelError, match="not one of this text encoder"):
        TextEncoder(settings(shallow), adapter)


def test_without_peft_the_error_names_the_extra(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(ConfigError, match=r"kgrec\[finetune\]"):
        tuned(shop(), settings(model), tmp_path)


def test_too_few_texts_are_an_error_with_both_numbers(model: Path, tmp_path: Path) -> None:
    silent = shop().replace(reviews=make_snapshot().reviews)
    with pytest.raises(ModelError, match=r"0 liked training pairs .* two batches are 32"):
        tuned(silent, settings(model), tmp_path)


def test_fine_tuning_needs_a_model_and_a_whole_batch() -> None:
    with pytest.raises(ValidationError, match="fine_tune needs a model"):
        EncoderSettings(model=None, fine_tune=FineTuneSettings())
    with pytest.raises(ValidationError, match=r"pairs \(8\) is less than batch_size \(32\)"):
        FineTuneSettings(pairs=8)


def config(model: Path, **encoder: object) -> dict[str, object]:
    told = settings(model).model_dump(mode="json") | encoder
    source = {"type": "adjacency", "path": "x", "behaviour": "BOUGHT"}
    return {"name": "shop", "sources": [source], "seed": 5, "encoder": told}


def test_splits_of_other_protocols_are_no_splits_of_the_tuned_encoder(model: Path) -> None:
    clicks = {"evaluate": {"clicks": {}}}
    with pytest.raises(ValidationError, match="splits of its own"):
        Config.model_validate(config(model) | clicks)
    Config.model_validate(config(model, fine_tune=None) | clicks)


def test_no_training_begins_from_weights_that_read_other_vectors(model: Path) -> None:
    warm = {"model": {"hetero_gat": {"warm_start": True}}}
    with pytest.raises(ValidationError, match="other vectors of texts"):
        Config.model_validate(config(model) | warm)
    Config.model_validate(config(model, fine_tune=None) | warm)


def test_nobody_is_new_to_an_encoder_that_learnt_from_everybody(
    model: Path, tmp_path: Path
) -> None:
    run = Experiment(RunFolder(tmp_path), Config.model_validate(config(model)))
    with pytest.raises(ConfigError, match="fine-tuned on what all users like"):
        new_users_of_run(run, share=0.5, progress=no_progress)


def encoded(folder: Path, told: dict[str, object]) -> tuple[TextVectors, str]:
    """The vectors that the stage leaves, and what it says."""
    snapshot = shop()
    snapshot.save(folder / "snapshot")
    pq.write_table(SPLIT, folder / "split.parquet")
    result = encode(
        StageContext(
            config=Config.model_validate(told),
            folder=folder,
            stages=(),
            run_id="run",
            etl_run_id="etl",
            graph=cast("Graph", None),  # the stage does not look at the graph
            cache=folder / "cache",
            now=datetime(2026, 1, 1, tzinfo=UTC),
            progress=no_progress,
        )
    )
    return TextVectors.load(folder / "vectors.safetensors"), result.summary


def test_the_stage_leaves_the_adapter_beside_its_vectors(
    model: Path, adapter: Adapter, tmp_path: Path
) -> None:
    vectors, summary = encoded(tmp_path, config(model))
    found = Adapter.load(tmp_path / ADAPTER)
    assert found.digest == adapter.digest
    assert "fine-tuned: NDCG@10 on validation" in summary
    texts = texts_to_encode(shop(), FeatureSettings())
    expected = TextEncoder(settings(model), adapter).encode(texts)
    torch.testing.assert_close(vectors.of(texts)[-9:], expected[-9:], atol=2e-3, rtol=0)


def test_without_fine_tuning_the_stage_leaves_vectors_alone(model: Path, tmp_path: Path) -> None:
    vectors, summary = encoded(tmp_path, config(model, fine_tune=None))
    assert not (tmp_path / ADAPTER).exists()
    assert "fine-tuned" not in summary
    assert vectors.model == TextEncoder(settings(model)).name
