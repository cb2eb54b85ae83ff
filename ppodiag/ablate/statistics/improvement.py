"""How often a run of one arm beats a run of another."""

from __future__ import annotations

import numpy as np

from ppodiag.ablate.statistics.bootstrap import LEVEL, RESAMPLES, Interval, interval
from ppodiag.ablate.statistics.scores import Direction, FloatArray


def probability_of_improvement(x: FloatArray, y: FloatArray) -> FloatArray:
    """P(X > Y) + P(X = Y)/2 of a run of each, averaged over tasks; 0 to 1.

    In one task, over all n·m pairs of runs, the same seed or not: (number of x > y + half the number of ties)/(n·m),
    which is the Mann-Whitney U of x divided by n·m. Source: Agarwal et al. 2021, section 4.3.

    Args:
        x: shape (..., tasks, n).
        y: shape (..., tasks, m).

    Returns:
        Shape (...).
    """
    wins = np.zeros(np.broadcast_shapes(x.shape[:-1], y.shape[:-1]))  # twice, to keep them whole
    for j in range(y.shape[-1]):
        one = y[..., j, None]
        wins += (one < x).sum(axis=-1) + (one <= x).sum(axis=-1)
    found: FloatArray = (wins / (2 * x.shape[-1] * y.shape[-1])).mean(axis=-1)
    return found


def improvement(
    x: FloatArray,
    y: FloatArray,
    rng: np.random.Generator,
    *,
    better: Direction = "higher",
    paired: bool = True,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
) -> Interval:
    """The probability that a run of x is better than one of y, with its bootstrap interval.

    Args:
        x: shape (tasks, n).
        y: shape (tasks, m).
        rng: where every draw comes from.
        better: which scores are better.
        paired: whether column s of both is one seed, which is then drawn in both; False: independent draws, as
            Agarwal et al. have it.
        resamples: number of them.
        level: of the interval.
    """
    first, second = (x, y) if better == "higher" else (-x, -y)
    return interval(
        probability_of_improvement, first, second,
        rng=rng, paired=paired, resamples=resamples, level=level,
    )  # fmt: skip
