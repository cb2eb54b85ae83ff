"""Student's t and the normal distribution, beside scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from ppodiag.ablate.statistics.student import normal_quantile, normal_tail, t_quantile, t_tail


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 5, 9, 10, 31, 200, 1001])
def test_tails_and_quantiles(freedom: int) -> None:
    """Scipy's `t.sf` to 1e-12 and `t.ppf` to 1e-8, on both sides."""
    for t in np.linspace(-8, 8, 33):
        assert t_tail(float(t), freedom) == pytest.approx(stats.t.sf(t, freedom), abs=1e-12)
    for q in (0.001, 0.025, 0.4, 0.5, 0.8, 0.975, 0.9999):
        wanted = stats.t.ppf(q, freedom)
        assert t_quantile(q, freedom) == pytest.approx(wanted, rel=1e-8, abs=1e-8)


def test_by_hand() -> None:
    """One degree of freedom is Cauchy's: P(T > 1) = 1/4; two: P(T > √2) = (1 − √(1/2))/2."""
    assert t_tail(1.0, 1) == pytest.approx(0.25, abs=1e-15)
    assert t_tail(math.sqrt(2), 2) == pytest.approx((1 - math.sqrt(0.5)) / 2, abs=1e-15)
    assert (t_tail(math.inf, 3), t_tail(-math.inf, 3)) == (0, 1)


def test_normal() -> None:
    """The tail keeps its relative precision; the quantile is its inverse."""
    assert normal_tail(10.0) == pytest.approx(stats.norm.sf(10.0), rel=1e-12)
    assert normal_quantile(0.975) == pytest.approx(1.959963984540054, rel=1e-12)
