"""One number for many runs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from ppodiag.ablate.statistics.aggregate import iqm, mean, median

TABLES = hnp.arrays(
    np.float64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=9), elements=st.floats(-1e6, 1e6)
)


def test_iqm_by_hand() -> None:
    """Of 1 to 8, two go at each end: (3 + 4 + 5 + 6)/4; of five runs one goes at each end."""
    assert iqm(np.arange(1.0, 9.0).reshape(2, 4)) == 4.5
    assert iqm(np.array([[100.0, 1.0, 2.0, 3.0, -50.0]])) == 2.0
    assert iqm(np.array([[7.0]])) == 7.0


def test_rliable_test_values() -> None:
    """Rliable 1.2.0, tests/rliable/metrics_test.py: IQM, mean and median of its x and y are 1.5 and 2.

    Its `median` is over the tasks' means, which there equals the median over runs.
    """
    x = np.array([[1.0, 2, 1, 2], [2, 2, 1, 1]])
    y = np.array([[1.0, 2, 3], [1, 2, 3]])
    assert [float(f(x)) for f in (iqm, mean, median)] == [1.5, 1.5, 1.5]
    assert [float(f(y)) for f in (iqm, mean, median)] == [2, 2, 2]


@given(TABLES)
def test_iqm_is_scipys_trimmed_mean(scores: np.ndarray) -> None:
    """`scipy.stats.trim_mean` with a quarter cut at each end, over all runs."""
    wanted = stats.trim_mean(scores, 0.25, axis=None)
    assert float(iqm(scores)) == pytest.approx(wanted, rel=1e-12, abs=1e-9)


@given(TABLES, st.randoms(use_true_random=False))
def test_the_order_of_runs_is_nothing_to_the_iqm(scores: np.ndarray, random: object) -> None:
    """Runs are pooled and sorted, so any order gives the same bits."""
    mixed = scores.ravel().tolist()
    random.shuffle(mixed)
    assert iqm(np.array(mixed).reshape(scores.shape)) == iqm(scores)


def test_resamples_go_in_one_call() -> None:
    """(..., tasks, seeds) gives (...), each entry what its table alone gives."""
    stack = np.random.default_rng(1).normal(size=(4, 3, 2, 7))
    for statistic in (iqm, mean, median):
        found = statistic(stack)
        assert found.shape == (4, 3)
        assert found[2, 1] == statistic(stack[2, 1])
