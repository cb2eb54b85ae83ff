"""The performance profile: which share of the runs is better than each score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ppodiag.ablate.statistics.bootstrap import LEVEL, distribution, percentiles
from ppodiag.ablate.statistics.scores import ArmScores, Direction, FloatArray

POINTS = 101
"""[judgement] Scores at which a profile is taken."""

RESAMPLES = 2_000
"""Resamples for a band, as in Agarwal et al.'s library."""


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """One arm's profile.

    Attributes:
        at: the scores, shape (points,), rising.
        share: of the runs that are strictly better than that score, averaged over tasks; shape (points,), 0 to 1.
        low: lower edge of the band, shape (points,).
        high: upper edge. The band holds point by point at the level, not as a whole.
        level: of the band.
    """

    at: FloatArray
    share: FloatArray
    low: FloatArray
    high: FloatArray
    level: float


def profile_scores(arms: Sequence[ArmScores], points: int = POINTS) -> FloatArray:
    """Scores from the lowest to the highest of all arms, evenly spaced; shape (points,).

    Args:
        arms: at least one, without nan.
        points: how many.
    """
    low = min(float(arm.values.min()) for arm in arms)
    high = max(float(arm.values.max()) for arm in arms)
    return np.linspace(low, high, points)


def performance_profile(
    scores: FloatArray,
    at: FloatArray,
    rng: np.random.Generator,
    *,
    better: Direction = "higher",
    resamples: int = RESAMPLES,
    level: float = LEVEL,
) -> Profile:
    """The share of runs better than each score, with the pointwise band of the stratified bootstrap.

    Source: Agarwal et al. 2021, section 4.2 ("run-score distributions").

    Args:
        scores: shape (tasks, seeds).
        at: shape (points,).
        rng: where every draw comes from.
        better: "higher": runs above; "lower": runs below.
        resamples: of the band.
        level: of the band, at each point.
    """
    sign = 1.0 if better == "higher" else -1.0

    def shares(drawn: FloatArray) -> FloatArray:
        return np.stack([(sign * drawn > sign * tau).mean(axis=(-2, -1)) for tau in at], axis=-1)

    found = distribution(shares, scores, rng=rng, resamples=resamples)
    low, high = percentiles(found, level)
    return Profile(at, shares(scores), low, high, level)
