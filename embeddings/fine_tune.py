"""Fine-tunes the language model on training pairs: what a user wrote, what others say of an item.

A low-rank change (`adapter.py`) is trained by in-batch InfoNCE (`contrast.py`). After each round
items are ranked by their texts alone, and the round with the best NDCG@10 on validation is kept;
the model as it was is one of them. Of held-out pairs only the keys are seen, those of validation,
and never a text. The model's own dropout stays off: it doubles a CPU's time.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as fn

from embeddings.adapter import Adapter, weights_of, with_adapter
from embeddings.contrast import Contrasts, info_nce
from embeddings.device import pick_device
from embeddings.language_model import (
    LanguageModel,
    load_language_model,
    mean_of_tokens,
    precision_on,
)
from embeddings.models.validation import Validation
from embeddings.settings import EncoderSettings, FineTuneSettings
from embeddings.snapshot import Snapshot
from embeddings.training_data import TrainingData
from kg.errors import ModelError
from kg.progress import Progress, no_progress

if TYPE_CHECKING:
    from peft import PeftModel

logger = logging.getLogger(__name__)

REVIEWS_PER_ITEM: Final = 4
"""Of an item's reviews so many are read when a round is judged."""
MOST_JUDGED: Final = 8192
"""So many texts are read at most when a round is judged: those of as many drawn items."""
_PATIENCE: Final = 3
_TEXTS_AT_ONCE: Final = 32


def fine_tune(
    view: Snapshot,
    data: TrainingData,
    settings: EncoderSettings,
    *,
    kept_in: Path,
    progress: Progress = no_progress,
) -> Adapter:
    """Learn an adapter, or take the one that was learnt from the same inputs before.

    Args:
        view: the snapshot restricted to the training part.
        data: its training data, with validation targets; text vectors are not needed.
        settings: of the encoder, with `fine_tune`.
        kept_in: folder of the adapters learnt so far.
        progress: counts batches.

    Raises:
        ModelError: too few pairs have texts, there is no validation target, or no model.
        ConfigError: `peft` is not installed, or there is no such device.
    """
    if settings.fine_tune is None:
        raise ValueError("fine_tune: settings.fine_tune is None")
    how = settings.fine_tune
    device = pick_device(settings.device)
    model = load_language_model(settings, precision_on(device, settings.dtype))
    contrasts, validation = Contrasts(view, data), Validation(data)
    if len(contrasts.pairs) < 2 * how.batch_size:
        raise ModelError(
            f"Fine-tuning has too few texts: {len(contrasts.pairs)} liked training pairs have a"
            f" text of the user and one of the item, and two batches are {2 * how.batch_size}.",
            remedy="Set encoder.fine_tune to null, or encoder.fine_tune.batch_size lower.",
        )
    inputs = _hash_of_inputs(f"{model.name} {model.transformer.dtype}", contrasts, data, how)
    path = kept_in / f"{inputs}.safetensors"
    if path.is_file():
        logger.info("The encoder was fine-tuned on the same inputs before: %s", path.name)
        return Adapter.load(path)
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(data.seed)
        tuner = _Tuner(model, contrasts, data, how, device)
        weights, valid = tuner.run(validation, progress)
    adapter = Adapter(weights=weights, settings=how, inputs=inputs, valid_ndcg=tuple(valid))
    adapter.save(path)
    return adapter


class _Tuner:
    def __init__(
        self,
        model: LanguageModel,
        contrasts: Contrasts,
        data: TrainingData,
        how: FineTuneSettings,
        device: torch.device,
    ) -> None:
        self._contrasts, self._how, self._device = contrasts, how, device
        self._tokenizer = model.tokenizer
        if device.type == "cpu":  # the fused attention's way back takes three times as long there
            model.transformer.set_attn_implementation("eager")
        self._model: PeftModel = with_adapter(model.transformer, how).to(device).eval()
        self._user, self._item = data.pairs.user, data.pairs.item
        self._seen = data.seen
        self._likes = data.positives
        often = np.bincount(self._item[contrasts.pairs], minlength=len(data.items))
        self._log_q = torch.from_numpy(np.log(often.clip(1) / often.sum())).float()
        self._random = np.random.default_rng(data.seed)
        self._judged = judged_texts(contrasts, self._random)
        self._batches = min(len(contrasts.pairs), how.pairs) // how.batch_size
        self._done = 0

    def run(
        self, validation: Validation, progress: Progress
    ) -> tuple[dict[str, Tensor], list[float]]:
        """Return the best round's weights, none if no round helped, and the NDCG of each."""

        def tell() -> None:
            progress(self._done, self._batches * self._how.rounds, "batches of pairs")

        trained = [weight for weight in self._model.parameters() if weight.requires_grad]
        optimiser = torch.optim.AdamW(trained, lr=self._how.learning_rate)
        valid = [self._ndcg(validation, tell)]
        best: dict[str, Tensor] = {}
        for number in range(1, self._how.rounds + 1):
            loss = self._round(optimiser, tell)
            valid.append(self._ndcg(validation, tell))
            logger.info(
                "round %d: loss %.4f, NDCG@10 on validation %.4f (%.4f before fine-tuning)",
                *(number, loss, valid[-1], valid[0]),
            )
            if valid[-1] == max(valid) > valid[0]:
                best = weights_of(self._model)
            if number - int(np.argmax(valid)) >= _PATIENCE:
                break
        return best, valid

    def _round(self, optimiser: torch.optim.Optimizer, tell: Callable[[], None]) -> float:
        """Learn from newly drawn pairs; return the mean loss."""
        drawn, size, losses = (
            self._random.permutation(self._contrasts.pairs),
            self._how.batch_size,
            [],
        )
        for first in range(0, self._batches * size, size):
            loss = self._loss(drawn[first : first + size])
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            losses.append(loss.item())
            self._done += 1
            tell()
        return float(np.mean(losses))

    def _loss(self, pairs: NDArray[np.int64]) -> Tensor:
        anchors, candidates = self._drawn(pairs)
        user, item = self._user[pairs], self._item[pairs]
        had = self._seen[user][:, item].toarray() > 0
        return info_nce(
            anchors,
            candidates,
            torch.from_numpy(had).to(self._device),
            self._log_q[item].to(self._device),
            self._how.temperature,
        )

    def _drawn(self, pairs: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        """Means of the texts drawn for users and for items, unit rows, (n, width) each."""
        texts = self._how.texts
        sides = self._contrasts.draw(np.repeat(pairs, texts), self._random)
        distinct, place = np.unique(np.stack(sides), return_inverse=True)
        means = self._encode(distinct)[torch.from_numpy(place.reshape(2, -1, texts))].mean(2)
        anchors, candidates = fn.normalize(means, dim=-1)
        return anchors, candidates

    def _encode(
        self, positions: NDArray[np.int64], tell: Callable[[], None] = lambda: None
    ) -> Tensor:
        """Vectors of texts, (n, width), those of like length at a time."""
        texts = [self._contrasts.texts[position] for position in positions]
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        parts = []
        for first in range(0, len(order), _TEXTS_AT_ONCE):
            parts.append(
                self._vectors([texts[place] for place in order[first : first + _TEXTS_AT_ONCE]])
            )
            tell()
        return torch.cat(parts)[torch.tensor(order).argsort()]

    def _vectors(self, texts: Sequence[str]) -> Tensor:
        tokens = self._tokenizer(
            list(texts),
            padding=True,
            truncation=True,
            max_length=self._how.max_length,
            return_tensors="pt",
        ).to(self._device)
        hidden = self._model(**tokens).last_hidden_state.float()
        return mean_of_tokens(hidden, tokens["attention_mask"])

    @torch.inference_mode()
    def _ndcg(self, validation: Validation, tell: Callable[[], None]) -> float:
        """NDCG@10 of ranking items by the cosine of their texts with the texts of what users like.

        An item's vector is the mean of its own text's and its reviews' mean.
        """
        items = self._likes.shape[1]
        vectors = self._encode(self._judged, tell).cpu()
        V = torch.zeros(items, vectors.shape[1])
        for own in (True, False):
            rows = np.flatnonzero(self._contrasts.own[self._judged] == own)
            item = torch.from_numpy(self._contrasts.item[self._judged[rows]])
            V += fn.normalize(torch.zeros_like(V).index_add_(0, item, vectors[rows]))
        there = V.any(1, keepdim=True)
        V = fn.normalize((V - V.sum(0) / there.sum().clamp_min(1)) * there)
        return validation.ndcg(lambda users: torch.from_numpy(self._likes[users] @ V.numpy()) @ V.T)


def judged_texts(contrasts: Contrasts, random: np.random.Generator) -> NDArray[np.int64]:
    """Return positions of items' own texts and of up to `REVIEWS_PER_ITEM` reviews of each."""
    item, luck = contrasts.item, random.permutation(len(contrasts.texts))
    order = np.lexsort((luck, contrasts.own, item))
    kind = 2 * item[order] + contrasts.own[order]
    rank = np.arange(len(order)) - np.searchsorted(kind, kind)
    kept = order[rank < REVIEWS_PER_ITEM]
    turn = random.permutation(int(item.max()) + 1)
    return kept[np.argsort(turn[item[kept]], kind="stable")][:MOST_JUDGED]


def _hash_of_inputs(
    model: str, contrasts: Contrasts, data: TrainingData, how: FineTuneSettings
) -> str:
    """Hash of all that decides an adapter, of held-out pairs the keys of validation alone."""
    digest = sha256(f"{model} {data.seed} {how.model_dump_json()}".encode())
    for strings in (contrasts.texts, data.users.keys, data.items.keys):
        digest.update(json.dumps(list(strings)).encode())
    rows = [contrasts.item, contrasts.pairs, data.pairs.user, data.pairs.item, data.pairs.positive]
    if data.valid is not None:
        rows += [*data.valid.nonzero()]
    for array in rows:
        digest.update(np.asarray(array, np.int64).tobytes())
    return digest.hexdigest()[:32]
