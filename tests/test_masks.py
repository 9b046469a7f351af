"""What a step hides, on worlds small enough to say it by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from model_world import world
from numpy.typing import NDArray
from scipy.sparse import csr_array

from embeddings.models.hetero_gat import HeteroGat
from embeddings.models.masks import make_masks, random_mask, suffix_mask
from embeddings.models.settings import HeteroGatSettings
from embeddings.models.trend import Trend
from embeddings.models.validation import Validation
from embeddings.training_data import TrainingData
from kg.errors import ModelError

CPU = torch.device("cpu")
FUTURE = HeteroGatSettings(hide="future", width=16, steps=40, l2=5.0, device="cpu")


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_suffix_mask_hides_the_last_and_keeps_one() -> None:
    user = torch.tensor([0] * 10 + [1])
    rank = torch.tensor([*range(10), 0])
    degree = torch.tensor([10, 1])
    for seed in range(20):
        hidden = suffix_mask(user, rank, degree, 0.35, generator(seed))
        shown = (~hidden[:10]).sum()
        assert 4 <= shown <= 9  # 10 % to 60 % are hidden
        assert hidden[:10].tolist() == [place >= shown for place in range(10)]
        assert not hidden[10]


def test_the_random_mask_hides_its_share() -> None:
    assert float(random_mask(20000, 0.3, generator()).float().mean()) == pytest.approx(
        0.3, abs=0.02
    )


def fashions(*, released: bool = False) -> TrainingData:
    """Everybody takes the item of the month and that of the next, and nobody an older one."""
    users, items = 120, 20
    month = np.arange(users) * 12 // users
    item = np.stack([month, month + 1], axis=1)
    day = 30.0 * item + np.array([3.0, 1.0])
    valid = np.flatnonzero(month == 11)
    targets = (np.ones(len(valid), np.bool_), (valid, np.full(len(valid), 13)))
    data = world(
        np.repeat(np.arange(users), 2),
        item.ravel(),
        users=users,
        items=items,
        day=day.ravel(),
        valid=csr_array(targets, shape=(users, items)),
    )
    return replace(data, released=30.0 * np.arange(items) if released else None)


def test_after_a_cut_all_is_hidden_and_only_what_comes_soon_is_asked() -> None:
    data = fashions()
    trend = Trend.of(data)
    draw = make_masks(data, FUTURE, trend, CPU)
    day = data.pairs.day
    for seed in range(10):
        hidden = draw(generator(seed))
        assert hidden.users is not None
        assert hidden.items is not None
        after, asked = hidden.pairs.numpy(), hidden.asked.numpy()
        number = int(np.searchsorted(trend.cuts, day[after].min(), "right")) - 1
        assert (after == (day >= trend.cuts[number])).all()
        assert (asked == (after & (day <= trend.ends[number]))).all()
        assert 0 < asked.sum() <= after.sum()
        assert set(np.flatnonzero(~hidden.users.numpy())) == set(data.pairs.user[~after])
        assert set(np.flatnonzero(~hidden.items.numpy())) == set(data.pairs.item[~after])


def test_in_the_trend_items_that_nobody_had_are_alike_whatever_comes_later() -> None:
    data = fashions()
    trend = Trend.of(data)
    had = set(data.pairs.item[data.pairs.day < trend.cuts[0]])
    never_had = [item for item in range(20) if item not in had]
    assert len(never_had) > 10
    assert len(set(trend.popularity[0][never_had].tolist())) == 1


def test_what_is_taken_these_days_is_what_will_be_taken_next() -> None:
    assert int(Trend.of(fashions()).now.argmax()) == 12


def test_a_known_date_of_release_tells_of_items_that_nobody_has_had() -> None:
    unknown, now = Trend.of(fashions()).now, Trend.of(fashions(released=True)).now
    assert unknown[13] == unknown[19]
    assert int(now.argmax()) == 13
    assert now[13] > now[19]


def test_without_days_there_is_no_future_to_learn() -> None:
    data = world(np.array([0, 1]), np.array([0, 1]), users=2, items=2)
    with pytest.raises(ModelError, match="of 2 training pairs 0 are dated"):
        Trend.of(data)
    today = world(np.array([0, 1]), np.array([0, 1]), users=2, items=2, day=np.array([5.1, 5.9]))
    with pytest.raises(ModelError, match="2 are dated, on 1 different days"):
        Trend.of(today)


def test_hidden_futures_teach_what_comes_next() -> None:
    """Nobody has had item 13 yet, but it is the one that is released next."""
    data = fashions(released=True)
    model = HeteroGat(FUTURE).fit(data)
    assert Validation(data).ndcg(lambda rows: torch.from_numpy(model.score(rows))) == 1.0


def test_whoever_is_new_gets_what_the_day_tells() -> None:
    data = fashions(released=True)
    more = world(data.pairs.user, data.pairs.item, users=121, items=20, day=data.pairs.day)
    more = replace(more, released=data.released)
    nobody: NDArray[np.int64] = np.array([120])
    model = HeteroGat(FUTURE).fit(more)
    np.testing.assert_allclose(model.score(nobody)[0], Trend.of(more).now.numpy(), rtol=1e-5)
