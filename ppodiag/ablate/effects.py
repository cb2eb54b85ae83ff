"""The effects of a factorial study: which of its arms make the design, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ppodiag.ablate.arm_plan import ArmPlan
from ppodiag.ablate.statistics.factorial import Effects, States, factorial_effects
from ppodiag.ablate.statistics.scores import ArmScores, fill_failures
from ppodiag.ablate.statistics.verdict import Declared
from ppodiag.errors import UsageError


def factors_of(plans: Sequence[ArmPlan]) -> tuple[str, ...]:
    """Names of the features whose every combination is among the arms; empty: there is no such design."""
    names = tuple(name for name, _ in plans[0].arm.features)
    if len(names) < 2 or len(design(plans, names)) < 2 ** len(names):
        return ()
    return names


def design(plans: Sequence[ArmPlan], factors: tuple[str, ...]) -> dict[States, str]:
    """Which of the factors are on, to the name of the arm in which they are."""
    return {
        tuple(on for _, on in plan.arm.features): plan.name
        for plan in plans
        if not plan.already_off and tuple(name for name, _ in plan.arm.features) == factors
    }


def effects_of(
    plans: Sequence[ArmPlan],
    scores: Sequence[ArmScores],
    declared: Declared,
    rng: np.random.Generator,
) -> Effects | None:
    """The effects; None where the arms are no full factorial design.

    Args:
        plans: of the arms.
        scores: of those that were run.
        declared: the direction of the metric, and what a failed run counts with.
        rng: of the intervals.
    """
    factors = factors_of(plans)
    if not factors:
        return None
    filled = {arm.name: arm for arm in fill_failures(scores, declared.better, declared.worst)}
    cells = {states: filled[name] for states, name in design(plans, factors).items()}
    return factorial_effects(factors, cells, declared, rng)


def refuse_off_factors(plans: Sequence[ArmPlan], path: str) -> None:
    """Nothing where every feature of a factorial study is on in the file.

    Raises:
        UsageError: one is off already, so that half of the arms would be the other half.
    """
    off = [
        name
        for plan in plans
        if plan.already_off
        for name, on in plan.arm.features
        if not on and sum(not state for _, state in plan.arm.features) == 1
    ]
    if off:
        raise UsageError(
            f"{' and '.join(off)}: off already in {path}, so there is nothing to combine",
            "leave it out of --factorial, or turn it on in the file or with --set",
        )
