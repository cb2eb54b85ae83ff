"""Main effects and two-way interactions of a full factorial study with the same seeds in every cell.

Each is a contrast of the cells, taken seed by seed, so it has the interval and the sign-flip test of any paired
difference. Main effects and interactions are two families: p-values are adjusted after Holm within each.

Source: Box, Hunter and Hunter 2005, "Statistics for Experimenters", chapter 5, which halves interactions; here one is the
difference between two effects, in full.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from ppodiag.ablate.statistics.bootstrap import RESAMPLES
from ppodiag.ablate.statistics.holm import holm
from ppodiag.ablate.statistics.paired import Paired, compare_pairs
from ppodiag.ablate.statistics.scores import ArmScores, arm_scores
from ppodiag.ablate.statistics.verdict import Declared, Evidence, Verdict, decide
from ppodiag.errors import UsageError

_ROUNDING = 1e-12

States = tuple[bool, ...]
"""Of each factor in its order, whether it is on."""


@dataclass(frozen=True, slots=True, eq=False)
class Effect:
    """What one factor does, or how two of them depend on each other.

    Attributes:
        factors: one name: its main effect, on − off, averaged over the settings of the others. Two: how much larger
            the effect of the one is where the other is on, averaged over the settings of the rest.
        paired: the contrast seed by seed, unit of the metric, with its interval; its own p is not adjusted.
        p: adjusted within the family after Holm.
        verdict: of a main effect, whether on is better or worse; of an interaction, that of its sign.
    """

    factors: tuple[str, ...]
    paired: Paired
    p: float
    verdict: Verdict


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """All effects of a study.

    Attributes:
        main: in the order of the factors.
        interactions: of each two of them.
        failed: how many runs of all cells failed, and count as the worst outcome.
    """

    main: tuple[Effect, ...]
    interactions: tuple[Effect, ...]
    failed: int


def factorial_effects(
    factors: Sequence[str],
    cells: Mapping[States, ArmScores],
    declared: Declared,
    rng: np.random.Generator,
    *,
    resamples: int = RESAMPLES,
) -> Effects:
    """The effects of a full factorial study.

    Args:
        factors: at least two names.
        cells: scores of every combination, failed runs filled: see `scores.fill_failures`.
        declared: the direction of the metric, and α of each family.
        rng: where every draw comes from.
        resamples: of each bootstrap.

    Raises:
        UsageError: a combination is missing, or shapes differ.
    """
    wanted = set(product((True, False), repeat=len(factors)))
    if set(cells) != wanted:
        raise UsageError(
            f"{len(wanted - set(cells))} of {len(wanted)} combinations are missing",
            "effects need every combination of the factors",
        )

    def family(groups: Sequence[tuple[int, ...]]) -> tuple[Effect, ...]:
        found = [_contrast(group, cells, rng, resamples) for group in groups]
        adjusted = holm([paired.p for paired in found])
        return tuple(
            Effect(tuple(factors[i] for i in group), paired, p, _verdict(paired, p, declared))
            for group, paired, p in zip(groups, found, adjusted, strict=True)
        )

    order = range(len(factors))
    return Effects(
        family([(i,) for i in order]),
        family(list(combinations(order, 2))),
        sum(arm.failures for arm in cells.values()),
    )


def _contrast(
    group: tuple[int, ...],
    cells: Mapping[States, ArmScores],
    rng: np.random.Generator,
    resamples: int,
) -> Paired:
    """Cells with an even number of the group's factors off, minus those with an odd number.

    Both sides are sums over the settings of the group and means over those of the others: of one factor on − off, of
    two (both on + both off) − (one on + other on), which is the effect of the one where the other is on minus that
    where it is off.
    """
    sides: dict[bool, list[ArmScores]] = {True: [], False: []}
    for states, arm in cells.items():
        sides[sum(not states[i] for i in group) % 2 == 0].append(arm)
    others = len(cells) // 2 ** len(group)
    even, odd = (
        np.sum([arm.values for arm in sides[side]], axis=0) / others for side in (True, False)
    )
    # Sums that differ by the rounding of their additions alone are equal.
    near = np.abs(even - odd) <= _ROUNDING * np.maximum(np.abs(even), np.abs(odd))
    even = np.where(near, odd, even)
    return compare_pairs(arm_scores("odd", odd), arm_scores("even", even), rng, resamples=resamples)


def _verdict(paired: Paired, p: float, declared: Declared) -> Verdict:
    average = float(paired.differences.mean())
    gain = average if declared.better == "higher" else -average
    return decide(Evidence(paired.seeds, False, gain, p, None, False), declared.alpha)
