"""The floor of training: per step, dense products with as many multiply-adds, and nothing else.

Counted with B users and C items scored, N nodes, M messages, R relations, P pairs, s pairs that
speak in the closed form, d numbers per node, p per text and L layers:

    scores           3 B C d             (B, d)(d, C) and its two gradients
    attention        L 6 N R d           n(h) with a and b, and their gradients
    messages         L 3 M d             values with an (M, d) matrix: forward, two gradients;
                                         it also reads the bytes that M gathered rows have
    reviews          2 P p, 4 (U + I) p d   means by a (1, P)(P, p) product; W and its gradient
    item texts       2 I p d
    closed form      s C                 (1, C)(C, C) products, s / C of them

To these it adds one softmax over (B, C) with its gradient and one step of Adam on as many numbers.
"""

from __future__ import annotations

import torch
from torch import Tensor

from benchmarks.job import Job, Stopwatch, Work
from benchmarks.training import STEPS, WARM_UP, Shapes, read_shapes
from embeddings.device import pick_device


def floor(job: Job) -> Work:
    """Run the products of as many steps."""
    step = DenseStep(read_shapes(job), pick_device("auto"))
    for _ in range(WARM_UP):
        step.run()

    def work(watch: Stopwatch) -> int:
        with watch:
            for _ in range(STEPS):
                step.run()
        return STEPS

    return work


class DenseStep:
    """Dense matrices of the shapes of a step."""

    def __init__(self, shapes: Shapes, device: torch.device) -> None:
        def random(*size: int) -> Tensor:
            return torch.randn(*size, device=device)

        self.shapes = s = shapes
        self.z_u, self.z_i = random(s.users, s.width), random(s.items, s.width)
        self.h, self.a = random(s.nodes, s.width), random(s.width, s.relations)
        self.messages, self.values = random(s.messages, s.width), random(1, s.messages)
        self.row = random(s.width, 1)
        self.reviews, self.shown = random(s.pairs, s.text_width), random(1, s.pairs)
        self.texts = random(s.users + s.items, s.text_width)
        self.W = random(s.text_width, s.width)
        self.B, self.x = random(s.items, s.items), random(1, s.items)
        self.weights = random(s.parameters).requires_grad_()
        self.weights.grad = random(s.parameters)
        self.optimiser = torch.optim.Adam([self.weights], lr=1e-3)

    @torch.no_grad()
    def run(self) -> float:
        """One step; returns a number, so that a GPU is waited for."""
        s = self.shapes
        for _ in range(s.layers):
            for _ in range(2):
                logits = self.h @ self.a
                _ = logits @ self.a.T, self.h.T @ logits
            _ = self.values @ self.messages, self.values @ self.messages
            _ = self.messages @ self.row
        if s.text_width:
            for _ in range(2):
                _ = self.shown @ self.reviews
            of_reviews = self.texts @ self.W
            of_titles = self.texts[s.users :] @ self.W
            _ = self.texts.T @ of_reviews, self.texts[s.users :].T @ of_titles
        for _ in range(max(1, s.shown // s.items)):
            _ = self.x @ self.B
        scores = self.z_u @ self.z_i.T
        log_p = torch.log_softmax(scores, dim=1)
        d_scores = torch.ops.aten._log_softmax_backward_data(scores, log_p, 1, scores.dtype)
        _ = d_scores @ self.z_i, d_scores.T @ self.z_u
        self.optimiser.step()
        return float(log_p[0, 0])
