"""Two arms with the same seeds: differences seed by seed, and the test of no difference."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ppodiag.ablate.statistics.aggregate import mean
from ppodiag.ablate.statistics.bootstrap import LEVEL, RESAMPLES, Interval, interval
from ppodiag.ablate.statistics.scores import ArmScores, FloatArray, require_paired
from ppodiag.ablate.statistics.student import t_tail

EXACT_SEEDS = 20
"""[judgement] Seeds up to which all 2^n ways of flipping signs are counted: half a million sums at most."""

FLIPS = 99_999
"""[judgement] Ways that are drawn beyond that; the p-value is then a multiple of 1e-5."""

_ROUNDING = 1e-12
"""Sums this close, relative to Σ|d|, count as equal."""

_MOST_CELLS = 1 << 22


@dataclass(frozen=True, slots=True, eq=False)
class Paired:
    """The differences of two arms with the same seeds.

    Attributes:
        differences: shape (seeds,), arm − reference, averaged over the tasks; unit of the metric.
        mean: their mean, with the bootstrap interval that draws seeds within each task.
        deviation: their standard deviation with n − 1; nan for one seed.
        p: two-sided, of the sign-flip test.
        flips: ways of flipping the signs that p rests on.
        exact: whether these were all 2^n ways; False: they were drawn.
        t_p: two-sided, of the paired t test; nan for one seed. For comparison only, nothing rests on it.
    """

    differences: FloatArray
    mean: Interval
    deviation: float
    p: float
    flips: int
    exact: bool
    t_p: float

    @property
    def seeds(self) -> int:
        """Number of pairs."""
        return self.differences.size


def compare_pairs(
    reference: ArmScores,
    arm: ArmScores,
    rng: np.random.Generator,
    *,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
) -> Paired:
    """The differences between two arms, with interval and tests.

    Args:
        reference: scores without nan: see `scores.fill_failures`.
        arm: as the reference; same tasks and seeds.
        rng: where every draw comes from.
        resamples: of the interval.
        level: of the interval.

    Raises:
        UsageError: the shapes differ.
    """
    require_paired(reference, arm)
    table = arm.values - reference.values
    differences: FloatArray = table.mean(axis=0)
    n = differences.size
    exact = n <= EXACT_SEEDS
    p = exact_sign_flip(differences) if exact else sampled_sign_flip(differences, rng)
    deviation = float(differences.std(ddof=1)) if n > 1 else math.nan
    return Paired(
        differences,
        interval(mean, table, rng=rng, resamples=resamples, level=level),
        deviation,
        p,
        1 << n if exact else FLIPS + 1,
        exact,
        _t_test(float(differences.mean()), deviation, n),
    )


def exact_sign_flip(differences: FloatArray) -> float:
    """Two-sided p-value of the sign-flip permutation test of the mean, over all 2^n ways.

    If the arm changes nothing, the sign of each difference is as likely plus as minus. p is the share of the 2^n sums
    Σ ±d that lie at least as far from 0 as Σ d. It is never below 2^(1 − n): with 5 seeds 0.0625. Source: Fisher 1935,
    "The Design of Experiments", section 21.

    Args:
        differences: shape (seeds,); 2^(n − 1) sums are held.
    """
    sums = differences[
        :1
    ].copy()  # the other half of the ways has the same sums with the other sign
    for d in differences[1:]:
        sums = np.concatenate([sums + d, sums - d])
    return float(np.mean(np.abs(sums) >= _bar(differences)))


def sampled_sign_flip(
    differences: FloatArray, rng: np.random.Generator, flips: int = FLIPS
) -> float:
    """The same p-value from ways that are drawn: (1 + those at least as far)/(1 + flips).

    The way that was observed counts as one, so p is never 0 and the test stays valid. Source: Phipson and Smyth 2010,
    "Permutation P-values Should Never Be Zero".

    Args:
        differences: shape (seeds,).
        rng: where every draw comes from.
        flips: number of ways drawn.
    """
    bar, far = _bar(differences), 0
    most = max(1, _MOST_CELLS // differences.size)
    for begin in range(0, flips, most):
        signs = 2.0 * rng.integers(0, 2, (min(most, flips - begin), differences.size)) - 1
        far += int(np.count_nonzero(np.abs((signs * differences).sum(axis=1)) >= bar))
    return (1 + far) / (1 + flips)


def fewest_seeds(alpha: float) -> int:
    """The fewest seeds with which the exact test can reach p ≤ α: 2^(1 − n) ≤ α."""
    return max(1, math.ceil(1 - math.log2(alpha)))


def smallest_p(seeds: int) -> float:
    """The smallest p that the test can give, 2^(1 − n), where all signs agree; drawn ways have their own floor."""
    return max(2.0 ** (1 - seeds), 0.0 if seeds <= EXACT_SEEDS else 1 / (1 + FLIPS))


def _bar(differences: FloatArray) -> float:
    """From where on a sum of signed differences counts as at least as far from 0 as the observed one."""
    return float(abs(differences.sum()) - _ROUNDING * np.abs(differences).sum())


def _t_test(average: float, deviation: float, n: int) -> float:
    """Two-sided p-value of the paired t test, t = d̄·√n/s with n − 1 degrees of freedom."""
    if n < 2:
        return math.nan
    if deviation == 0:
        return 1.0 if average == 0 else 0.0
    return 2 * t_tail(abs(average) * math.sqrt(n) / deviation, n - 1)
