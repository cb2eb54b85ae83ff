"""Times to a threshold, with runs that never get there."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ppodiag.ablate.statistics.scores import fill_failures
from ppodiag.ablate.statistics.times import Run, first_crossing, reached, restricted_times
from ppodiag.errors import UsageError


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def test_first_crossing() -> None:
    """The first point at the threshold or beyond; nan is no point; a curve that never is has inf."""
    at = [10, 20, 30]
    curves = [[1, 5, 2], [math.nan, 4, 9], [0, 0, 0], [5, math.nan, math.nan]]
    assert first_crossing(at, curves, 5).tolist() == [20, 30, math.inf, 10]
    assert first_crossing(at, [[3, 2, 1]], 2, "lower").tolist() == [20]
    assert first_crossing([], np.empty((2, 0)), 1).tolist() == [math.inf, math.inf]
    with pytest.raises(UsageError, match=r"curves of shape \(1, 2\)"):
        first_crossing(at, [[1, 2]], 1)


def test_one_horizon_for_all() -> None:
    """The smallest budget; what comes later is censored there, also where it was reached."""
    arms, horizon = restricted_times(
        {
            "a": [[Run(40, 100), Run(90, 100), Run(math.inf, 100)]],
            "b": [[Run(10, 80), Run(math.inf, 80), Run(30, 80, failed=True)]],
        }
    )
    assert horizon == 80
    a, b = arms
    assert a.values.tolist() == [[40, 80, 80]]
    assert a.censored.tolist() == [[False, True, True]]
    assert b.failed.tolist() == [[False, False, True]]
    assert math.isnan(b.values[0, 2])
    filled = fill_failures(arms, "lower", worst=horizon)
    assert filled[1].values.tolist() == [[10, 80, 80]]


def test_no_run_is_dropped() -> None:
    """Two of five never get there: share 3/5, median the third time, restricted mean with horizon twice."""
    runs = [Run(t, 100) for t in (50, 20, 30, math.inf)] + [Run(5, 100, failed=True)]
    (arm,), horizon = restricted_times({"a": [runs]})
    found = reached(arm, horizon, rng())
    assert found.share == pytest.approx(0.6)
    assert found.median == 50
    assert found.restricted_mean.estimate == pytest.approx((50 + 20 + 30 + 100 + 100) / 5)
    assert found.restricted_mean.low >= 20
    (none,), _ = restricted_times({"a": [[Run(math.inf, 9), Run(3, 9)]]})
    assert reached(none, 9, rng()).median == math.inf


@given(st.lists(st.floats(1, 200), min_size=1, max_size=12))
def test_the_restricted_mean_is_kaplan_meiers(times: list[float]) -> None:
    """The area under scipy's Kaplan-Meier curve up to the horizon."""
    horizon = 100.0
    (arm,), _ = restricted_times({"a": [[Run(t, horizon) for t in times]]})
    sample = stats.CensoredData.right_censored(
        np.minimum(times, horizon), [t > horizon for t in times]
    )
    curve = stats.ecdf(sample).sf
    at = np.concatenate([[0.0], curve.quantiles, [horizon]])
    steps = np.concatenate([[1.0], curve.probabilities])
    area = float((np.diff(at) * steps).sum())
    assert reached(arm, horizon, rng()).restricted_mean.estimate == pytest.approx(area)


def test_what_is_refused() -> None:
    """Nothing at all, no budget, tasks of different length."""
    for arms in ({}, {"a": [[Run(1, 0)]]}, {"a": [[Run(1, math.inf)]]}):
        with pytest.raises(UsageError, match="without a budget"):
            restricted_times(arms)
    with pytest.raises(UsageError, match="different numbers of seeds"):
        restricted_times({"a": [[Run(1, 2)], [Run(1, 2), Run(1, 2)]]})
