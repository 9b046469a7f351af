"""How unlikely a bucket is: tails of the negative binomial and of the beta-binomial.

Both take the variance of the level that the baseline leaves in doubt. What the dispersion leaves in
doubt is taken as in quasi-likelihood tests: the tail becomes a normal score, and that is judged by
Student's t with the baseline's degrees of freedom.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln, gammaln
from scipy.stats import betabinom, nbinom, norm, t

from etl.trends.baseline import Expected, Family
from etl.trends.clock import Floats

_FINE = 1e-6
_SMALLEST = 1e-6  # correlation below which the beta-binomial is a binomial


def tails(family: Family, y: Floats, n: Floats, of: Expected) -> tuple[Floats, Floats]:
    """P(Y ≤ y) and P(Y ≥ y) of counts, or of events among n; one per series."""
    below: ArrayLike
    above: ArrayLike
    if family == "counts":
        size, chance = _negative_binomial(n, of)
        below, above = nbinom.cdf(y, size, chance), nbinom.sf(y - 1, size, chance)
    else:
        below, above = _beta_binomial_tails(y, n, *_beta(n, of))
    return _by_student(below, of.freedom), _by_student(above, of.freedom)


def bounds(family: Family, n: Floats, of: Expected, level: float) -> tuple[Floats, Floats]:
    """The interval that a quiet bucket's count leaves with a chance of `level` in all."""
    outside = norm.sf(t.isf(level / 2, of.freedom))
    if family == "counts":
        size, chance = _negative_binomial(n, of)
        lower, upper = nbinom.ppf(outside, size, chance), nbinom.isf(outside, size, chance)
        return _floats(lower), _floats(upper)
    a, b = _beta(n, of)
    lower, upper = betabinom.ppf(outside, n, a, b), betabinom.isf(outside, n, a, b)
    return _floats(lower), _floats(upper)


def _negative_binomial(n: Floats, of: Expected) -> tuple[Floats, Floats]:
    """Size and chance of success where mean = μ and variance = φμ + μ² Var(log μ)."""
    mu = n * of.level
    excess = np.maximum((of.spread - 1) * mu + mu**2 * of.doubt, 1e-9 * mu)
    size = mu**2 / excess
    return size, size / (size + mu)


def _beta(n: Floats, of: Expected) -> tuple[Floats, Floats]:
    """Parameters of the beta-binomial with the same mean and variance, doubt included."""
    unit = of.level * (1 - of.level)
    doubt = np.divide(n * unit * of.doubt, n - 1, out=np.zeros_like(n), where=n > 1)
    rho = np.clip(of.spread + doubt, _SMALLEST, 0.95)
    strength = 1 / rho - 1
    return of.level * strength, (1 - of.level) * strength


def _beta_binomial_tails(y: Floats, n: Floats, a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Both tails, summed from the nearer end; the far one is summed too where it is small."""
    mirrored = 2 * y > n
    y = np.where(mirrored, n - y, y)
    a, b = np.where(mirrored, b, a), np.where(mirrored, a, b)
    near = _sum_mass(np.zeros_like(y), y, n, a, b)
    far = 1 - near + _sum_mass(y, y, n, a, b)
    small = far < _FINE
    far[small] = _sum_mass(y[small], n[small], n[small], a[small], b[small])
    return np.where(mirrored, far, near), np.where(mirrored, near, far)


def _sum_mass(first: Floats, last: Floats, n: Floats, a: Floats, b: Floats) -> Floats:
    """Σ P(Y = k) for k = first … last of each."""
    terms = (last - first + 1).astype(np.int64)
    if not len(terms):
        return np.zeros(0)
    which = np.repeat(np.arange(len(terms)), terms)
    starts = np.cumsum(terms) - terms
    k = first[which] + np.arange(len(which)) - starts[which]
    n, a, b = n[which], a[which], b[which]
    log_mass = (
        gammaln(n + 1)
        - gammaln(k + 1)
        - gammaln(n - k + 1)
        + betaln(k + a, n - k + b)
        - betaln(a, b)
    )
    summed: Floats = np.add.reduceat(np.exp(log_mass), starts)
    return summed


def _by_student(tail: ArrayLike, freedom: Floats) -> Floats:
    return _floats(t.sf(norm.isf(np.clip(tail, 1e-300, 1 - 1e-16)), freedom))


def _floats(values: ArrayLike) -> Floats:
    return np.asarray(values, dtype=np.float64)
