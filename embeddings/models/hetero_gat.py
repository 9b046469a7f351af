"""The recommender `hetero-gat`: fitted networks, their attention, and the pieces of a score."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array, csr_matrix, diags_array
from torch import Tensor

from embeddings.checkpoints import Checkpoint
from embeddings.device import pick_device
from embeddings.models.attention import unit
from embeddings.models.checks import CurvePoint
from embeddings.models.files import Array, load_model, save_model, sparse
from embeddings.models.fold_in import ItemMessages
from embeddings.models.rating_head import RatingParts
from embeddings.models.reason_messages import ReasonMessages
from embeddings.models.relations import EdgeType
from embeddings.models.residual import ClosedFormScores
from embeddings.models.scoring import Scores
from embeddings.models.settings import HeteroGatSettings
from embeddings.models.start import FOLDER as START
from embeddings.models.start import Start
from embeddings.models.training import Training
from embeddings.models.training_parts import training_parts
from embeddings.models.validation import Validation
from embeddings.sparse_rows import cells
from embeddings.training_data import TrainingData
from kg.errors import ModelError
from kg.progress import Progress, no_progress


class HeteroGat:
    """Heterogeneous graph attention with a closed-form item–item part.

    Args:
        settings: of the model.

    Attributes:
        settings: after a fit with validation targets, with the steps that validation chose, so
            that `HeteroGat(model.settings).fit(all_data)` refits.
        curve: checks of the training, all seeds.
        left: after a fit with `settings.warm_start`, what a later one can begin from.
        attention: per edge type (E, 2), along the edge and against it, mean over heads, layers and
            seeds; NaN where an edge carried no message. Empty if the encoder has no attention.
    """

    name: ClassVar[str] = "hetero-gat"

    def __init__(self, settings: HeteroGatSettings | None = None) -> None:
        self.settings = settings or HeteroGatSettings()
        self.curve: list[CurvePoint] = []
        self.left: Start | None = None
        self.attention: dict[EdgeType, NDArray[np.float32]] = {}

    def fit(
        self,
        data: TrainingData,
        *,
        progress: Progress = no_progress,
        on_check: Callable[[CurvePoint], None] | None = None,
        checkpoint: Checkpoint | None = None,
        start: Start | None = None,
    ) -> Self:
        """Train `settings.seeds` networks and average their scores; see `Recommender`.

        Args:
            data, progress: see there.
            on_check: told of every check as it happens; what it raises ends the fit.
            checkpoint: what it goes on from, and saves now and then.
            start: what the networks of an earlier fit with these settings have left.
        """
        settings, device = self.settings, pick_device(self.settings.device)
        parts = training_parts(data, settings, device)
        validation = None if data.valid is None else Validation(data, device)
        scores, ratings, messages, attention = [], [], [], list[Tensor]()
        told = list[ReasonMessages]()
        networks = []
        self.curve = []
        for seed in range(data.seed, data.seed + settings.seeds):
            training = Training(data, settings, parts, seed=seed, device=device)
            if start is not None:
                start.begin(training.network, data, seed - data.seed)
            networks += [training.network] if settings.warm_start else []
            self.curve += training.run(validation, progress, on_check, checkpoint)
            if seed + 1 < data.seed + settings.seeds:
                training.save(checkpoint)  # the last one's model follows at once
            scores.append(training.final_scores())
            ratings += [] if training.ratings is None else [training.ratings]
            messages.append(training.item_messages())
            found = training.attention()
            attention += [] if found is None else [found]
            said = training.reason_messages()
            told += [] if said is None else [said]
        self.attention = {}
        if attention:
            self.attention = parts.graph.by_edge_type(torch.stack(attention).mean(0))
        self._scores = Scores(**Scores.mean(scores).tensors())
        self._ratings = None
        if ratings:
            self._ratings = RatingParts(**RatingParts.mean(ratings).tensors())
        self._messages = ItemMessages.stack(messages)
        self._told = reduce(ReasonMessages.and_of, told) if told else None
        self._closed_form = parts.residual.full
        self.settings = settings.model_copy(update=_chosen_steps(self.curve))
        if settings.warm_start:
            self.left = Start.of(data, networks, steps=self.settings.steps, start=start)
        return self

    def score(self, users: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the scores of all items for these users, (len(users), I); see `Recommender`."""
        if not self.settings.ranks and self._ratings is not None:
            return self._ratings.rows(users)
        scores: NDArray[np.float32] = self._scores.rows(
            users, self._closed_form.rows(users)
        ).numpy()
        return scores

    def score_likes(self, likes: csr_array) -> NDArray[np.float32]:
        """Return the scores for people whom training never saw; see `FoldsIn`.

        The closed form is exact; of the network, `fold_in.py` says what a new person's vector is.

        Raises:
            ModelError: it was fitted to predict ratings alone.
        """
        if not self.settings.ranks:
            raise ModelError(
                "This hetero-gat was trained to predict ratings alone, of users whom it has seen.",
                remedy="Set model.hetero_gat.objective to joint, and train again.",
            )
        x = csr_matrix(likes, dtype=np.float32)
        share = 1 / (self.settings.temperature * len(self._messages.vectors))
        user = torch.from_numpy(self._messages.users(x) * np.float32(share))
        scores: NDArray[np.float32] = self._scores.new_rows(
            user, self._closed_form.of_likes(x)
        ).numpy()
        return scores

    @property
    def predicts_ratings(self) -> bool:
        """Whether its objective was to; see `RatingPredictor`."""
        return self._ratings is not None

    def predict_ratings(
        self, users: NDArray[np.int64], items: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Return the ratings of these pairs, (n,); see `RatingPredictor`.

        Raises:
            ModelError: it was fitted to rank alone.
        """
        if self._ratings is None:
            raise ModelError(
                "This hetero-gat was trained to rank alone, so it predicts no ratings.",
                remedy="Set model.hetero_gat.objective to joint, and train again.",
            )
        return self._ratings.pairs(users, items)

    @property
    def user_vectors(self) -> NDArray[np.float32]:
        """Unit vectors z_u of each seed's network side by side, (U, D)."""
        vectors: NDArray[np.float32] = unit(self._vectors.user).numpy()
        return vectors

    @property
    def item_vectors(self) -> NDArray[np.float32]:
        """Unit vectors z_i of each seed's network side by side, scaled to length 1, (I, D)."""
        vectors: NDArray[np.float32] = unit(self._vectors.item).numpy()
        return vectors

    @property
    def _vectors(self) -> Scores | RatingParts:
        return self._scores if self._ratings is None or self.settings.ranks else self._ratings

    @property
    def item_weights(self) -> csr_matrix:
        """What a liked item j adds to the score of item i by the closed form, at (j, i), (I, I).

        In a large catalogue, but for the scale of each user.
        """
        B = csr_matrix(self._closed_form.B)
        return csr_matrix(B @ diags_array(self._scores.g.numpy() / self._closed_form.scale))

    def reason_weights(self, place: NDArray[np.int64], kind: str) -> NDArray[np.float32] | None:
        """Return what things add to scores by their messages and the closed form, (n,).

        None where the encoder has no attention, or the graph is too large to keep its messages.

        Args:
            place: positions of user, item and thing, (3, n).
            kind: node type of the things.
        """
        if self._told is None:
            return None
        found = self._told.weights(
            self._scores.user.numpy(),
            self._scores.item.numpy(),
            place,
            kind,
            self.settings.temperature,
        )
        if kind == "item":
            user, item, liked = place
            closed = self._closed_form
            voiced = cells(csr_array(closed.X), user, liked)
            dense = isinstance(closed.B, np.ndarray)
            B = closed.B[liked, item] if dense else cells(csr_array(closed.B), liked, item)
            found += voiced * (B * (self._scores.g.numpy() / closed.scale)[item])
        return found

    def save(self, folder: Path) -> None:
        """Write the model into `folder`; see `Recommender`."""
        arrays: dict[str, Array | csr_matrix] = {
            f"scores.{name}": tensor.numpy() for name, tensor in self._scores.tensors().items()
        }
        if self._ratings is not None:
            arrays |= {f"ratings.{name}": t.numpy() for name, t in self._ratings.tensors().items()}
        arrays |= {f"attention.{'/'.join(t)}": values for t, values in self.attention.items()}
        arrays |= {f"messages.{name}": array for name, array in vars(self._messages).items()}
        if self._told is not None:
            arrays |= {f"reasons.{name}": array for name, array in self._told.arrays().items()}
        arrays |= {"X": self._closed_form.X, "B": self._closed_form.B}
        arrays |= {name: np.array(getattr(self._closed_form, name)) for name in ("scale", "voice")}
        save_model(folder, self.name, self.settings, arrays)
        if self.left is not None:
            self.left.save(folder / START)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote; see `Recommender`."""
        settings, arrays = load_model(folder, cls.name, HeteroGatSettings)
        model = cls(settings)
        tensors = {name: torch.from_numpy(a) for name, a in _below("scores.", arrays).items()}
        model._scores = Scores(**tensors)
        parts = {name: torch.from_numpy(a) for name, a in _below("ratings.", arrays).items()}
        model._ratings = RatingParts(**parts) if parts else None
        model._messages = ItemMessages(
            vectors=arrays["messages.vectors"].astype(np.float32),
            weights=arrays["messages.weights"].astype(np.float32),
        )
        told = _below("reasons.", arrays)
        model._told = ReasonMessages.from_arrays(told) if told else None
        for key, values in _below("attention.", arrays).items():
            source, relation, target = key.split("/")
            model.attention[source, relation, target] = values.astype(np.float32)
        B = arrays["B"].astype(np.float32) if "B" in arrays else sparse(arrays, "B")
        scale, voice = float(arrays["scale"]), float(arrays["voice"])
        model._closed_form = ClosedFormScores(sparse(arrays, "X"), B, scale, voice)
        return model


def _below(prefix: str, arrays: dict[str, Array]) -> dict[str, Array]:
    return {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}


def _chosen_steps(curve: Sequence[CurvePoint]) -> dict[str, int]:
    """The settings `steps` and `rating_steps` that validation chose, median over seeds."""
    ndcg = {(p.seed, p.step): p.valid_ndcg for p in curve if p.valid_ndcg is not None}
    rmse = {(p.seed, p.step): -p.valid_rmse for p in curve if p.valid_rmse is not None}
    chosen = {
        name: _best_step(by) for name, by in (("steps", ndcg or rmse), ("rating_steps", rmse))
    }
    return {name: step for name, step in chosen.items() if step is not None}


def _best_step(reached: Mapping[tuple[int, int], float]) -> int | None:
    """The step of each seed at which most was reached, their median."""
    best: dict[int, tuple[int, int]] = {}
    for at, value in reached.items():
        if at[0] not in best or value > reached[best[at[0]]]:
            best[at[0]] = at
    return int(np.median([step for _, step in best.values()])) if best else None
