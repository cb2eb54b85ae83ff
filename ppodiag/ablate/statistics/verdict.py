"""From tests to one word about an arm."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ppodiag.ablate.statistics.power import POWER
from ppodiag.ablate.statistics.scores import Direction
from ppodiag.errors import UsageError

FEWEST = 5
"""Seeds below which nothing is concluded."""

ALPHA = 0.05
"""Chance of one or more wrong verdicts in the family, of either kind."""


class Verdict(StrEnum):
    """What is said of an arm beside its reference."""

    BETTER = "better"
    WORSE = "worse"
    EQUIVALENT = "equivalent"
    UNDECIDED = "undecided"
    IDENTICAL = "identical to the last bit"
    EXPLORATORY = "exploratory"


@dataclass(frozen=True, slots=True)
class Declared:
    """What is laid down before a run is looked at.

    Attributes:
        better: which scores are the better ones.
        margin: a difference in the mean that would not matter, unit of the metric; None: equivalence is not tested.
        worst: what a run gets that shows nothing; see `scores.fill_failures`.
        alpha: of each family of tests, over all arms; between 0 and 0.5.
        power: chance of a verdict that `undecided` plans for; between 0.5 and 1.
    """

    better: Direction = "higher"
    margin: float | None = None
    worst: float | None = None
    alpha: float = ALPHA
    power: float = POWER

    def __post_init__(self) -> None:
        if self.better not in ("higher", "lower"):
            raise UsageError(f"better scores are {self.better!r}", "say higher or lower")
        if not 0 < self.alpha < 0.5:
            raise UsageError(
                f"alpha is {self.alpha}", "give a chance between 0 and 0.5, such as 0.05"
            )
        if not 0.5 <= self.power < 1:
            raise UsageError(
                f"power is {self.power}", "give a chance from 0.5 to below 1, such as 0.8"
            )


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a verdict rests on.

    Attributes:
        seeds: number of pairs.
        identical: whether the trajectories were compared bit by bit and are equal.
        gain: mean difference, turned so that above 0 is better for the arm.
        p_difference: adjusted over the arms.
        p_equivalence: adjusted over the arms; None: not tested.
        comparable: whether equivalence may be said: see `comparison`.
    """

    seeds: int
    identical: bool
    gain: float
    p_difference: float
    p_equivalence: float | None
    comparable: bool


def decide(evidence: Evidence, alpha: float) -> Verdict:
    """The verdict, by the first line that holds.

    1. equal trajectories: identical to the last bit, with any number of seeds
    2. fewer than `FEWEST` seeds: exploratory
    3. equivalence shown at α: equivalent, be there a difference within the margin or not
    4. difference shown at α: better or worse, by the sign of the mean difference
    5. undecided
    """
    if evidence.identical:
        return Verdict.IDENTICAL
    if evidence.seeds < FEWEST:
        return Verdict.EXPLORATORY
    shown = evidence.p_equivalence is not None and evidence.p_equivalence <= alpha
    if shown and evidence.comparable:
        return Verdict.EQUIVALENT
    if evidence.p_difference <= alpha:
        return Verdict.BETTER if evidence.gain > 0 else Verdict.WORSE
    return Verdict.UNDECIDED
