"""Is the difference smaller than a declared margin? Two one-sided tests (TOST)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ppodiag.ablate.statistics.student import t_quantile, t_tail
from ppodiag.errors import UsageError


@dataclass(frozen=True, slots=True)
class Equivalence:
    """Whether a mean difference lies within ± a margin.

    Attributes:
        margin: declared beforehand, unit of the metric, above 0.
        p: the larger of the two one-sided p-values: at most α, and the difference is shown to lie within.
        low: lower end of the (1 − 2α) t interval of the mean difference.
        high: its upper end; p ≤ α exactly where both ends lie within ± margin.
    """

    margin: float
    p: float
    low: float
    high: float


def tost(average: float, deviation: float, seeds: int, margin: float, alpha: float) -> Equivalence:
    """Schuirmann's two one-sided t tests on paired differences.

    With s = deviation/√n: p = max(P(T > (d̄ + margin)/s), P(T > (margin − d̄)/s)), T with n − 1 degrees of freedom. The
    t distribution and not the bootstrap, whose percentile interval is too short with 5 to 20 seeds and would call arms
    equivalent too often. Source: Schuirmann 1987, "A comparison of the two one-sided tests procedure and the power
    approach for assessing the equivalence of average bioavailability".

    Args:
        average: d̄, mean of the differences.
        deviation: their standard deviation with n − 1.
        seeds: n, at least 2.
        margin: unit of the metric.
        alpha: of each of the two tests; between 0 and 0.5.

    Raises:
        UsageError: a margin that is not above 0, or fewer than 2 seeds.
    """
    if not (margin > 0 and math.isfinite(margin)):
        raise UsageError(
            f"the margin of equivalence is {margin}",
            "declare a difference above 0, in the unit of the metric, that would not matter",
        )
    if seeds < 2:
        raise UsageError("equivalence cannot be tested with one seed", "give at least 2")
    error = deviation / math.sqrt(seeds)
    half = error * t_quantile(1 - alpha, seeds - 1)
    tails = [_tail(room, error, seeds - 1) for room in (average + margin, margin - average)]
    return Equivalence(margin, max(tails), average - half, average + half)


def _tail(room: float, error: float, freedom: int) -> float:
    if error == 0:
        return 0.0 if room > 0 else 1.0
    return t_tail(room / error, freedom)
