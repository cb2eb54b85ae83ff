"""How many seeds would decide."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ppodiag.ablate.statistics.power import (
    seeds_for_difference,
    seeds_for_equivalence,
    seeds_to_decide,
    smallest_visible,
)


def power_of_t(n: int, effect: float, alpha: float) -> float:
    """Power of the two-sided paired t test, from the noncentral t distribution."""
    bar = stats.t.ppf(1 - alpha / 2, n - 1)
    at = effect * math.sqrt(n)
    return float(stats.nct.sf(bar, n - 1, at) + stats.nct.cdf(-bar, n - 1, at))


@pytest.mark.parametrize("alpha", [0.05, 0.05 / 7])
@pytest.mark.parametrize("effect", [0.3, 0.5, 0.8, 1.0])
def test_a_difference(effect: float, alpha: float) -> None:
    """The fewest n with power 0.8 by the noncentral t distribution, to one seed."""
    exact = next(n for n in range(2, 1000) if power_of_t(n, effect, alpha) >= 0.8)
    assert abs(seeds_for_difference(effect, 1.0, alpha) - exact) <= 1


def test_by_hand() -> None:
    """d/s = 0.5: ((1.95996 + 0.84162)/0.5)² + 1.92 = 33.3, so 34; the textbook's answer too."""
    assert seeds_for_difference(0.5, 1.0, 0.05) == 34
    assert seeds_for_difference(-5.0, 10.0, 0.05) == 34
    assert seeds_for_difference(0.0, 1.0, 0.05) == math.inf
    assert seeds_for_difference(9.0, 0.0, 0.05) == 6  # fewer cannot reach p = 0.05


@pytest.mark.parametrize(("difference", "margin"), [(0.0, 0.5), (0.2, 0.7), (-0.3, 1.0)])
def test_equivalence(difference: float, margin: float) -> None:
    """By simulation of TOST with the t distribution: power at that n is 0.8 within 0.03."""
    n = int(seeds_for_equivalence(difference, 1.0, margin, 0.05))
    d = np.random.default_rng(7).normal(difference, 1.0, (20_000, n))
    error = d.std(axis=1, ddof=1) / math.sqrt(n) * stats.t.ppf(0.95, n - 1)
    shown = np.abs(d.mean(axis=1)) + error <= margin
    assert shown.mean() == pytest.approx(0.8, abs=0.03)


def test_equivalence_out_of_reach() -> None:
    """No number of seeds shows a difference of the margin to be below it."""
    assert seeds_for_equivalence(1.0, 1.0, 1.0, 0.05) == math.inf
    assert seeds_for_equivalence(0.5, 0.0, 1.0, 0.05) == 2


@given(
    st.floats(-2, 2), st.floats(0.01, 3), st.integers(5, 50),
    st.none() | st.floats(0.05, 3), st.integers(-3, 3),
)  # fmt: skip
def test_the_easier_of_both(
    difference: float, deviation: float, seeds: int, margin: float | None, power: int
) -> None:
    """More than the seeds at hand; never more with a margin than without; the same in another unit."""
    found = seeds_to_decide(difference, deviation, seeds, margin, 0.05)
    without = seeds_to_decide(difference, deviation, seeds, None, 0.05)
    wanted = 2.8016 * deviation / 1000  # the smallest |difference| that a million seeds find
    assert (without is None) == (abs(difference) < wanted) or math.isclose(
        abs(difference), wanted, rel_tol=1e-3
    )
    if found is not None:
        assert found > seeds
        assert without is None or found <= without
    unit = 2.0**power
    scaled = seeds_to_decide(
        unit * difference, unit * deviation, seeds, None if margin is None else unit * margin, 0.05
    )
    assert scaled == found


def test_nothing_to_plan_with() -> None:
    """Differences that average 0, and no margin: no number of seeds is known to decide."""
    assert seeds_to_decide(0.0, 1.0, 10, None, 0.05) is None
    assert seeds_to_decide(0.0, 1.0, 10, 0.5, 0.05) == 36


@given(st.integers(12, 500), st.floats(0.1, 10))
def test_the_smallest_visible_difference(seeds: int, deviation: float) -> None:
    """It is the difference for which just these seeds are wanted."""
    visible = smallest_visible(deviation, seeds, 0.05)
    assert seeds_for_difference(visible, deviation, 0.05) == seeds
    assert smallest_visible(deviation, 5, 0.05) == math.inf
