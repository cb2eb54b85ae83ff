"""Shares of runs better than each score."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ppodiag.ablate.statistics.profile import performance_profile, profile_scores
from ppodiag.ablate.statistics.scores import arm_scores

TABLES = hnp.arrays(
    np.float64, st.tuples(st.integers(1, 3), st.integers(2, 6)), elements=st.floats(-10, 10)
)


def rng() -> np.random.Generator:
    return np.random.default_rng(2)


def test_by_hand() -> None:
    """Of 1, 2, 2, 4: strictly above 0: all, 1: three quarters, 2: a quarter, 4: none; below likewise."""
    scores, at = np.array([[1.0, 2, 2, 4]]), np.array([0.0, 1, 2, 4, 5])
    up = performance_profile(scores, at, rng(), resamples=100)
    assert up.share.tolist() == [1, 0.75, 0.25, 0, 0]
    down = performance_profile(scores, at, rng(), better="lower", resamples=100)
    assert down.share.tolist() == [0, 0, 0.25, 0.75, 1]


@settings(max_examples=30)
@given(TABLES)
def test_shape(scores: np.ndarray) -> None:
    """Shares fall from 1 to 0 with the score, the band holds them, and tasks weigh the same."""
    at = np.linspace(-11, 10, 9)
    found = performance_profile(scores, at, rng(), resamples=200)
    assert (np.diff(found.share) <= 0).all()
    assert (found.share[0], found.share[-1]) == (1, 0)
    assert (found.low <= found.high).all()
    wide = np.array([[1 / scores.shape[1]]])
    assert (found.low <= found.share + wide.max() + 1e-12).all()
    tasks = [performance_profile(row[None], at, rng(), resamples=10).share for row in scores]
    assert np.allclose(found.share, np.mean(tasks, axis=0))


def test_the_band_is_the_binomials() -> None:
    """One task of 40 runs: the band at a share of 0.3 is about ± 1.96·√(0.3·0.7/40)."""
    scores = np.arange(40.0)[None]
    found = performance_profile(scores, np.array([27.0]), rng(), resamples=20_000)
    assert found.share.tolist() == [0.3]
    half = 1.96 * np.sqrt(0.3 * 0.7 / 40)
    assert abs(found.low[0] - (0.3 - half)) < 0.03
    assert abs(found.high[0] - (0.3 + half)) < 0.03


def test_scores_of_a_profile() -> None:
    """From the lowest to the highest score of any arm."""
    arms = [arm_scores("a", [3, 5]), arm_scores("b", [[1, 2], [3, 9]])]
    assert profile_scores(arms, 5).tolist() == [1, 3, 5, 7, 9]
