"""What a bucket should hold, by the buckets before it: robust regressions of many series at once.

Farrington et al., "A statistical algorithm for the early detection of outbreaks of infectious
disease", JRSS A 159 (1996); Noufaily et al., "An improved algorithm for outbreak detection in
multiple surveillance systems", Statistics in Medicine 32 (2013):

    log E[y_t] = log n_t + xₜᵀβ,   Var y_t = φ μ_t                     (counts, exposure n)
    logit π_t = xₜᵀβ,              Var y_t = n_t π_t(1-π_t)(1 + (n_t-1)ρ)  (y of n)

fitted, then fitted again with past outliers at less weight (ω = (2.58 / r)² where the standardised
residual |r| > 2.58; Noufaily's weights jump there, which trims quiet months too), so that an
earlier surge does not hide the next.

A series takes a trend and a season only where half of its buckets have events and there are ten
for each coefficient, the season only after two whole periods. Others keep a constant level with
half an event added (Jeffreys): a trend through one crowded bucket would foretell a flood. As in
Farrington's rule a trend foretells nothing that was never seen: the level stays within what past
buckets held. How unruly a share is shows only where there are events, so each series borrows from
the others: ρ is the mean of its own, weighed by its buckets that have events, and of what all
series tested with it have in common, weighed by ten.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from scipy.special import expit, logit, xlogy

from etl.trends.clock import Clock, Floats

Family = Literal["counts", "shares"]

OUTLIER: Final = 2.58
"""Standardised residual above which a past bucket loses weight."""
EVENTS_PER_COEFFICIENT: Final = 10
BORROWED: Final = 10
"""Buckets that the dispersion of the other series counts for."""
_ROUNDS: Final = 12
_STILL: Final = 1e-8
_RIDGE: Final = 1e-9
_STEEPEST: Final = 12.0  # |linear predictor|: beyond it a share is 0 or 1


@dataclass(frozen=True)
class Expected:
    """Of each series, in the bucket asked about.

    Attributes:
        level: events per unit of exposure, or the share.
        doubt: variance of the linear predictor, as the baseline is finite.
        spread: φ ≥ 1 of counts, or the correlation ρ ≥ 0 within a bucket of shares.
        freedom: buckets of the baseline less coefficients.
    """

    level: Floats
    doubt: Floats
    spread: Floats
    freedom: Floats


def expect(family: Family, events: Floats, exposure: Floats, clock: Clock, at: int) -> Expected:
    """Fit each series' past and say what to expect at place `at` of the calendar.

    Args:
        events: (series, buckets), the buckets right before `at`, oldest first.
        exposure: the same shape; 0 where a series has nothing to say.
    """
    series, buckets = events.shape
    places = np.arange(at - buckets, at + 1, dtype=np.float64)
    trend = (places - at) / buckets
    full = np.column_stack([np.ones_like(places), trend])
    told = events if family == "counts" else np.minimum(events, exposure - events)
    shown = (told > 0).sum(1)
    spread_out = 2 * shown >= (exposure > 0).sum(1)
    told = told.sum(1)
    terms = np.where(spread_out & (told >= 2 * EVENTS_PER_COEFFICIENT), 2, 1)
    if clock.harmonics:
        full = np.hstack([full, clock.season(places)])
        spans = buckets - np.argmax(exposure > 0, axis=1) >= 2 * clock.period
        enough = told >= EVENTS_PER_COEFFICIENT * full.shape[1]
        terms[spans & spread_out & enough] = full.shape[1]
    found = [np.empty(series) for _ in range(5)]
    for columns in np.unique(terms):
        rows = terms == columns
        parts = _fit(family, events[rows], exposure[rows], full[:, :columns])
        for whole, part in zip(found, parts, strict=True):
            whole[rows] = part
    level, doubt, chi2, freedom, room = found
    seen = np.divide(events, exposure, out=np.full_like(events, np.nan), where=exposure > 0)
    within = np.clip(level, np.nanmin(seen, axis=1), np.nanmax(seen, axis=1))
    level = np.where(terms > 1, within, level)
    if family == "counts":
        return Expected(level, doubt, np.maximum(1.0, chi2 / freedom), freedom)
    own = np.divide(chi2 - freedom, room, out=np.zeros(series), where=room > 0)
    common = max(0.0, float((chi2 - freedom).sum() / max(room.sum(), 1.0)))
    rho = (np.maximum(own, 0) * shown + common * BORROWED) / (shown + BORROWED)
    return Expected(level, doubt, np.clip(rho, 0, 0.95), freedom)


def _fit(family: Family, y: Floats, n: Floats, design: Floats) -> tuple[Floats, ...]:
    """Fit series with one design, (buckets + 1, p).

    Returns:
        Level, its doubt, weighted χ², degrees of freedom, and Σω(n-1), by which ρ raises the χ².
    """
    X, ahead = design[:-1], design[-1]
    used = n > 0
    count = used.sum(1)
    freedom = np.maximum(count - X.shape[1], 1).astype(np.float64)
    omega = used.astype(np.float64)
    beta, A_inv, mu, chi2 = _regress(family, y, n, X, omega)
    omega = _less_of_outliers(family, y, n, X, A_inv, mu, chi2 / freedom) * used
    omega *= (count / np.maximum(omega.sum(1), 1e-12))[:, None]
    beta, A_inv, mu, chi2 = _regress(family, y, n, X, omega)
    phi = np.maximum(1.0, chi2 / freedom)
    eta = np.clip(beta @ ahead, -_STEEPEST, _STEEPEST)
    doubt: Floats = phi * np.einsum("p,spq,q->s", ahead, A_inv, ahead)
    level = np.exp(eta) if family == "counts" else expit(eta)
    room: Floats = (omega * np.maximum(n - 1, 0)).sum(1)
    return level, doubt, chi2, freedom, room


def _regress(
    family: Family, y: Floats, n: Floats, X: Floats, omega: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Coefficients (s, p), inverse information (s, p, p), means (s, t) and weighted χ² (s)."""
    p = X.shape[1]
    XX = np.einsum("tp,tq->tpq", X, X).reshape(len(X), p * p)
    told, room = (omega * y).sum(1) + 0.5, (omega * n).sum(1)
    level = told / (room if family == "counts" else room + 1)
    beta: Floats = np.zeros((len(y), p))
    beta[:, 0] = np.log(level) if family == "counts" else logit(level)
    for _ in range(_ROUNDS if p > 1 else 0):
        mu, unit = _moments(family, beta @ X.T, n)
        A = _information(omega * unit, XX, p)
        score = ((omega * (y - mu)) @ X)[:, :, None]
        step = np.asarray(np.linalg.solve(A, score)[:, :, 0], dtype=np.float64)
        beta += step
        if np.abs(step).max() < _STILL:
            break
    mu, unit = _moments(family, beta @ X.T, n)
    A_inv = np.asarray(np.linalg.inv(_information(omega * unit, XX, p)), dtype=np.float64)
    pearson = np.divide((y - mu) ** 2, unit, out=np.zeros_like(y), where=unit > 0)
    chi2: Floats = (omega * pearson).sum(1)
    return beta, A_inv, mu, chi2


def _information(weights: Floats, XX: Floats, p: int) -> Floats:
    """XᵀWX of each series, with a ridge far too small to be felt."""
    return (weights @ XX).reshape(-1, p, p) + _RIDGE * np.eye(p)


def _moments(family: Family, eta: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Mean and variance without overdispersion."""
    eta = np.clip(eta, -_STEEPEST, _STEEPEST)
    if family == "counts":
        mu = n * np.exp(eta)
        return mu, mu
    share = expit(eta)
    return n * share, n * share * (1 - share)


def _less_of_outliers(
    family: Family, y: Floats, n: Floats, X: Floats, A_inv: Floats, mu: Floats, phi: Floats
) -> Floats:
    """Weights by standardised deviance residuals (which are near to Anscombe's)."""
    unit = mu if family == "counts" else mu * (1 - np.divide(mu, n, where=n > 0, out=n * 0.0))
    leverage = unit * np.einsum("tp,spq,tq->st", X, A_inv, X)
    lack = xlogy(y, y) - xlogy(y, mu)
    if family == "counts":
        lack -= y - mu
    else:
        lack += xlogy(n - y, n - y) - xlogy(n - y, n - mu)
    variance = np.maximum(1.0, phi)[:, None] * np.clip(1 - leverage, 0.05, 1)
    r2 = np.maximum(2 * lack, 0) / variance
    weights: Floats = OUTLIER**2 / np.maximum(r2, OUTLIER**2)
    return weights
