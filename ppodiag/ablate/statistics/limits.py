"""What limits a verdict, in words."""

from __future__ import annotations

from ppodiag.ablate.statistics.paired import Paired, fewest_seeds, smallest_p
from ppodiag.ablate.statistics.scores import ArmScores
from ppodiag.ablate.statistics.verdict import FEWEST, Verdict


def obstacle(reference: ArmScores, arm: ArmScores) -> str:
    """Why equivalence may not be said, whatever TOST finds; empty where it may."""
    if arm.failures != reference.failures:
        return (
            f"{arm.failures} of {arm.values.size} runs failed, {reference.failures} of the reference: "
            "not equivalent in that"
        )
    silent = (arm.failed | arm.censored) & (reference.failed | reference.censored)
    telling = int((~silent).any(axis=0).sum())
    if telling < min(FEWEST, arm.seeds):
        return f"only {telling} of {arm.seeds} pairs tell: in the others neither run got there"
    return ""


def notes(
    reference: ArmScores, arm: ArmScores, paired: Paired, verdict: Verdict, alpha: float
) -> tuple[str, ...]:
    """Everything that a reader of the verdict has to know.

    Args:
        reference: with failed runs filled.
        arm: as the reference.
        paired: their differences.
        verdict: on the arm.
        alpha: of one test, divided by the number of arms.
    """
    n = paired.seeds
    found = []
    if verdict is Verdict.EXPLORATORY:
        found.append(f"{n} seeds: fewer than {FEWEST}, no verdict")
    if arm.failures or reference.failures:
        found.append(
            f"failed runs count as the worst outcome: {arm.failures} of {arm.values.size}, "
            f"{reference.failures} of the reference"
        )
    if arm.censored.any() or reference.censored.any():
        found.append(
            f"never got there, counted with the horizon: {int(arm.censored.sum())} of {arm.values.size}, "
            f"{int(reference.censored.sum())} of the reference"
        )
    if verdict is Verdict.UNDECIDED and n < fewest_seeds(alpha):
        found.append(
            f"{n} seeds cannot show a difference: the test's smallest p is {smallest_p(n):.3g}, "
            f"{fewest_seeds(alpha)} seeds are the fewest"
        )
    hindrance = obstacle(reference, arm)
    if hindrance and verdict is Verdict.UNDECIDED:
        found.append(hindrance)
    if verdict is not Verdict.IDENTICAL and not paired.differences.any():
        found.append("all differences are 0: the metric may have a ceiling that every run reaches")
    return tuple(found)
