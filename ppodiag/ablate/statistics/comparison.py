"""All arms beside their reference: scores, intervals, tests adjusted over the arms, verdicts.

A failed run counts as the worst outcome (`scores.fill_failures`) in every figure. Equivalence is said only where the arm
and the reference have lost the same number of runs, and where at least `FEWEST` pairs say something: pairs in which both
runs failed or never reached what was waited for are equal without showing that the arms are.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from ppodiag.ablate.statistics.aggregate import iqm
from ppodiag.ablate.statistics.bootstrap import RESAMPLES, Interval, interval
from ppodiag.ablate.statistics.equivalence import Equivalence, tost
from ppodiag.ablate.statistics.holm import holm
from ppodiag.ablate.statistics.improvement import improvement
from ppodiag.ablate.statistics.limits import notes, obstacle
from ppodiag.ablate.statistics.paired import Paired, compare_pairs
from ppodiag.ablate.statistics.power import seeds_to_decide, smallest_visible
from ppodiag.ablate.statistics.scores import ArmScores, fill_failures, require_paired
from ppodiag.ablate.statistics.verdict import Declared, Evidence, Verdict, decide
from ppodiag.errors import UsageError


@dataclass(frozen=True, slots=True)
class Summary:
    """One arm by itself.

    Attributes:
        name: of the arm.
        iqm: interquartile mean over runs and tasks, with its bootstrap interval; unit of the metric.
        runs: number of runs, tasks · seeds.
        failed: how many of them failed, and count as the worst outcome.
        censored: how many never reached what was waited for, and count with the horizon.
    """

    name: str
    iqm: Interval
    runs: int
    failed: int
    censored: int


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """One arm beside the reference.

    Attributes:
        arm: by itself.
        verdict: one word.
        paired: the differences arm − reference, unit of the metric.
        improvement: the probability that a run of the arm is better than one of the reference.
        p: of the sign-flip test, adjusted over the arms after Holm; 1 for an arm that is not tested.
        equivalence: TOST, with its own p; None: no margin, or fewer than 2 seeds.
        p_equivalence: that p, adjusted over the arms after Holm; None as before.
        seeds_to_decide: for `undecided`: seeds in all that would decide with the declared power, were the observed
            mean and deviation of the differences the true ones; None: not undecided, or no number would.
        smallest_visible: the true mean difference that the seeds at hand find with the declared power; inf: none,
            there are too few for p to reach α; nan: unknown with one seed.
        notes: what limits the verdict, in words.
    """

    arm: Summary
    verdict: Verdict
    paired: Paired
    improvement: Interval
    p: float
    equivalence: Equivalence | None
    p_equivalence: float | None
    seeds_to_decide: int | None
    smallest_visible: float
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Comparisons:
    """All arms.

    Attributes:
        reference: by itself.
        arms: in the order given.
        declared: what was laid down beforehand.
        tested: number of arms over which p-values are adjusted; identical ones are not tested.
    """

    reference: Summary
    arms: tuple[Comparison, ...]
    declared: Declared
    tested: int


@dataclass(frozen=True, slots=True)
class _Tested:
    """An arm between its tests and its verdict."""

    scores: ArmScores
    paired: Paired
    equivalence: Equivalence | None
    identical: bool


def compare(
    reference: ArmScores,
    arms: Sequence[ArmScores],
    declared: Declared,
    rng: np.random.Generator,
    *,
    identical: Collection[str] = (),
    resamples: int = RESAMPLES,
) -> Comparisons:
    """Every arm beside the reference, with verdicts.

    The same arms and a generator of the same seed give the same result to the last bit.

    Args:
        reference: what arms are compared with ("all on").
        arms: same tasks and seeds as the reference.
        declared: metric, margin and levels.
        rng: where every draw comes from.
        identical: names of arms whose whole trajectories equal the reference's bit by bit. Equal scores alone do not
            make an arm identical: a score with a ceiling can be equal for other reasons.
        resamples: of each bootstrap.

    Raises:
        UsageError: shapes that differ from the reference's; an identical arm that is none; a task that no run of any
            arm finished.
    """
    for arm in arms:
        require_paired(reference, arm)
    for name in set(identical) - {arm.name for arm in arms}:
        raise UsageError(f"no arm is called {name!r}", "name arms of this comparison as identical")
    filled, *others = fill_failures([reference, *arms], declared.better, declared.worst)
    rows = [_test(filled, arm, declared, rng, arm.name in identical, resamples) for arm in others]
    differ = _adjusted([None if row.identical else row.paired.p for row in rows])
    equal = _adjusted(
        [row.equivalence.p if row.equivalence and not row.identical else None for row in rows]
    )
    tested = sum(not row.identical for row in rows)
    return Comparisons(
        _summary(filled, rng, resamples),
        tuple(
            _judge(filled, row, declared, max(1, tested), p, other, rng, resamples)
            for row, p, other in zip(rows, differ, equal, strict=True)
        ),
        declared,
        tested,
    )


def _adjusted(p_values: list[float | None]) -> list[float | None]:
    """Holm over those that are there."""
    adjusted = iter(holm([p for p in p_values if p is not None]))
    return [None if p is None else next(adjusted) for p in p_values]


def _test(
    reference: ArmScores, arm: ArmScores, declared: Declared, rng: np.random.Generator,
    identical: bool, resamples: int,
) -> _Tested:  # fmt: skip
    paired = compare_pairs(reference, arm, rng, resamples=resamples)
    found = None
    if declared.margin is not None and paired.seeds > 1:
        average = float(paired.differences.mean())
        found = tost(average, paired.deviation, paired.seeds, declared.margin, declared.alpha)
    return _Tested(arm, paired, found, identical)


def _judge(
    reference: ArmScores, row: _Tested, declared: Declared, family: int,
    p: float | None, p_equivalence: float | None, rng: np.random.Generator, resamples: int,
) -> Comparison:  # fmt: skip
    paired, arm = row.paired, row.scores
    average = float(paired.differences.mean())
    hindrance = obstacle(reference, arm)
    verdict = decide(
        Evidence(
            paired.seeds,
            row.identical,
            average if declared.better == "higher" else -average,
            1.0 if p is None else p,
            p_equivalence,
            not hindrance,
        ),
        declared.alpha,
    )
    alpha = declared.alpha / family
    wanted = None
    if verdict is Verdict.UNDECIDED:
        margin = None if hindrance else declared.margin
        wanted = seeds_to_decide(
            average, paired.deviation, paired.seeds, margin, alpha, declared.power
        )
    visible = math.nan
    if paired.seeds > 1:
        visible = smallest_visible(paired.deviation, paired.seeds, alpha, declared.power)
    return Comparison(
        _summary(arm, rng, resamples),
        verdict,
        paired,
        improvement(arm.values, reference.values, rng, better=declared.better, resamples=resamples),
        1.0 if p is None else p,
        row.equivalence,
        p_equivalence,
        wanted,
        visible,
        notes(reference, arm, paired, verdict, alpha),
    )


def _summary(arm: ArmScores, rng: np.random.Generator, resamples: int) -> Summary:
    found = interval(iqm, arm.values, rng=rng, resamples=resamples)
    return Summary(arm.name, found, arm.values.size, arm.failures, int(arm.censored.sum()))
