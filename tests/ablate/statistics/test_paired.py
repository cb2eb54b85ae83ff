"""Differences seed by seed, and the sign-flip test."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from ppodiag.ablate.statistics.paired import (
    EXACT_SEEDS,
    FLIPS,
    compare_pairs,
    exact_sign_flip,
    fewest_seeds,
    sampled_sign_flip,
)
from ppodiag.ablate.statistics.scores import arm_scores
from ppodiag.errors import UsageError

DIFFERENCES = hnp.arrays(np.float64, st.integers(2, 8), elements=st.integers(-9, 9).map(float))


def rng() -> np.random.Generator:
    return np.random.default_rng(12)


def test_by_hand() -> None:
    """1, 2, 3: of ±1 ±2 ±3, only +6 and −6 lie as far out: 2/8. With −1, 2, 3: 4 or more in 4 of 8."""
    assert exact_sign_flip(np.array([1.0, 2, 3])) == 0.25
    assert exact_sign_flip(np.array([-1.0, 2, 3])) == 0.5
    assert exact_sign_flip(np.zeros(4)) == 1.0
    assert exact_sign_flip(np.array([3.0])) == 1.0


@settings(max_examples=60)
@given(DIFFERENCES)
def test_the_exact_test_is_scipys(differences: np.ndarray) -> None:
    """scipy.stats.permutation_test with permutation_type "samples" and all 2^n ways."""
    wanted = stats.permutation_test(
        (differences, np.zeros_like(differences)),
        lambda x, y, axis: np.mean(x - y, axis=axis),
        permutation_type="samples", n_resamples=np.inf, vectorized=True,
    ).pvalue  # fmt: skip
    assert exact_sign_flip(differences) == pytest.approx(min(1.0, wanted), abs=1e-12)


@settings(max_examples=60)
@given(DIFFERENCES, st.floats(0.01, 100), st.randoms(use_true_random=False))
def test_what_changes_nothing(differences: np.ndarray, factor: float, random: object) -> None:
    """Order, unit and the exchange of the two arms leave p as it is, ties in tenths included."""
    tenths = differences / 10
    p = exact_sign_flip(tenths)
    mixed = tenths.tolist()
    random.shuffle(mixed)
    assert p == exact_sign_flip(np.array(mixed)) == exact_sign_flip(-tenths)
    assert p == exact_sign_flip(factor * tenths)


def test_drawn_ways_agree_with_all_ways() -> None:
    """20 differences: within 4 standard errors of the exact p, never 0, same generator same p."""
    d = np.random.default_rng(3).normal(0.35, 1, EXACT_SEEDS)
    exact, drawn = exact_sign_flip(d), sampled_sign_flip(d, rng())
    assert 0.01 < exact < 0.5
    assert abs(drawn - exact) < 4 * math.sqrt(exact * (1 - exact) / FLIPS)
    assert drawn == sampled_sign_flip(d, rng())
    assert sampled_sign_flip(np.full(60, 1.0), rng(), flips=999) == 0.001


@pytest.mark.parametrize("seeds", [5, 10, EXACT_SEEDS + 5])
def test_pairs(seeds: int) -> None:
    """Differences, deviation, scipy's ttest_rel, and which test was made."""
    g = np.random.default_rng(seeds)
    x = g.normal(size=seeds)
    y = x + g.normal(0.3, 0.5, seeds)
    found = compare_pairs(arm_scores("x", x), arm_scores("y", y), rng(), resamples=200)
    assert found.differences == pytest.approx(y - x)
    assert found.mean.estimate == pytest.approx(np.mean(y - x))
    assert found.deviation == pytest.approx(np.std(y - x, ddof=1))
    assert found.t_p == pytest.approx(stats.ttest_rel(y, x).pvalue, rel=1e-9)
    assert found.seeds == seeds
    assert found.exact is (seeds <= EXACT_SEEDS)
    assert found.flips == (2**seeds if found.exact else 100_000)


def test_tasks_are_averaged_seed_by_seed() -> None:
    """Two tasks of two seeds: differences (1, 3) and (3, 7) average to (2, 5)."""
    a = arm_scores("a", [[0, 0], [10, 10]])
    b = arm_scores("b", [[1, 3], [13, 17]])
    assert compare_pairs(a, b, rng()).differences.tolist() == [2, 5]


def test_one_seed_and_no_scatter() -> None:
    """One seed has no deviation; equal differences have t = ∞."""
    one = compare_pairs(arm_scores("a", [1]), arm_scores("b", [2]), rng(), resamples=10)
    assert (one.p, one.mean.estimate) == (1.0, 1.0)
    assert math.isnan(one.deviation)
    assert math.isnan(one.t_p)
    same = compare_pairs(arm_scores("a", [1, 2]), arm_scores("b", [2, 3]), rng(), resamples=10)
    assert (same.deviation, same.t_p) == (0.0, 0.0)
    none = compare_pairs(arm_scores("a", [1, 2]), arm_scores("b", [1, 2]), rng(), resamples=10)
    assert (none.p, none.t_p) == (1.0, 1.0)


def test_other_seeds_are_refused() -> None:
    """Arms with different numbers of seeds have no pairs."""
    with pytest.raises(UsageError, match="paired seeds"):
        compare_pairs(arm_scores("a", [1]), arm_scores("b", [2, 3]), rng())


def test_fewest_seeds() -> None:
    """2/2^n reaches 0.05 with 6 seeds, 0.05/7 with 9; 1/2 exactly with 2."""
    assert [fewest_seeds(a) for a in (0.5, 0.05, 0.05 / 7)] == [2, 6, 9]
    for alpha, n in ((0.05, 6), (0.05 / 7, 9)):
        assert exact_sign_flip(np.arange(1.0, n + 1)) <= alpha < exact_sign_flip(np.arange(1.0, n))
