"""Percentile intervals of any statistic by the stratified bootstrap.

Tasks are the strata: seeds are drawn with replacement within each task, and no task is left out. Source: Efron 1979;
stratified over tasks as in Agarwal et al. 2021, section 4.2.

With few seeds a percentile interval is too short: docs/statistics.md has the coverage by simulation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ppodiag.ablate.statistics.scores import FloatArray, IntArray
from ppodiag.errors import UsageError

LEVEL = 0.95
"""Level of an interval where none is given."""

RESAMPLES = 10_000
"""[judgement] Resamples: the ends of a 95% interval then vary by about 1% of its length between generators."""

_MOST_CELLS = 1 << 22
"""Scores held at a time."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its interval.

    Attributes:
        estimate: the statistic of the scores themselves.
        low: the lower end.
        high: the upper end.
        level: share of such intervals that is meant to hold the true value, 0 to 1.
    """

    estimate: float
    low: float
    high: float
    level: float = LEVEL

    def holds(self, value: float) -> bool:
        """Whether the value lies in it, ends included."""
        return self.low <= value <= self.high


def interval(
    statistic: Callable[..., FloatArray],
    *samples: FloatArray,
    rng: np.random.Generator,
    paired: bool = True,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
) -> Interval:
    """Bootstrap percentile interval of a statistic of one or several samples.

    The order of the seeds does not matter: runs are sorted within their task before any is drawn.

    Args:
        statistic: takes one array (..., tasks, seeds) per sample and gives (...).
        samples: shape (tasks, seeds) each; same number of tasks, finite.
        rng: where every draw comes from.
        paired: whether the samples share seeds, and a drawn seed is drawn in all of them; False: each is drawn on
            its own, and their numbers of seeds may differ.
        resamples: number of them.
        level: of the interval, between 0 and 1.

    Raises:
        UsageError: shapes that do not go together, a level or number of resamples out of range.
    """
    found = distribution(statistic, *samples, rng=rng, paired=paired, resamples=resamples)
    low, high = percentiles(found, level)
    return Interval(float(statistic(*samples)), float(low), float(high), level)


def percentiles(found: FloatArray, level: float) -> FloatArray:
    """The two ends of the interval, shape (2, ...), from a distribution of shape (resamples, ...).

    The (1 − level)/2 and (1 + level)/2 quantiles, interpolated linearly.

    Raises:
        UsageError: a level that is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise UsageError(
            f"the level of an interval is {level}", "give one between 0 and 1, such as 0.95"
        )
    ends: FloatArray = np.quantile(found, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return ends


def distribution(
    statistic: Callable[..., FloatArray],
    *samples: FloatArray,
    rng: np.random.Generator,
    paired: bool = True,
    resamples: int = RESAMPLES,
) -> FloatArray:
    """The statistic of every resample, shape (resamples, ...); arguments as of `interval`."""
    _check(samples, paired, resamples)
    ordered = _ordered(samples) if paired else tuple(np.sort(s, axis=-1) for s in samples)
    most = max(1, _MOST_CELLS // max(s.size for s in samples))
    parts = [statistic(*drawn) for drawn in _drawn(ordered, rng, paired, resamples, most)]
    return np.concatenate(parts)


def _drawn(
    samples: tuple[FloatArray, ...],
    rng: np.random.Generator,
    paired: bool,
    resamples: int,
    most: int,
) -> Iterator[tuple[FloatArray, ...]]:
    """Resamples in chunks, shape (chunk, tasks, seeds) each."""
    for begin in range(0, resamples, most):
        chunk = min(most, resamples - begin)
        if paired:
            at = _indices(samples[0], chunk, rng)
            yield tuple(_take(sample, at) for sample in samples)
        else:
            yield tuple(_take(sample, _indices(sample, chunk, rng)) for sample in samples)


def _indices(sample: FloatArray, chunk: int, rng: np.random.Generator) -> IntArray:
    return rng.integers(0, sample.shape[1], (chunk, *sample.shape))


def _take(sample: FloatArray, at: IntArray) -> FloatArray:
    return sample[np.arange(sample.shape[0])[:, None], at]


def _ordered(samples: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
    """The samples with the seeds of each task sorted by the first sample, then by the next, pairs kept."""
    order = np.stack([np.lexsort(rows[::-1]) for rows in zip(*samples, strict=True)])
    return tuple(np.take_along_axis(sample, order, axis=1) for sample in samples)


def _check(samples: tuple[FloatArray, ...], paired: bool, resamples: int) -> None:
    shapes = [sample.shape for sample in samples]
    same = len({shape if paired else shape[:1] for shape in shapes}) == 1
    if not same or any(len(shape) != 2 or 0 in shape for shape in shapes):
        raise UsageError(
            f"samples of shape {', '.join(map(str, shapes)) or 'none'} cannot be resampled together",
            "give (tasks, seeds) with the same tasks, and the same seeds where they are paired",
        )
    if resamples < 1:
        raise UsageError(f"{resamples} resamples", "give at least 1; 10000 is usual")
