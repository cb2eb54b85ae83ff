"""Percentile intervals, beside scipy's and in simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from ppodiag.ablate.statistics import bootstrap
from ppodiag.ablate.statistics.aggregate import iqm, mean, median
from ppodiag.ablate.statistics.bootstrap import Interval, distribution, interval
from ppodiag.ablate.statistics.scores import FloatArray
from ppodiag.errors import UsageError

SCORES = np.array([3.1, 4.7, 5.0, 5.2, 6.6, 7.9, 8.4, 9.9])
TABLES = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 3), st.integers(2, 7)),
    elements=st.integers(-(10**6), 10**6).map(lambda k: k / 997),
)


def rng(seed: int = 5) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("statistic", [iqm, mean, median])
def test_the_interval_is_scipys(statistic: object) -> None:
    """One task, sorted scores, a generator of the same seed: the interval of scipy.stats.bootstrap itself."""

    def flat(sample: FloatArray, axis: int) -> FloatArray:
        return statistic(np.moveaxis(sample, axis, -1)[..., None, :])

    wanted = stats.bootstrap(
        (SCORES,), flat, n_resamples=999, method="percentile", rng=rng(), vectorized=True
    ).confidence_interval
    found = interval(statistic, SCORES[None], rng=rng(), resamples=999)
    assert found.low == pytest.approx(wanted.low, rel=1e-12)
    assert found.high == pytest.approx(wanted.high, rel=1e-12)
    assert found.estimate == pytest.approx(float(statistic(SCORES[None])))


def test_paired_samples_as_in_scipy() -> None:
    """Two samples drawn together: scipy's `paired=True` has the same interval."""
    other = SCORES[::-1] ** 2

    def gap(x: FloatArray, y: FloatArray, axis: int = -1) -> FloatArray:
        return np.mean(x, axis=axis) / np.mean(y, axis=axis)

    wanted = stats.bootstrap(
        (SCORES, other), gap, n_resamples=999, method="percentile", paired=True, rng=rng(), vectorized=True
    ).confidence_interval  # fmt: skip
    found = interval(
        lambda x, y: mean(x) / mean(y), SCORES[None], other[None], rng=rng(), resamples=999
    )
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high), rel=1e-12)


def test_samples_of_their_own() -> None:
    """Unpaired: as scipy's within the noise of 20,000 resamples, with different numbers of seeds."""
    other = SCORES[:5] + 1.0
    wanted = stats.bootstrap(
        (SCORES, other),
        lambda x, y, axis: x.mean(axis) - y.mean(axis),
        n_resamples=20_000, method="percentile", rng=rng(), vectorized=True,
    ).confidence_interval  # fmt: skip
    found = interval(
        lambda x, y: mean(x) - mean(y),
        SCORES[None], other[None],
        rng=rng(6), paired=False, resamples=20_000,
    )  # fmt: skip
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high), abs=0.06)


def test_strata_keep_their_share() -> None:
    """Seeds are drawn within tasks: tasks without scatter give an interval of length 0."""
    table = np.array([[1.0, 1, 1], [10, 10, 10]])
    assert interval(mean, table, rng=rng()) == Interval(5.5, 5.5, 5.5)
    pooled = interval(mean, table.reshape(1, -1), rng=rng())
    assert pooled.low < 3
    assert pooled.high > 8


def test_the_variance_is_that_of_the_stratified_mean() -> None:
    """Standard deviation of resampled means: √(Σ over tasks of σ²/n)/tasks, with divisor n in σ²."""
    table = rng(2).normal(size=(3, 10)) * [[1.0], [5.0], [0.2]]
    wanted = np.sqrt((table.var(axis=1) / 10).sum()) / 3
    found = distribution(mean, table, rng=rng(), resamples=40_000).std()
    assert found == pytest.approx(wanted, rel=0.02)


def test_one_generator_one_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same seed gives the same bits, however the resamples are divided; another seed gives others."""
    table = rng(3).normal(size=(2, 6))
    first = interval(iqm, table, rng=rng(), resamples=500)
    assert first == interval(iqm, table, rng=rng(), resamples=500)
    assert first != interval(iqm, table, rng=rng(9), resamples=500)
    monkeypatch.setattr(bootstrap, "_MOST_CELLS", 100)
    assert first == interval(iqm, table, rng=rng(), resamples=500)


@settings(max_examples=40)
@given(TABLES, st.integers(0, 2**32 - 1))
def test_the_order_of_seeds_changes_nothing(table: np.ndarray, seed: int) -> None:
    """Permuted within each task; and of two samples jointly."""
    order = np.random.default_rng(seed).permutation(table.shape[1])
    mixed = table[:, order]
    one = interval(iqm, table, rng=rng(), resamples=50)
    two = interval(iqm, mixed, rng=rng(), resamples=50)
    assert (one.low, one.high) == (two.low, two.high)

    def gap(x: FloatArray, y: FloatArray) -> FloatArray:
        return median(x - y)

    other = np.sin(table)
    one = interval(gap, table, other, rng=rng(), resamples=50)
    two = interval(gap, mixed, other[:, order], rng=rng(), resamples=50)
    assert one == two


@settings(max_examples=40)
@given(TABLES, st.integers(-8, 8))
def test_scaling(table: np.ndarray, power: int) -> None:
    """Scores times a power of two: every end times the same, to the bit."""
    factor = 2.0**power
    one = interval(iqm, table, rng=rng(), resamples=50)
    two = interval(iqm, factor * table, rng=rng(), resamples=50)
    assert (two.estimate, two.low, two.high) == (
        factor * one.estimate, factor * one.low, factor * one.high,
    )  # fmt: skip


def test_what_is_refused() -> None:
    """Levels, resamples and shapes out of range."""
    table = SCORES[None]
    for level in (0.0, 1.0, 95.0):
        with pytest.raises(UsageError, match="level of an interval"):
            interval(mean, table, rng=rng(), level=level)
    with pytest.raises(UsageError, match="0 resamples"):
        interval(mean, table, rng=rng(), resamples=0)
    with pytest.raises(UsageError, match="cannot be resampled together"):
        interval(mean, table, table[:, :3], rng=rng())
    with pytest.raises(UsageError, match="cannot be resampled together"):
        interval(mean, SCORES, rng=rng())


def test_an_interval_holds_its_ends() -> None:
    """Ends included."""
    found = Interval(2.0, 1.0, 3.0)
    assert [found.holds(v) for v in (0.9, 1.0, 3.0, 3.1)] == [False, True, True, False]
