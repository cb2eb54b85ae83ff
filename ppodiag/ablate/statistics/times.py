"""Time to a threshold, where some runs never get there.

Every run is followed up to one common horizon, the smallest budget of any run. A run that has not reached the threshold
by then is censored: it counts with the horizon itself, in the figures below, and is never left out. With one horizon for
all, the Kaplan-Meier curve is the plain share of runs, and the mean of min(time, horizon), the restricted mean, needs no
assumption on what the censored runs would have done (Royston and Parmar 2013, "Restricted mean survival time").
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ppodiag.ablate.statistics.aggregate import mean
from ppodiag.ablate.statistics.bootstrap import Interval, interval
from ppodiag.ablate.statistics.scores import ArmScores, Direction, FloatArray, arm_scores
from ppodiag.errors import UsageError


@dataclass(frozen=True, slots=True)
class Run:
    """One run on its way to the threshold.

    Attributes:
        time: when it got there, in env_steps or seconds; inf: not within its budget.
        budget: how far it was meant to go, same unit.
        failed: whether it crashed. It then counts as censored at the horizon, even where it had been at the threshold.
    """

    time: float
    budget: float
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Reached:
    """An arm's times to the threshold.

    Attributes:
        share: of the runs that reached it within the horizon, 0 to 1.
        median: of the times, all tasks pooled; inf where too few runs reached it for a median.
        restricted_mean: of min(time, horizon), with its interval.
        horizon: up to which runs were followed.
    """

    share: float
    median: float
    restricted_mean: Interval
    horizon: float


def first_crossing(
    times: ArrayLike, curves: ArrayLike, threshold: float, better: Direction = "higher"
) -> FloatArray:
    """When each curve first is at the threshold or beyond; no smoothing and no interpolation.

    Args:
        times: shape (points,), rising, env_steps or seconds.
        curves: shape (runs, points); nan: nothing was measured there.
        threshold: in the unit of the curves.
        better: "higher": at or above; "lower": at or below.

    Returns:
        Shape (runs,); inf for a curve that never is.
    """
    at, table = np.asarray(times, np.float64), np.asarray(curves, np.float64)
    if table.ndim != 2 or at.shape != table.shape[1:]:
        raise UsageError(
            f"curves of shape {table.shape} and times of shape {at.shape}",
            "give (runs, points) and (points,)",
        )
    with np.errstate(invalid="ignore"):
        there = table >= threshold if better == "higher" else table <= threshold
    found: FloatArray = np.where(there, at, np.inf).min(axis=1, initial=np.inf)
    return found


def restricted_times(arms: Mapping[str, list[list[Run]]]) -> tuple[tuple[ArmScores, ...], float]:
    """The arms with min(time, horizon) for scores, censored runs marked, and the horizon.

    Failed runs stay marked as failed; `scores.fill_failures` with the horizon for `worst` counts them as never there.

    Args:
        arms: the runs of each arm by task and seed.

    Raises:
        UsageError: no runs, a budget that is not above 0, or tasks with different numbers of seeds.
    """
    runs = [run for tasks in arms.values() for seeds in tasks for run in seeds]
    if not runs or any(not (run.budget > 0 and math.isfinite(run.budget)) for run in runs):
        raise UsageError(
            "runs without a budget have no time to be followed", "give each run one above 0"
        )
    for name, tasks in arms.items():
        if len({len(seeds) for seeds in tasks}) != 1:
            raise UsageError(
                f"the tasks of arm {name!r} have different numbers of seeds",
                "give each task the same seeds",
            )
    horizon = min(run.budget for run in runs)
    found = []
    for name, tasks in arms.items():
        times = np.array([[run.time for run in seeds] for seeds in tasks])
        failed = [[run.failed for run in seeds] for seeds in tasks]
        late = ~(times <= horizon)
        found.append(arm_scores(name, np.where(late, horizon, times), failed, late))
    return tuple(found), horizon


def reached(arm: ArmScores, horizon: float, rng: np.random.Generator) -> Reached:
    """How many runs reached the threshold, and when.

    Args:
        arm: of `restricted_times`, failed runs filled or not.
        horizon: theirs.
        rng: where every draw comes from.
    """
    never = arm.censored | arm.failed
    times = np.where(never, np.inf, arm.values)
    ordered = np.sort(times, axis=None)
    return Reached(
        share=1 - float(never.mean()),
        median=_median(ordered),
        restricted_mean=interval(mean, np.where(never, horizon, arm.values), rng=rng),
        horizon=horizon,
    )


def _median(ordered: FloatArray) -> float:
    """The median of sorted times, some of them inf."""
    low, high = float(ordered[(ordered.size - 1) // 2]), float(ordered[ordered.size // 2])
    return math.inf if math.isinf(high) else (low + high) / 2
