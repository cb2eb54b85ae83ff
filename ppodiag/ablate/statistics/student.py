"""Student's t distribution for whole degrees of freedom, in closed form."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

_NORMAL = NormalDist()
_BISECTIONS = 200


def t_tail(t: float, freedom: int) -> float:
    """P(T > t) for Student's t, 0 to 1.

    With θ = atan(t/√ν): P(|T| ≤ t) is sin θ · Σ of (1, 1/2, 1·3/(2·4), …)·cos^2k θ for even ν, and
    2/π · (θ + sin θ · Σ of (1, 2/3, 2·4/(3·5), …)·cos^(2k+1) θ) for odd ν. Source: Abramowitz and Stegun 1964, 26.7.3
    and 26.7.4. Absolute error below 1e-13, so that tails smaller than that are lost in it.

    Args:
        t: the value; infinite ones are allowed.
        freedom: ν, at least 1.
    """
    if math.isinf(t):
        return 0.0 if t > 0 else 1.0
    theta = math.atan2(abs(t), math.sqrt(freedom))
    sine, cosine = math.sin(theta), math.cos(theta)
    odd = freedom % 2
    k = np.arange(1, (freedom - odd) // 2)
    ratios = (2 * k) / (2 * k + 1) if odd else (2 * k - 1) / (2 * k)
    terms = np.cumprod(np.concatenate([[1.0], ratios * cosine**2]))
    if odd:
        series = float(terms.sum()) * cosine if freedom > 1 else 0.0
        inside = 2 / math.pi * (theta + sine * series)
    else:
        inside = sine * float(terms.sum())
    tail = max(0.0, (1 - inside) / 2)
    return tail if t >= 0 else 1 - tail


def t_quantile(probability: float, freedom: int) -> float:
    """The t with P(T ≤ t) = probability, by bisection.

    Args:
        probability: between 0 and 1, ends excluded.
        freedom: at least 1.
    """
    if probability < 0.5:
        return -t_quantile(1 - probability, freedom)
    low, high = 0.0, 1.0
    while t_tail(high, freedom) > 1 - probability:
        low, high = high, 2 * high
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if t_tail(middle, freedom) > 1 - probability else (low, middle)
    return (low + high) / 2


def normal_tail(z: float) -> float:
    """P(Z > z) for the standard normal distribution."""
    return math.erfc(z / math.sqrt(2)) / 2


def normal_quantile(probability: float) -> float:
    """The z with P(Z ≤ z) = probability, which lies between 0 and 1."""
    return _NORMAL.inv_cdf(probability)
