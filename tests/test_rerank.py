"""Lists in another order: against sameness, or shared out as a person's likes are."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from model_world import world
from numpy.typing import NDArray
from pydantic import ValidationError
from scipy.sparse import csr_array

from embeddings.attribute_shares import ALPHA, kinds_of, sorting_kinds
from embeddings.baselines.popularity import Popularity
from embeddings.evaluate import evaluate
from embeddings.ranking import Ranking, rank
from embeddings.rerank import Reranker
from embeddings.score import score_lists
from embeddings.settings import PublishSettings, RerankSettings
from embeddings.tradeoff import tradeoff
from embeddings.training_data import TrainingData
from kg.errors import ConfigError

COMEDY, DRAMA = 0, 1


def cinema(liked: list[int], films: list[int], *, valid: csr_array | None = None) -> TrainingData:
    """One user who likes the films at `liked`; `films` has the genre of each film."""
    data = world(
        np.zeros(len(liked), np.int64), np.array(liked), users=1, items=len(films), valid=valid
    )
    data.graph["attribute"].num_nodes = 2
    data.graph["item", "Genre", "attribute"].edge_index = torch.tensor(
        [list(range(len(films))), films]
    )
    return data


def ranking(items: list[int], scores: list[float]) -> Ranking:
    return Ranking(np.array([0]), np.array([items]), np.array([scores], np.float32))


def ordered(data: TrainingData, ranked: Ranking, length: int, **chosen: object) -> list[int]:
    reranker = Reranker(RerankSettings.model_validate(chosen), data)
    found: list[int] = reranker.rerank(ranked, length).items[0].tolist()
    return found


def test_of_two_films_of_one_genre_the_second_moves_behind_another_genre() -> None:
    data = cinema([0], [COMEDY, COMEDY, COMEDY, DRAMA])
    films = ranking([1, 2, 3], [3.0, 2.9, 1.0])  # two comedies, then a drama
    assert ordered(data, films, 3, method="mmr", weight=0.6) == [1, 3, 2]
    # the other comedy is worth 0.95 (1 - w) - w there, the drama nothing: level at w = 0.487
    assert ordered(data, films, 3, method="mmr", weight=0.48) == [1, 2, 3]
    assert ordered(data, films, 3, method="mmr", weight=0.50) == [1, 3, 2]


def test_seven_comedies_and_three_dramas_give_a_list_of_seven_and_three() -> None:
    films = [COMEDY] * 7 + [DRAMA] * 3 + [COMEDY] * 10 + [DRAMA] * 10
    data = cinema(list(range(10)), films)
    # the model would list all the comedies first
    comedies_first = ranking(list(range(10, 30)), np.linspace(1, 0, 20).tolist())
    chosen = {"method": "calibrated", "kind": "Genre"}
    by_model = ordered(data, comedies_first, 10, **chosen, weight=0.0)[:10]
    assert by_model == list(range(10, 20))
    calibrated = ordered(data, comedies_first, 10, **chosen, weight=0.99)[:10]
    assert [films[film] for film in calibrated].count(COMEDY) == 7
    of_each = [[f for f in calibrated if films[f] == genre] for genre in (COMEDY, DRAMA)]
    assert of_each == [list(range(10, 17)), [20, 21, 22]], "of each genre the best ones"


def test_scores_go_with_their_items() -> None:
    data = cinema([0], [COMEDY, COMEDY, COMEDY, DRAMA])
    films = ranking([1, 2, 3], [3.0, 2.9, 1.0])
    found = Reranker(RerankSettings(method="mmr", weight=0.9), data).rerank(films, 3)
    assert found.scores[0].tolist() == np.array([3.0, 1.0, 2.9], np.float32).tolist()


def test_places_behind_the_length_keep_the_models_order() -> None:
    data = cinema([0], [COMEDY, COMEDY, COMEDY, COMEDY, DRAMA])
    films = ranking([1, 2, 3, 4], [4.0, 3.0, 2.0, 1.0])
    assert ordered(data, films, 2, method="mmr", weight=0.9) == [1, 4, 2, 3]


def test_a_user_whose_likes_have_no_genre_keeps_the_models_order() -> None:
    data = cinema([], [COMEDY, DRAMA, COMEDY])
    films = ranking([2, 0, 1], [3.0, 2.0, 1.0])
    assert ordered(data, films, 3, method="calibrated", kind="Genre", weight=0.9) == [2, 0, 1]


METHODS = st.sampled_from([("mmr", ""), ("calibrated", "Genre")])


@settings(max_examples=40)
@given(METHODS, st.floats(0, 1), st.integers(0, 1_000), st.integers(1, 12))
def test_any_order_is_one_of_the_same_candidates_and_weight_0_is_the_models(
    method: tuple[str, str], weight: float, seed: int, length: int
) -> None:
    rng = np.random.default_rng(seed)
    films = rng.integers(0, 2, 12).tolist()
    data = cinema(sorted(rng.choice(12, 4, replace=False).tolist()), films)
    items = np.stack([rng.permutation(12)[:9] for _ in range(5)])
    scores = -np.sort(-rng.choice([0.5, 1.0, 2.0, 7.0], (5, 9)), axis=1).astype(np.float32)
    items[2, 6:], scores[2, 6:] = -1, -np.inf  # a shorter list
    items[3], scores[3] = -1, -np.inf  # nothing left to rank
    given_ = Ranking(np.zeros(5, np.int64), items, scores)
    chosen = RerankSettings.model_validate(
        {"method": method[0], "kind": method[1], "weight": weight}
    )
    found = Reranker(chosen, data).rerank(given_, length)
    np.testing.assert_array_equal(np.sort(found.items, axis=1), np.sort(items, axis=1))
    assert (np.diff((found.items < 0).astype(int), axis=1) >= 0).all(), "no gaps"
    same = Reranker(chosen.model_copy(update={"weight": 0.0}), data).rerank(given_, length)
    np.testing.assert_array_equal(same.items, items)
    np.testing.assert_array_equal(same.scores, scores)


@settings(max_examples=25)
@given(METHODS, st.floats(0.05, 1), st.integers(0, 1_000))
def test_every_place_goes_to_the_candidate_that_is_worth_most(
    method: tuple[str, str], weight: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    films = rng.integers(0, 2, 12)
    liked = sorted(rng.choice(12, 4, replace=False).tolist())
    items = rng.permutation(12)[:8].tolist()
    scores = sorted(rng.random(8).round(3).tolist(), reverse=True)
    p = np.bincount(films[liked], minlength=2) / 4

    def cost(above: list[int], film: int) -> float:
        if method[0] == "mmr":
            return float(any(films[each] == films[film] for each in above))
        q = np.bincount(films[[*above, film]], minlength=2) / (len(above) + 1)
        return float(
            sum(
                p[g] * np.log(p[g] / ((1 - ALPHA) * q[g] + ALPHA * p[g])) for g in np.flatnonzero(p)
            )
        )

    span = np.float32(scores[0]) - np.float32(scores[-1])
    rel = {
        i: float(np.float32(s) - np.float32(scores[-1])) / span
        for i, s in zip(items, scores, strict=True)
    }
    chosen = {"method": method[0], "kind": method[1], "weight": weight}
    found = ordered(cinema(liked, films.tolist()), ranking(items, scores), 8, **chosen)
    for place, film in enumerate(found):
        above, left = found[:place], found[place:]
        worth = {i: (1 - weight) * rel[i] - weight * cost(above, i) for i in left}
        assert worth[film] == pytest.approx(max(worth.values()), abs=1e-6)


def test_users_taken_a_few_at_a_time_get_the_same_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    data = cinema([0, 1], rng.integers(0, 2, 40).tolist())
    items = np.stack([rng.permutation(40)[:20] for _ in range(30)])
    scores = -np.sort(-rng.random((30, 20)).astype(np.float32), axis=1)
    many = Ranking(np.zeros(30, np.int64), items, scores)
    for chosen in (
        RerankSettings(method="mmr", weight=0.5),
        RerankSettings(method="calibrated", kind="Genre", weight=0.5),
    ):
        at_once = Reranker(chosen, data).rerank(many, 10)
        with monkeypatch.context() as few:
            few.setattr("embeddings.rerank._CELLS", 100)
            np.testing.assert_array_equal(
                Reranker(chosen, data).rerank(many, 10).items, at_once.items
            )


def shop() -> tuple[TrainingData, NDArray[np.bool_]]:
    """Eight people who like two comedies each; two genres, and a studio for each film."""
    rng = np.random.default_rng(0)
    user = np.repeat(np.arange(8), 2)
    item = np.sort([rng.permutation(6)[:2] for _ in range(8)], axis=1).ravel()
    held = np.zeros((8, 12), np.bool_)
    held[np.arange(8), 6 + np.arange(8) % 6] = True
    data = world(user, item, users=8, items=12, valid=csr_array(held))
    data.graph["attribute"].num_nodes = 70
    genres = torch.tensor([list(range(12)), [0] * 6 + [1] * 6])
    data.graph["item", "Genre", "attribute"].edge_index = genres
    studios = torch.tensor([[film for film in range(12) for _ in range(5)], list(range(2, 62))])
    data.graph["item", "Studio", "attribute"].edge_index = studios
    return data, held


def test_kinds_that_sort_have_few_values() -> None:
    data, _ = shop()
    assert kinds_of(data) == ["Genre", "Studio"]
    assert sorting_kinds(data) == ["Genre"]


def test_an_evaluation_says_how_far_lists_are_from_the_likes() -> None:
    data, held = shop()
    model = Popularity().fit(data)
    found = evaluate(model, data, csr_array(held)).overall
    assert "miscalibration_Genre@10" in found
    # all like comedies alone; ten of the ten unseen films are four comedies and six dramas
    expected = -np.log((1 - ALPHA) * 0.4 + ALPHA)
    assert found["miscalibration_Genre@10"].mean == pytest.approx(expected)
    assert "miscalibration_Studio@10" not in found


def test_published_ranks_follow_the_new_order_and_scores_stay_the_models() -> None:
    data, _ = shop()
    model = Popularity().fit(data)
    rerank = RerankSettings(method="mmr", weight=0.9)
    [lists] = score_lists(model, data, top_k=4, rerank=rerank)
    [block] = rank(model, np.arange(8), data.seen, 100)
    expected = Reranker(rerank, data).rerank(block, 4)
    assert lists.rank.tolist() == [1, 2, 3, 4] * 8
    assert lists.item.reshape(8, 4).tolist() == expected.items[:, :4].tolist()
    assert lists.score.tolist() == model.score(lists.user)[np.arange(32), lists.item].tolist()
    [plain] = score_lists(model, data, top_k=4)
    assert plain.item.tolist() != lists.item.tolist()


class ComediesFirst(Popularity):
    """A model that ranks the films by their number."""

    def score(self, users: NDArray[np.int64]) -> NDArray[np.float32]:
        scores: NDArray[np.float32] = np.tile(-np.arange(30, dtype=np.float32), (len(users), 1))
        return scores


def test_a_tradeoff_goes_from_the_models_order_to_the_wish() -> None:
    films = [COMEDY] * 7 + [DRAMA] * 3 + [COMEDY] * 10 + [DRAMA] * 10
    held = np.zeros((1, 30), np.bool_)
    held[0, 20] = True  # the best of the dramas that are left
    data = cinema(list(range(10)), films, valid=csr_array(held))
    wish = RerankSettings(method="calibrated", kind="Genre")
    first, last = tradeoff(ComediesFirst(), data, wish, weights=(0.0, 0.99))
    # ten comedies for somebody who likes seven of them and three dramas
    apart = 0.7 * np.log(0.7 / (1 - ALPHA + ALPHA * 0.7)) + 0.3 * np.log(0.3 / (ALPHA * 0.3))
    assert (first.weight, first.ndcg) == (0.0, 0.0)
    assert first.diversity == pytest.approx(0.0)
    assert first.miscalibration == pytest.approx(apart)
    assert first.coverage == last.coverage == 10 / 30
    assert last.miscalibration == pytest.approx(0.0, abs=1e-9)
    assert last.diversity == pytest.approx(2 * 7 * 3 / (10 * 9)), "pairs of two genres"
    assert last.ndcg > 0.3
    [mmr] = tradeoff(ComediesFirst(), data, RerankSettings(method="mmr"), weights=(1.0,))
    assert mmr.miscalibration is None


def test_a_kind_that_no_item_has_is_refused_with_those_that_there_are() -> None:
    data, _ = shop()
    with pytest.raises(ConfigError, match="'Colour'") as refused:
        Reranker(RerankSettings(method="calibrated", kind="Colour"), data)
    assert "Genre, Studio" in str(refused.value)


def test_calibration_needs_a_kind() -> None:
    with pytest.raises(ValidationError, match="kind: Genre"):
        RerankSettings(method="calibrated")


def test_lists_may_come_from_as_far_down_as_the_candidates() -> None:
    assert PublishSettings(top_k=50).depth == 50
    mmr = RerankSettings(method="mmr", candidates=80)
    assert PublishSettings(top_k=50, rerank=mmr).depth == 80
    assert PublishSettings(top_k=90, rerank=mmr).depth == 90
