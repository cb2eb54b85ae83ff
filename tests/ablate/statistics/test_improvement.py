"""The probability that a run of one arm beats one of another."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from ppodiag.ablate.statistics.bootstrap import Interval
from ppodiag.ablate.statistics.improvement import improvement, probability_of_improvement

SMALL = st.integers(-4, 4).map(float)  # so that there are ties


def tables(tasks: int) -> st.SearchStrategy[np.ndarray]:
    return hnp.arrays(np.float64, st.tuples(st.just(tasks), st.integers(1, 7)), elements=SMALL)


def test_by_hand() -> None:
    """(3, 1) beside (2, 1): 3 > 2, 3 > 1, 1 < 2, 1 = 1: (2 + 1/2)/4; rliable's own test has 1/3."""
    assert probability_of_improvement(np.array([[3.0, 1]]), np.array([[2.0, 1]])) == 0.625
    x = np.array([[1.0, 2, 1, 2], [2, 2, 1, 1]])
    y = np.array([[1.0, 2, 3], [1, 2, 3]])
    assert probability_of_improvement(x, y) == pytest.approx(1 / 3)


@given(tables(1), tables(1))
def test_it_is_mann_whitneys_u(x: np.ndarray, y: np.ndarray) -> None:
    """U of scipy.stats.mannwhitneyu divided by the number of pairs, ties and all."""
    if len(set(x.ravel()) | set(y.ravel())) == 1:
        wanted = 0.5  # scipy divides by no scatter there
    else:
        wanted = stats.mannwhitneyu(x[0], y[0]).statistic / (x.size * y.size)
    assert float(probability_of_improvement(x, y)) == pytest.approx(wanted, abs=1e-15)


@given(tables(3), tables(3))
def test_antisymmetry(x: np.ndarray, y: np.ndarray) -> None:
    """P(X > Y) + P(Y > X) = 1 with ties halved, and 1/2 of an arm with itself."""
    there, back = probability_of_improvement(x, y), probability_of_improvement(y, x)
    assert float(there + back) == pytest.approx(1)
    assert float(probability_of_improvement(x, x)) == pytest.approx(0.5)


@settings(max_examples=30)
@given(tables(2), st.floats(0.1, 100))
def test_only_order_counts(x: np.ndarray, factor: float) -> None:
    """Scores in another unit, or their cubes: the same probability and interval."""
    y = np.sin(x * 3)
    plain, scaled, cubed = (
        improvement(f(x), f(y), np.random.default_rng(1), resamples=40)
        for f in (lambda v: v, lambda v: factor * v, lambda v: v**3)
    )
    assert plain == scaled
    assert plain == cubed


def test_lower_may_be_better() -> None:
    """Of times, the smaller one wins."""
    x, y = np.array([[1.0, 2, 3]]), np.array([[10.0, 11, 12]])
    found = improvement(x, y, np.random.default_rng(1), better="lower")
    assert found == Interval(1.0, 1.0, 1.0)


def test_many_resamples_in_one_call() -> None:
    """(..., tasks, n) and (..., tasks, m) give (...)."""
    g = np.random.default_rng(4)
    x, y = g.normal(size=(6, 2, 5)), g.normal(size=(6, 2, 3))
    found = probability_of_improvement(x, y)
    assert found.tolist() == [probability_of_improvement(a, b) for a, b in zip(x, y, strict=True)]


def test_shared_seeds_shorten_the_interval() -> None:
    """Where runs of one seed rise and fall together, drawing pairs sees it; independent draws do not."""
    g = np.random.default_rng(8)
    y = g.normal(size=(1, 20))
    x = y + 0.2
    together = improvement(x, y, np.random.default_rng(1))
    apart = improvement(x, y, np.random.default_rng(1), paired=False)
    assert together.estimate == apart.estimate
    assert together.high - together.low < 0.5 * (apart.high - apart.low)
