"""Two one-sided tests within a declared margin."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ppodiag.ablate.statistics.equivalence import Equivalence, tost
from ppodiag.errors import UsageError

DIFFERENCES = np.array([0.4, -0.3, 0.1, 0.2, -0.5, 0.3, 0.0, -0.1])


def of(d: np.ndarray, margin: float, alpha: float = 0.05) -> Equivalence:
    return tost(float(d.mean()), float(d.std(ddof=1)), d.size, margin, alpha)


@pytest.mark.parametrize("margin", [0.1, 0.3, 1.0])
def test_p_is_the_larger_of_two_t_tests(margin: float) -> None:
    """scipy.stats.ttest_1samp against −margin (greater) and + margin (less)."""
    wanted = max(
        stats.ttest_1samp(DIFFERENCES, -margin, alternative="greater").pvalue,
        stats.ttest_1samp(DIFFERENCES, margin, alternative="less").pvalue,
    )
    assert of(DIFFERENCES, margin).p == pytest.approx(wanted, rel=1e-8)


def test_the_interval_is_scipys() -> None:
    """The (1 − 2α) t interval of the mean."""
    wanted = stats.ttest_1samp(DIFFERENCES, 0).confidence_interval(0.90)
    found = of(DIFFERENCES, 1.0)
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high), rel=1e-8)


@given(
    st.floats(-3, 3), st.floats(0.01, 3), st.integers(2, 30), st.floats(0.05, 4),
    st.sampled_from([0.01, 0.05, 0.2]),
)  # fmt: skip
def test_p_and_interval_agree(
    average: float, deviation: float, seeds: int, margin: float, alpha: float
) -> None:
    """P ≤ α exactly where the interval lies within ± margin; the sign of the mean is nothing to p."""
    found = tost(average, deviation, seeds, margin, alpha)
    edge = min(margin - found.high, found.low + margin)
    if abs(edge) > 1e-6:
        assert (found.p <= alpha) == (edge > 0)
    assert found.p == pytest.approx(tost(-average, deviation, seeds, margin, alpha).p)
    scaled = tost(8 * average, 8 * deviation, seeds, 8 * margin, alpha)
    assert (scaled.p, scaled.low) == pytest.approx((found.p, 8 * found.low))


def test_no_scatter() -> None:
    """All differences equal: 0 within the margin, 1 at or beyond it."""
    assert tost(0.5, 0.0, 5, 1.0, 0.05).p == 0.0
    assert tost(1.0, 0.0, 5, 1.0, 0.05).p == 1.0


def test_what_is_refused() -> None:
    """A margin of 0 or less, infinite or nan; one seed."""
    for margin in (0.0, -1.0, math.inf, math.nan):
        with pytest.raises(UsageError, match="margin of equivalence"):
            tost(0.0, 1.0, 5, margin, 0.05)
    with pytest.raises(UsageError, match="one seed"):
        tost(0.0, 1.0, 1, 1.0, 0.05)
