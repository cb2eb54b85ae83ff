"""How many seeds would decide, and what the seeds at hand can see.

All of it takes the observed standard deviation of the paired differences for the true one; from n seeds that is known to
about ± 1/√(2(n − 1)) of itself, so the answers are a size to plan with and no promise.
"""

from __future__ import annotations

import math

from ppodiag.ablate.statistics.paired import fewest_seeds
from ppodiag.ablate.statistics.student import normal_quantile, normal_tail

POWER = 0.8
"""[judgement] Wanted chance of a verdict; Cohen 1988, section 2.4, proposes it."""

MOST_SEEDS = 1_000_000
"""[judgement] More seeds than this are no answer."""

_BISECTIONS = 200
_ROUNDING = 1e-9


def seeds_for_difference(
    difference: float, deviation: float, alpha: float, power: float = POWER
) -> float:
    """Seeds with which the two-sided paired test at α finds a true mean difference with this power.

    n = ⌈((z(1 − α/2) + z(power))·s/δ)² + z(1 − α/2)²/2⌉, the normal formula with the correction for an estimated
    standard deviation (Guenther 1981, "Sample size formulas for normal theory t tests"), and never fewer than the
    exact test needs to reach α at all.

    Args:
        difference: δ, unit of the metric.
        deviation: s, of the paired differences.
        alpha: of the test; where several arms are judged, α divided by their number.
        power: wanted chance, 0.5 to 1.

    Returns:
        A whole number; inf where δ is 0, or so small that more than `MOST_SEEDS` are needed.
    """
    z = normal_quantile(1 - alpha / 2)
    root = (z + normal_quantile(power)) * deviation
    if difference == 0 or root > abs(difference) * math.sqrt(MOST_SEEDS):
        return math.inf
    wanted = (root / abs(difference)) ** 2 + z**2 / 2
    return max(_whole(wanted), fewest_seeds(alpha))


def seeds_for_equivalence(
    difference: float, deviation: float, margin: float, alpha: float, power: float = POWER
) -> float:
    """Seeds with which TOST at α shows a true mean difference to lie within ± margin, with this power.

    The power at n is Φ((m − δ)√n/s − z) + Φ((m + δ)√n/s − z) − 1 with z = z(1 − α); n is where that is the wanted one,
    plus z²/2 as in `seeds_for_difference`.

    Returns:
        A whole number, at least 2; inf where |δ| is not below the margin, or so near it that more than `MOST_SEEDS` are
        needed.
    """
    if abs(difference) >= margin:
        return math.inf
    if deviation == 0:
        return 2
    z = normal_quantile(1 - alpha)

    def reached(root: float) -> bool:
        missed = normal_tail((margin - difference) * root / deviation - z)
        missed += normal_tail((margin + difference) * root / deviation - z)
        return 1 - missed >= power

    low, high = 0.0, math.sqrt(MOST_SEEDS)
    if not reached(high):
        return math.inf
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (low, middle) if reached(middle) else (middle, high)
    return max(2, _whole(high**2 + z**2 / 2))


def seeds_to_decide(
    difference: float,
    deviation: float,
    seeds: int,
    margin: float | None,
    alpha: float,
    power: float = POWER,
) -> int | None:
    """Seeds in all with which a verdict other than undecided would come with this power.

    Were the true mean difference and deviation the observed ones: the smaller of `seeds_for_difference` and, where a
    margin is declared, `seeds_for_equivalence`, and more than the seeds at hand.

    Args:
        difference: observed mean.
        deviation: observed, of the paired differences.
        seeds: at hand.
        margin: of equivalence, or None.
        alpha: of one test, divided by the number of arms judged.
        power: wanted chance.

    Returns:
        None where no number up to `MOST_SEEDS` would: the differences average 0 or nearly so, and no margin is
        declared.
    """
    wanted = seeds_for_difference(difference, deviation, alpha, power)
    if margin is not None:
        wanted = min(wanted, seeds_for_equivalence(difference, deviation, margin, alpha, power))
    return None if math.isinf(wanted) else max(int(wanted), seeds + 1)


def smallest_visible(deviation: float, seeds: int, alpha: float, power: float = POWER) -> float:
    """The true mean difference that this many seeds find with this power; the inverse of `seeds_for_difference`.

    Returns:
        Unit of the metric; inf where so few seeds cannot reach α.
    """
    z = normal_quantile(1 - alpha / 2)
    room = seeds - z**2 / 2
    if seeds < fewest_seeds(alpha) or room <= 0:
        return math.inf
    return (z + normal_quantile(power)) * deviation / math.sqrt(room)


def _whole(wanted: float) -> int:
    """Rounded up, but for what rounding has added to a whole number."""
    return math.ceil(wanted - _ROUNDING)
