"""What a feature costs: time and memory of runs that were alone on the machine, arms interleaved."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ppodiag.ablate.statistics.bootstrap import RESAMPLES
from ppodiag.ablate.statistics.scores import FloatArray

LEVEL = 0.95

FEWEST_ROUNDS = 5
"""Rounds below which a share has no interval: the lowest and the highest of n rounds hold the median with
1 − 2^(1 − n), 0.94 with five and 0.75 with three."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its interval.

    Attributes:
        value: of 1.
        low, high: the ends; nan: there are too few rounds for an interval.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Cost:
    """Timed runs of one arm, beside the reference's of the same rounds.

    Attributes:
        rounds: that have a result in both.
        steps_per_second: median over rounds of each round's median; nan: not measured.
        lowest, highest: of the rounds.
        speed: how much faster than the reference, (v − v_ref) / v_ref, median over the rounds, with a
            bootstrap interval; None for the reference.
        peak_bytes: median over rounds of the highest memory.
        memory: how much less memory than the reference, as a share of the reference's.
        by: what was timed: `updates` of the log, or whole `processes`, their start among it.
    """

    rounds: int
    steps_per_second: float
    lowest: float
    highest: float
    speed: Share | None
    peak_bytes: float
    memory: Share | None
    by: str


def costs(
    results: Mapping[str, Mapping[int, Mapping[str, Any]]],
    reference: str,
    warmup: Mapping[str, float],
    rng: np.random.Generator,
) -> dict[str, Cost]:
    """The cost of each arm.

    Args:
        results: arm to round to the complete result of its timed run.
        reference: name of the arm that the others are beside.
        warmup: arm to the share of its logged updates that is dropped.
        rng: of the intervals.
    """
    measured = {
        arm: {number: _measure(result, warmup[arm]) for number, result in rounds.items()}
        for arm, rounds in results.items()
    }
    base = measured.get(reference, {})
    found = {}
    for arm, rounds in measured.items():
        common = sorted(set(rounds) & set(base))
        if not common:
            continue
        own = np.array([rounds[n][:2] for n in common])
        other = np.array([base[n][:2] for n in common])
        speeds = own[:, 0]
        alone = arm == reference
        found[arm] = Cost(
            rounds=len(common),
            steps_per_second=float(np.median(speeds)),
            lowest=float(speeds.min()),
            highest=float(speeds.max()),
            speed=None if alone else _share(speeds / other[:, 0] - 1, rng),
            peak_bytes=float(np.median(own[:, 1])),
            memory=None if alone else _share(1 - own[:, 1] / other[:, 1], rng),
            by=rounds[common[0]][2],
        )
    return found


def round_values(result: Mapping[str, Any], warmup: float) -> tuple[float, float]:
    """Env steps/s and highest memory of one timed run, bytes."""
    speed, peak, _ = _measure(result, warmup)
    return speed, peak


def _measure(result: Mapping[str, Any], warmup: float) -> tuple[float, float, str]:
    """Env steps/s, bytes, and what was timed."""
    [run] = result["runs"]
    measured = result["measured"]
    peak = run["peak_bytes"] or measured["peak_process_bytes"]
    speeds: Sequence[float] = run["speeds"]
    dropped = math.ceil(len(speeds) * warmup)
    if len(speeds) - dropped >= 2:
        return float(np.median(speeds[dropped:])), float(peak or math.nan), "updates"
    steps = run["totals"].get("env_steps")
    speed = steps / measured["seconds"] if steps and measured["seconds"] else math.nan
    return speed, float(peak or math.nan), "processes"


def _share(values: FloatArray, rng: np.random.Generator) -> Share:
    """Median with a percentile bootstrap interval over the rounds, where they are enough for one."""
    if not np.isfinite(values).all():
        return Share(math.nan, math.nan, math.nan)
    if len(values) < FEWEST_ROUNDS:
        return Share(float(np.median(values)), math.nan, math.nan)
    drawn = np.median(values[rng.integers(0, len(values), (RESAMPLES, len(values)))], axis=1)
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Share(float(np.median(values)), float(low), float(high))
