"""One training of the network: hide, propagate, score, step; stop when validation says so."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from embeddings.checkpoints import Checkpoint, Saved, go_on, learnt
from embeddings.models.attention import unit
from embeddings.models.batches import Batches
from embeddings.models.checks import CurvePoint, negated
from embeddings.models.course import Course
from embeddings.models.drawn_step import DrawnStep
from embeddings.models.encoders.choices import make_encoder
from embeddings.models.fold_in import ItemMessages
from embeddings.models.masks import Hidden, make_masks
from embeddings.models.network import HeteroGatNetwork
from embeddings.models.ranking_loss import RankingLoss
from embeddings.models.rating_head import RatingParts, rating_head
from embeddings.models.reason_messages import ReasonMessages
from embeddings.models.sampled_softmax import inclusion_probabilities
from embeddings.models.scoring import Scores
from embeddings.models.settings import HeteroGatSettings
from embeddings.models.time_window import TimeWindow
from embeddings.models.training_parts import TrainingParts
from embeddings.models.trend import Trend
from embeddings.models.validation import Validation, rating_rmse
from embeddings.training_data import TrainingData
from kg.errors import ModelError
from kg.progress import Progress

logger = logging.getLogger(__name__)
MAX_BAD_STEPS = 10


class Training:
    """Trains one network.

    Args:
        data: the training part.
        settings: of the model.
        parts: what every seed's training shares.
        seed: of initial values, masks, dropout and samples.
        device: where it runs.
    """

    def __init__(
        self,
        data: TrainingData,
        settings: HeteroGatSettings,
        parts: TrainingParts,
        *,
        seed: int,
        device: torch.device,
    ) -> None:
        self.settings, self.device, self.seed = settings, device, seed
        graph, inputs, self.residual = parts.graph, parts.inputs, parts.residual
        self.inputs = inputs
        self.users, self.items = len(data.users), len(data.items)
        self.course = Course()
        self.liked = torch.from_numpy(data.pairs.positive).to(device)
        popularity = torch.bincount(inputs.pair_item[self.liked], minlength=self.items).float()
        self.generator = torch.Generator(device).manual_seed(seed)
        initial = torch.Generator().manual_seed(seed)
        self.rating_generator = torch.Generator(device).manual_seed(seed)
        self.network = HeteroGatNetwork(
            graph,
            inputs,
            users=self.users,
            items=self.items,
            encoder=make_encoder(settings, graph, initial),
            width=settings.width,
            dropout=settings.dropout,
            user_ids=settings.user_ids,
            bias=settings.popularity * (popularity.log1p() - popularity.log1p().mean()),
            residual=settings.residual if settings.ranks else 0.0,
            generator=initial,
        ).to(device)
        self.head = (
            rating_head(data, settings, seed=seed, device=device) if settings.rates else None
        )
        self.valid_ratings = data.valid_ratings
        self.ratings: RatingParts | None = None
        groups: list[dict[str, object]] = [{"params": self.network.parameters()}]
        if self.head is not None:
            rate = settings.rating_learning_rate
            groups.append({"params": self.head.parameters(), "lr": rate})
        self.optimiser = torch.optim.Adam(groups, lr=settings.learning_rate)
        self.trainable_users = torch.unique(inputs.pair_user[self.liked])
        self.trend = Trend.of(data) if settings.hide == "future" else None
        self.masks = make_masks(data, settings, self.trend, device)
        self.window = TimeWindow(data.pairs, self.users, self.items, device)
        inclusion = (
            inclusion_probabilities(popularity, settings.sampled_items)
            if settings.samples(self.items)
            else None
        )
        self.ranking = RankingLoss(
            self.network,
            settings,
            inputs=inputs,
            liked=self.liked,
            residual=parts.residual,
            content=parts.content,
            window=self.window,
            inclusion=inclusion,
            generator=self.generator,
        )
        self.drawn: DrawnStep | None = None
        if settings.neighbours is not None:
            self.drawn = DrawnStep(
                self.network,
                self.ranking,
                most=settings.neighbours,
                layers=settings.layers,
                generator=self.generator,
            )
        columns = self.items if inclusion is None else settings.sampled_items
        self.batch = max(1, settings.cells_per_step // columns)
        self.batches = Batches(self.trainable_users, self.batch, self.generator)

    def run(
        self,
        validation: Validation | None,
        progress: Progress,
        on_check: Callable[[CurvePoint], None] | None = None,
        checkpoint: Checkpoint | None = None,
    ) -> list[CurvePoint]:
        """Train, leave the best weights in `network` and `ratings`, and return the curve.

        Args:
            checkpoint: what it goes on from, and saves now and then, and when it is stopped.
        """
        settings = self.settings
        if checkpoint and (saved := checkpoint.load(self._part)):
            self._go_on(saved)
        course = self.course
        rate_at = (settings.rating_steps if settings.rates else None) or settings.steps
        steps = max(settings.steps, rate_at)
        wait = settings.patience * settings.check_every
        progress(course.step, steps, "steps")
        while course.step < steps and not course.ended(wait):
            course.losses.append(self._step(self.batches.next()))
            course.step += 1
            if not course.step % settings.check_every or course.step in (settings.steps, rate_at):
                self._look(validation, on_check, rate_at)
            try:
                progress(course.step, steps, "steps")
            except KeyboardInterrupt:
                self.save(checkpoint)
                raise
            if checkpoint and checkpoint.due():
                self.save(checkpoint)
        self.ratings = course.ratings or self._ratings()
        self.network.load_state_dict(course.weights)
        return course.curve

    def save(self, checkpoint: Checkpoint | None) -> None:
        """Save how far it is, so that another process can go on."""
        if checkpoint:
            tensors = learnt(self.optimiser, self._generators) | self.course.tensors()
            tensors["rest"] = self.batches.rest
            checkpoint.save(self._part, tensors, self.course.told())

    def _go_on(self, saved: Saved) -> None:
        go_on(self.optimiser, self._generators, saved)
        self.batches.rest = saved.tensors["rest"].to(self.device)
        self.course = Course.of(saved, self.device)

    @property
    def _part(self) -> str:
        return f"{self.seed}-{self.device.type}"

    @property
    def _generators(self) -> list[torch.Generator]:
        return [self.generator, self.rating_generator]

    def _look(
        self,
        validation: Validation | None,
        on_check: Callable[[CurvePoint], None] | None,
        rate_at: int,
    ) -> None:
        """Check the weights of now, and keep them where they are the best so far."""
        course, settings = self.course, self.settings
        ratings = self._ratings()
        point = self._check(course.step, float(np.mean(course.losses)), validation, ratings)
        course.curve.append(point)
        course.losses = []
        if on_check:
            on_check(point)
        if course.rate.takes(course.step, negated(point.valid_rmse), at=rate_at):
            course.ratings = ratings
        by = point.valid_ndcg if settings.ranks else negated(point.valid_rmse)
        if course.rank.takes(course.step, by, at=settings.steps):
            course.weights = copy.deepcopy(self.network.state_dict())

    def _check(
        self,
        step: int,
        loss: float,
        validation: Validation | None,
        ratings: RatingParts | None,
    ) -> CurvePoint:
        """Judge the weights of now on the validation part, if there is one."""
        wanted = self.valid_ratings
        return CurvePoint(
            self.seed,
            step,
            loss,
            valid_ndcg=None
            if validation is None or not self.settings.ranks
            else self._validate(validation),
            valid_rmse=None
            if ratings is None or wanted is None
            else rating_rmse(ratings.pairs(wanted.user, wanted.item), wanted),
        )

    def _step(self, users: Tensor) -> float:
        """One step of the optimiser; returns the loss. A loss that is not finite moves nothing."""
        settings, network = self.settings, self.network
        network.train()
        hidden = self.masks(self.generator)
        loss, z = torch.zeros((), device=self.device), None
        if settings.ranks:
            loss, z = self._ranking(users, hidden)
        if self.head is not None:
            parts = self.head(z, ~hidden.pairs, generator=self.rating_generator)
            loss = loss + self.head.loss(parts, hidden.asked, l2=settings.rating_l2)
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        norm = torch.stack(
            [
                nn.utils.clip_grad_norm_(group["params"], settings.clip_norm).to(self.device)
                for group in self.optimiser.param_groups
            ]
        ).sum()
        if not torch.isfinite(norm + loss.detach()):
            self.course.bad_steps += 1
            logger.warning("step skipped: loss %s, gradient norm %s", loss.item(), norm.item())
            if self.course.bad_steps == MAX_BAD_STEPS:
                raise ModelError(
                    f"Training diverged: {MAX_BAD_STEPS} steps in a row without a finite loss.",
                    remedy="Lower learning_rate, or raise temperature.",
                )
            return float("nan")
        self.course.bad_steps = 0
        self.optimiser.step()
        return float(loss.detach())

    def _ranking(self, users: Tensor, hidden: Hidden) -> tuple[Tensor, Tensor | None]:
        """Return the loss of the ranking, and z without its gradient, where all of it was made."""
        if self.drawn is not None:
            return self.drawn.loss(users, hidden), None
        z, _ = self.network(
            ~hidden.pairs, blind=hidden.items, new_users=hidden.users, generator=self.generator
        )
        return self.ranking.of_step(z, users, hidden), z.detach()

    @torch.no_grad()
    def final_scores(self) -> Scores:
        """Return what scores users and items with all training pairs visible."""
        network = self.network.eval()
        everything = torch.ones_like(self.liked)
        z, _ = network(everything)
        return Scores(
            user=unit(z[: self.users]) / self.settings.temperature,
            item=unit(z[self.users : self.users + self.items]),
            bias=network.bias() if self.trend is None else self.trend.now.to(self.device),
            g=torch.where(
                network.known_items, self.settings.residual_boost * network.g, network.g_new
            ),
            psi=network.psi.clone(),
            item_day=self.window.item_day,
            last_day=self.window.last_day(self.inputs.pair_user, everything),
        )

    @torch.no_grad()
    def _ratings(self) -> RatingParts | None:
        """Return what predicts ratings with all training pairs visible."""
        if self.head is None:
            return None
        everything = torch.ones_like(self.liked)
        z = self.network.eval()(everything)[0] if self.settings.ranks else None
        parts: RatingParts = self.head(z, everything)
        return parts

    @torch.no_grad()
    def item_messages(self) -> ItemMessages:
        """Return what items say of people whom training never saw."""
        return ItemMessages.of(self.network.eval(), torch.ones_like(self.liked))

    @torch.no_grad()
    def attention(self) -> Tensor | None:
        """Return each message's attention, mean over layers and heads, all pairs visible, (M,).

        None where the encoder has none, or was not trained.
        """
        if not self.settings.ranks:
            return None
        _, attention = self.network.eval()(torch.ones_like(self.liked))
        return None if attention is None else torch.stack(attention).mean(dim=(0, 2))

    @torch.no_grad()
    def reason_messages(self) -> ReasonMessages | None:
        """Return what things tell users and items; None where it is not known, or nothing ranks."""
        if not self.settings.ranks:
            return None
        return ReasonMessages.of(self.network.eval(), torch.ones_like(self.liked))

    def _validate(self, validation: Validation) -> float:
        scores = self.final_scores()
        return validation.ndcg(lambda users: scores.rows(users, self.residual.full.rows(users)))
