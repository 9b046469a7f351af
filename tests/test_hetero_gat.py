"""The network's inputs, times and texts, and what a fitted model hands out."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from model_world import checkerboard, tiny, world
from numpy.typing import NDArray
from scipy.sparse import csr_array
from torch import Tensor

from embeddings.device import pick_device
from embeddings.models import validation
from embeddings.models.hetero_gat import HeteroGat
from embeddings.models.settings import HeteroGatSettings
from embeddings.models.text_inputs import whiten
from embeddings.models.time_window import BINS, TimeWindow, bins, medians
from embeddings.models.validation import Validation
from embeddings.training_data import TrainingData
from kg.errors import ConfigError, ModelError

SMALL = HeteroGatSettings(width=16, steps=40, check_every=10, l2=5.0, device="cpu")


def first_two_are_of_the_users_colour(model: HeteroGat, data: TrainingData) -> bool:
    ranked = model.score(np.arange(20)).copy()
    ranked[data.seen.toarray() > 0] = -np.inf
    top = np.argsort(-ranked, axis=1)[:, :2]
    return bool((top % 2 == np.arange(20)[:, None] % 2).all())


@pytest.mark.parametrize(
    "change",
    [
        {"loss": "bpr"},
        {"loss": "bce"},
        {"loss": "sampled_softmax", "sampled_items": 10},
        {"cells_per_step": 100},  # five users a step
        {"heads": 2},
        {"layers": 1, "user_ids": False},
        {"seeds": 2},
        {"exact_items": 0},
        {"blind_share": 0.2},
    ],
    ids=str,
)
def test_every_way_of_training_learns_the_checkerboard(change: dict[str, object]) -> None:
    data, _ = checkerboard()
    model = HeteroGat(SMALL.model_copy(update=change)).fit(data)
    assert first_two_are_of_the_users_colour(model, data)


def test_in_a_temporal_split_items_around_the_users_last_day_come_first() -> None:
    """Everybody takes item n around day 100 n: what comes next is what is around next."""
    users, items, length = 40, 30, 6
    rng = np.random.default_rng(0)
    began = rng.integers(0, items - length - 1, users)
    user = np.repeat(np.arange(users), length)
    item = (began[:, None] + np.arange(length)).ravel()
    day = 100.0 * item + rng.uniform(-5, 5, len(item))
    following = csr_array(
        (np.ones(users, np.bool_), (np.arange(users), began + length)), shape=(users, items)
    )
    data = world(user, item, users=users, items=items, day=day, valid=following)
    model = HeteroGat(SMALL.model_copy(update={"hide": "latest", "mask_share": 0.35})).fit(data)
    ndcg = Validation(data).ndcg(lambda rows: torch.from_numpy(model.score(rows)))
    assert ndcg > 0.7


def test_reviews_carry_taste_where_ids_are_absent_and_alpha_0_silences_them() -> None:
    data, _ = checkerboard()
    colour = data.pairs.user % 2
    review = torch.nn.functional.one_hot(torch.from_numpy(colour), 8).float()
    told = world(
        data.pairs.user,
        data.pairs.item,
        users=20,
        items=20,
        review=review,
        valid=data.valid,
    )
    model = HeteroGat(SMALL).fit(told)
    silent = HeteroGat(SMALL).fit(TrainingData(**{**vars(told), "alpha": 0.0}))
    without = HeteroGat(SMALL).fit(data)
    users = np.arange(20)
    assert not np.array_equal(model.score(users), without.score(users))
    np.testing.assert_array_equal(silent.score(users), without.score(users))


def test_attention_is_there_for_every_edge_both_ways_and_sums_to_what_it_must() -> None:
    data, _ = checkerboard()
    model = HeteroGat(SMALL).fit(data)
    attention = model.attention["user", "RATED", "item"]
    assert attention.shape == (len(data.pairs.user), 2)
    assert ((attention > 0) & (attention <= 1)).all()


def test_item_weights_are_the_closed_form_part_of_the_score() -> None:
    data, _ = checkerboard()
    model = HeteroGat(SMALL).fit(data)
    users = np.arange(20)
    part = data.positives[users] @ model.item_weights
    network = model._scores.user @ model._scores.item.T + model._scores.bias
    np.testing.assert_allclose(network.numpy() + part.toarray(), model.score(users), atol=1e-4)


def test_vectors_of_users_and_items_have_length_one() -> None:
    data, _ = checkerboard()
    model = HeteroGat(SMALL.model_copy(update={"seeds": 2})).fit(data)
    for vectors in (model.user_vectors, model.item_vectors):
        assert vectors.shape == (20, 32)
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, rtol=1e-5)


def test_training_that_diverges_says_so() -> None:
    data, _ = checkerboard()
    with pytest.raises(ModelError, match="without a finite loss"):
        HeteroGat(SMALL.model_copy(update={"learning_rate": 1e30})).fit(data)


def test_a_set_without_targets_cannot_be_validated() -> None:
    data = tiny(valid=csr_array((12, 9), dtype=np.bool_))
    with pytest.raises(ModelError, match="no validation target"):
        HeteroGat(SMALL).fit(data)


def validated(
    user: list[int], item: list[int], held: list[tuple[int, int]], scores: Tensor
) -> float:
    valid = csr_array(([True] * len(held), tuple(zip(*held, strict=True))), scores.shape)
    users, items = scores.shape
    data = world(np.array(user), np.array(item), users=users, items=items, valid=valid)
    return Validation(data).ndcg(lambda rows: scores[rows])


def test_validation_is_ndcg_over_what_was_not_seen() -> None:
    scores = torch.tensor([[9.0, 5.0, 6.0, 4.0], [9.0, 3.0, 2.0, 1.0], [0.0, 0.0, 0.0, 0.0]])
    ndcg = validated([0, 1, 2, 2, 2], [0, 0, 1, 2, 3], [(0, 2), (0, 3), (1, 3)], scores)
    # u0 is shown 2, 1, 3: hits at ranks 1 and 3; u1 is shown 1, 2, 3: a hit at rank 3
    best = 1 + 1 / np.log2(3)
    assert ndcg == pytest.approx(((1 + 0.5) / best + 0.5) / 2, rel=1e-6)


def test_validation_ranks_items_that_nobody_had_among_themselves() -> None:
    scores = torch.tensor([[9.0, 8.0, 7.0, 6.0], [5.0, 9.0, 6.0, 7.0]])
    # u0 had 0; nobody had 2 and 3, which u0 and u1 hold out: u0 puts 2 before 3, u1 3 before 2.
    ndcg = validated([0, 1], [0, 1], [(0, 3), (1, 2), (1, 0)], scores)
    cold, warm = 1 / np.log2(3), 1 / np.log2(4)  # u1 is shown 3, 2, 0 of all
    assert ndcg == pytest.approx((2 * cold + 1 * warm) / 3, rel=1e-6)


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.one_of(st.just(np.nan), st.integers(0, 50).map(float))),
        min_size=1,
        max_size=30,
    )
)
def test_medians_match_numpy_with_and_without_each_member(rows: list[tuple[int, float]]) -> None:
    group = np.array([g for g, _ in rows])
    value = np.array([v for _, v in rows])

    def median(keep: np.ndarray) -> float:
        known = value[keep & ~np.isnan(value)]
        return float(np.median(known)) if len(known) else np.nan

    whole, others = medians(group, value, 4)
    np.testing.assert_allclose(whole, [median(group == g) for g in range(4)])
    for row, g in enumerate(group):
        left = (group == g) & (np.arange(len(group)) != row)
        np.testing.assert_allclose(others[row], median(left))


def test_the_last_visible_act_dates_a_user() -> None:
    day = np.array([5.0, 9.0, np.nan, 3.0])
    data = world(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 0]), users=3, items=2, day=day)
    window = TimeWindow(data.pairs, 3, 2, torch.device("cpu"))
    user = torch.from_numpy(data.pairs.user)
    everything = window.last_day(user, torch.ones(4, dtype=torch.bool))
    np.testing.assert_array_equal(everything.numpy(), [9.0, np.nan, 3.0])
    hidden = window.last_day(user, torch.tensor([True, False, True, False]))
    np.testing.assert_array_equal(hidden.numpy(), [5.0, np.nan, np.nan])


def test_bins_grow_with_the_distance_in_time_and_the_last_is_for_unknown() -> None:
    t = torch.tensor([-5000.0, -10.0, 0.0, 2.0, 10.0, 5000.0, torch.nan])
    found = bins(t, torch.tensor(0.0)).tolist()
    assert found[:-1] == sorted(set(found[:-1]))
    assert found[-1] == BINS - 1


def test_whitened_texts_keep_their_order_of_size_and_leave_silence_silent() -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(50, 6, generator=generator) * torch.tensor([8.0, 4.0, 2.0, 1.0, 0.5, 0.0])
    x[7] = 0
    w, axes = whiten(x, 3)
    assert w.shape == (50, 3)
    assert w[7].tolist() == [0.0, 0.0, 0.0]
    sd = w[torch.arange(50) != 7].std(0)
    np.testing.assert_allclose(sd.numpy(), np.sqrt([2.0, 4.0, 8.0]), rtol=0.3)
    there = x[x.any(dim=1)]
    torch.testing.assert_close(w[x.any(dim=1)], (there - there.mean(0)) @ axes)
    assert torch.isfinite(whiten(torch.zeros(4, 6), 3)[0]).all()


def test_a_device_that_is_not_there_is_refused() -> None:
    assert pick_device("cpu").type == "cpu"
    if not torch.cuda.is_available():
        with pytest.raises(ConfigError, match="sees none here"):
            pick_device("cuda")


def test_of_a_large_set_the_same_users_are_drawn_for_every_validation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data, _ = checkerboard()
    monkeypatch.setattr(validation, "MOST_CELLS", 5 * 20)  # five of twenty users
    seen: list[list[int]] = []
    for _check in range(2):
        asked: list[int] = []

        def score(users: NDArray[np.int64], asked: list[int] = asked) -> torch.Tensor:
            asked += users.tolist()
            return torch.zeros(len(users), 20)

        Validation(data).ndcg(score)
        seen.append(asked)
    assert seen[0] == seen[1]
    assert len(set(seen[0])) == 5


def test_ten_steps_without_a_finite_loss_end_the_training() -> None:
    data, _ = checkerboard()
    steps = list[int]()
    with pytest.raises(ModelError, match="10 steps in a row") as raised:
        HeteroGat(SMALL.model_copy(update={"temperature": 1e-40})).fit(
            data, progress=lambda step, *_: steps.append(step)
        )
    assert raised.value.remedy is not None
    assert steps[-1] == 9


def test_who_ranks_alone_is_not_trained_for_the_steps_of_ratings() -> None:
    data, _ = checkerboard(valid=False)
    steps = list[int]()
    HeteroGat(SMALL.model_copy(update={"steps": 3, "rating_steps": 9})).fit(
        data, progress=lambda step, *_: steps.append(step)
    )
    assert steps[-1] == 3
