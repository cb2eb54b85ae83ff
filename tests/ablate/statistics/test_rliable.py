"""Beside rliable 1.2.0 (Agarwal et al.'s library; arch 7.2.0, numpy 2.4.6), recorded once.

Its `get_interval_estimates` with 50,000 resamples (P: 5,000) and `create_performance_profile` with 20,000, of the scores
below as (runs, tasks). It draws from numpy's global generator, so ends agree within the noise of resampling.
"""

from __future__ import annotations

import numpy as np
import pytest

from ppodiag.ablate.statistics.aggregate import iqm, mean
from ppodiag.ablate.statistics.bootstrap import interval
from ppodiag.ablate.statistics.improvement import improvement
from ppodiag.ablate.statistics.profile import performance_profile

X = np.array(
    [
        [0.85, 0.27, 1.38, 1.2, 0.99, 0.45],
        [1.05, 0.49, 1.11, 0.32, -0.25, 0.04],
        [1.36, 1.46, 0.72, 2.06, 2.55, 1.88],
    ]
)
Y = np.array(
    [
        [0.85, 0.27, 1.06, 2.02, 0.09, 0.64],
        [0.99, 0.06, 0.41, -0.64, 1.36, 0.05],
        [1.61, 1.58, 1.04, 1.21, 1.69, 0.87],
    ]
)
NOISE = 0.01
"""Several times the standard error of an end."""


@pytest.mark.parametrize(
    ("scores", "statistic", "estimate", "low", "high"),
    [
        (X, iqm, 0.96, 0.688, 1.203),
        (X, mean, 0.99611111, 0.76777778, 1.22277778),
        (Y, iqm, 0.87, 0.571, 1.183),
        (Y, mean, 0.84222222, 0.59388889, 1.10666667),
    ],
)
def test_intervals(
    scores: np.ndarray, statistic: object, estimate: float, low: float, high: float
) -> None:
    """IQM and mean over three tasks."""
    found = interval(statistic, scores, rng=np.random.default_rng(0), resamples=50_000)
    assert found.estimate == pytest.approx(estimate, abs=1e-8)
    assert (found.low, found.high) == pytest.approx((low, high), abs=NOISE)


def test_probability_of_improvement() -> None:
    """16/27, with seeds drawn independently as there; one pair of runs is 1/108."""
    found = improvement(X, Y, np.random.default_rng(0), paired=False, resamples=20_000)
    assert found.estimate == pytest.approx(0.59259259, abs=1e-8)
    assert (found.low, found.high) == pytest.approx((0.39351852, 0.77777778), abs=1 / 54)


def test_profile() -> None:
    """Shares of runs above 0, 0.5, …, 2, and the band, whose edges are multiples of 1/18."""
    at = np.array([0.0, 0.5, 1.0, 1.5, 2.0])
    found = performance_profile(X, at, np.random.default_rng(0), resamples=20_000)
    assert found.share == pytest.approx([0.94444444, 0.66666667, 0.5, 0.16666667, 0.11111111])
    assert found.low == pytest.approx([0.83333333, 0.5, 0.27777778, 0.05555556, 0.0])
    assert found.high == pytest.approx([1.0, 0.83333333, 0.72222222, 0.27777778, 0.22222222])
