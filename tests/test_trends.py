"""Surges in months of reviews: what is planted is found where it is, and quiet data stays quiet."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import betabinom
from trend_world import MONTHS, shop, steady, together

from etl.trends.baseline import Expected, expect
from etl.trends.clock import CLOCKS
from etl.trends.counts import Counts, Evidence, count, stands_for_a_year
from etl.trends.surges import discoveries, judge, with_bounds
from etl.trends.tails import tails
from etl.trends.words import Finding, sentence

MONTH = CLOCKS["month"]
SURGE = 47  # December 2018


def found(counts: Counts) -> list[tuple[str, str | None, str, bool, int]]:
    """Place, thing, kind, up and bucket of what holds at a false discovery rate of 5 %."""
    rows = discoveries(judge(counts, MONTH), 0.05).join(
        counts.keys.with_row_index("series").cast({"series": pl.Int64}), on="series"
    )
    return sorted(
        rows.select("place", "thing", "kind", "up", "bucket").iter_rows(),
        key=lambda row: (row[0], row[1] or "", *row[2:]),
    )


def test_a_surge_of_reviews_is_found_in_its_place_and_month_alone() -> None:
    rng = np.random.default_rng(1)
    written = np.full(MONTHS, 40.0)
    written[SURGE] = 120
    busy = shop(rng, written=written, shares=np.full((6, MONTHS), 0.1), place="lamp")
    assert found(together([busy, steady(rng, place="kettle")])) == [
        ("lamp", None, "volume", True, SURGE)
    ]


def test_a_surge_of_one_aspect_is_found_in_its_place_and_month_alone() -> None:
    rng = np.random.default_rng(2)
    shares = np.full((6, MONTHS), 0.1)
    shares[3, SURGE] = 0.6
    noisy = shop(rng, written=np.full(MONTHS, 40.0), shares=shares, place="lamp")
    assert found(together([noisy, steady(rng, place="kettle")])) == [
        ("lamp", "a3", "share", True, SURGE)
    ]


def test_a_change_of_heart_is_found_in_its_place_and_month_alone() -> None:
    rng = np.random.default_rng(3)
    shares = np.full((6, MONTHS), 0.4)
    calm = shop(rng, written=np.full(MONTHS, 40.0), shares=shares, place="lamp")
    calm.praised[2, SURGE] = 0
    assert found(together([calm, steady(rng, place="kettle")])) == [
        ("lamp", "a1", "sentiment", False, SURGE)
    ]


def test_a_month_too_few_reviews_is_found_but_not_in_the_last_bucket() -> None:
    counts = steady(np.random.default_rng(4), aspects=0)
    counts.said[0, SURGE] = 2
    assert found(counts) == [("", None, "volume", False, SURGE)]
    counts = steady(np.random.default_rng(4), aspects=0)
    counts.said[0, -1] = 2
    assert found(counts) == []


def test_an_earlier_surge_does_not_hide_the_next() -> None:
    counts = steady(np.random.default_rng(5), aspects=0)
    counts.said[0, [30, SURGE]] = 120
    assert [row[-1] for row in found(counts)] == [30, SURGE]


def test_what_comes_every_year_is_no_surge() -> None:
    rng = np.random.default_rng(6)
    at = np.arange(MONTHS)
    season = 40 * np.exp(np.sin(2 * np.pi * at / 12))
    yearly = shop(rng, written=season, shares=np.full((1, MONTHS), 0.1))
    assert [row for row in found(yearly) if row[-1] >= 24] == []
    yearly.said[0, SURGE] *= 4
    assert ("", None, "volume", True, SURGE) in found(yearly)


def test_too_little_history_says_nothing() -> None:
    rng = np.random.default_rng(7)
    counts = steady(rng)
    counts.said[:, :SURGE] = counts.written[:, :SURGE] = 0
    counts.judged[:, :SURGE] = counts.praised[:, :SURGE] = 0
    counts.said[0, SURGE + MONTH.least - 1] = 400
    tested = judge(counts, MONTH)
    assert found(counts) == []
    assert set(tested["bucket"]) <= {SURGE + MONTH.least}
    brief = steady(rng, months=MONTH.least)
    assert judge(brief, MONTH).is_empty()


def test_four_reviews_are_no_rise_and_a_new_subject_is() -> None:
    counts = steady(np.random.default_rng(8))
    counts.said[2] = counts.praised[2] = counts.judged[2] = 0
    counts.said[2, SURGE] = 4
    assert found(counts) == []
    counts.said[2, SURGE] = 14
    assert found(counts) == [("", "a1", "share", True, SURGE)]


@pytest.mark.parametrize("spread", [None, 0.05])
def test_quiet_months_raise_next_to_no_alarm(spread: float | None) -> None:
    rng = np.random.default_rng(9)
    alarms = buckets = low = 0
    for _ in range(8):
        written, shares = np.full(MONTHS, 40.0), np.full((8, MONTHS), 0.1)
        if spread:
            written = rng.gamma(5, written / 5)
            shares = rng.beta(0.1 / spread, 0.9 / spread, shares.shape)
        tested = judge(shop(rng, written=written, shares=shares), MONTH)
        alarms += discoveries(tested, 0.05).height
        buckets += tested.height
        low += tested.filter(pl.col("p_value") <= 0.05).height
    assert alarms / buckets < 0.001
    assert low / buckets < 0.06


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.floats(0.1, 100))
def test_only_the_rate_counts_not_the_unit_of_exposure(seed: int, unit: float) -> None:
    rng = np.random.default_rng(seed)
    events = rng.poisson(20, (3, 36)).astype(float)
    days = np.full((3, 36), 30.0)
    plain, scaled = (expect("counts", events, each, MONTH, 36) for each in (days, days * unit))
    np.testing.assert_allclose(plain.level, scaled.level * unit, rtol=1e-6)
    np.testing.assert_allclose(plain.doubt, scaled.doubt, rtol=1e-6)


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_praise_and_blame_are_mirror_images(seed: int) -> None:
    rng = np.random.default_rng(seed)
    among = rng.integers(5, 60, (4, 30)).astype(float)
    good = rng.binomial(among.astype(int), 0.6).astype(float)
    praise = expect("shares", good[:, :-1], among[:, :-1], MONTH, 29)
    blame = expect("shares", (among - good)[:, :-1], among[:, :-1], MONTH, 29)
    np.testing.assert_allclose(praise.level, 1 - blame.level, rtol=1e-6)
    below, above = tails("shares", good[:, -1], among[:, -1], praise)
    mirrored = tails("shares", (among - good)[:, -1], among[:, -1], blame)
    np.testing.assert_allclose((above, below), mirrored, rtol=1e-5)


@settings(max_examples=30)
@given(st.integers(0, 400), st.integers(0, 400), st.floats(0.01, 0.99), st.floats(0.001, 0.5))
def test_tails_of_shares_are_the_beta_binomials(
    y: int, more: int, level: float, spread: float
) -> None:
    sure = 1e12  # degrees of freedom: Student's t is normal
    of = Expected(*(np.array([each]) for each in (level, 0.0, spread, sure)))
    below, above = tails("shares", np.array([float(y)]), np.array([float(y + more)]), of)
    a, b = level * (1 / spread - 1), (1 - level) * (1 / spread - 1)
    assert below[0] == pytest.approx(betabinom.cdf(y, y + more, a, b), rel=1e-4, abs=1e-9)
    assert above[0] == pytest.approx(betabinom.sf(y - 1, y + more, a, b), rel=1e-4, abs=1e-9)


def test_bounds_hold_what_was_expected() -> None:
    tested = judge(steady(np.random.default_rng(10)), MONTH)
    for part in tested.partition_by("family"):
        bounded = with_bounds(part)
        inside = (bounded["lower"] <= bounded["expected"]) & (
            bounded["expected"] <= bounded["upper"]
        )
        assert inside.all()
        outside = (bounded["observed"] < bounded["lower"]) | (
            bounded["observed"] > bounded["upper"]
        )
        assert outside.mean() < 0.05


REVIEWS = pl.DataFrame(
    {
        "review_id": ["r1", "r2", "r3", "r4"],
        "item_id": ["lamp", "lamp", "lamp", "desk"],
        "day": [date(2015, 1, 3), date(2015, 1, 9), date(2015, 3, 1), date(2015, 2, 2)],
        "positive": [True, None, False, True],
        "strength": [0.5, 0.0, 0.1, 0.3],
    }
)
SAYS = pl.DataFrame(
    {
        "review_id": ["r1", "r3", "r4"],
        "label": ["Aspect"] * 3,
        "thing": ["light"] * 3,
        "positive": [True, False, None],
        "strength": [0.5, 0.2, 0.0],
    }
)


@settings(max_examples=20)
@given(st.permutations(range(4)), st.permutations(range(3)))
def test_counts_do_not_know_the_order_of_rows(one: list[int], other: list[int]) -> None:
    inside = REVIEWS.select("review_id", place="item_id")
    counts = count(
        Evidence(REVIEWS[one], SAYS[other], 0), inside[one], MONTH, least_place=1, least_thing=1
    )
    assert counts is not None
    assert counts.keys.rows() == [
        ("desk", None, None),
        ("desk", "Aspect", "light"),
        ("lamp", None, None),
        ("lamp", "Aspect", "light"),
    ]
    assert counts.starts == [date(2015, month, 1) for month in (1, 2, 3, 4)]
    assert counts.written.tolist() == [[0, 1, 0], [0, 1, 0], [2, 0, 1], [2, 0, 1]]
    assert counts.said.tolist() == [[0, 1, 0], [0, 1, 0], [2, 0, 1], [1, 0, 1]]
    assert counts.praised.tolist() == [[0, 1, 0], [0, 0, 0], [1, 0, 0], [1, 0, 0]]
    assert counts.judged.tolist() == [[0, 1, 0], [0, 0, 0], [1, 0, 1], [1, 0, 1]]


def test_a_thing_that_few_speak_of_is_not_watched() -> None:
    inside = REVIEWS.select("review_id", place=pl.lit(""))
    told = Evidence(REVIEWS, SAYS, 0)
    counts = count(told, inside, MONTH, least_place=4, least_thing=4)
    assert counts is not None
    assert counts.keys["thing"].to_list() == [None]
    assert count(told, inside, MONTH, least_place=5, least_thing=1) is None


def test_a_day_that_stands_for_a_year_is_known_by_its_crowd() -> None:
    days = [date(2000, 1, 1)] * 4 + [date(2000, 5, 5), date(2001, 1, 1), date(2001, 6, 1)]
    assert stands_for_a_year(pl.DataFrame({"day": days})).to_list() == [True] * 4 + [False] * 3


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            {},
            (
                "14 of 40 reviews of Lumo in March 2015 speak of “noise” (35 %), "
                "where 8.0 % was expected, at most 20 %."
            ),
        ),
        (
            {"kind": "sentiment", "up": False, "expected": 30.0, "lower": 22.0, "every": "quarter"},
            (
                "14 of 40 opinions of “noise” of Lumo in quarter 1 of 2015 are good (35 %), "
                "where 75 % was expected, at least 55 %."
            ),
        ),
        (
            {"place": "", "item": "Kettle", "item_reviews": 13},
            (
                "14 of 40 reviews in March 2015 speak of “noise” (35 %), "
                "where 8.0 % was expected, at most 20 %. 13 of them are about Kettle."
            ),
        ),
        (
            {"kind": "volume", "thing": "", "place": "", "every": "year", "observed": 1400.0},
            "1,400 reviews in 2015, where 3.2 were expected, at most 8.",
        ),
    ],
)
def test_an_alert_in_words(change: dict[str, object], told: str) -> None:
    finding = Finding(
        kind="share",
        up=True,
        every="month",
        start=date(2015, 3, 1),
        thing="noise",
        place="Lumo",
        observed=14.0,
        expected=3.2,
        lower=0.0,
        upper=8.0,
        exposure=40.0,
    )
    assert sentence(replace(finding, **change)) == told


def test_every_clock_has_its_calendar() -> None:
    first, last = date(2019, 12, 30), date(2020, 1, 6)
    assert CLOCKS["week"].calendar(first, last).to_list() == [first, last, date(2020, 1, 13)]
    quarter = CLOCKS["quarter"].calendar(date(2019, 10, 1), date(2020, 1, 1)).to_list()
    assert quarter == [date(2019, 10, 1), date(2020, 1, 1), date(2020, 4, 1)]
