"""What a feature costs: time and memory of runs made one at a time, arms interleaved."""

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


NEAR = 0.1
"""Logged memory this near to the process's is that of the process. [judgement]"""


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
        memory_of: whose memory it is, in words.
        overlaps: whether a run of one arm was as fast as one of the other; False for the reference.
        seconds: that were timed of the shortest run of either arm.
        by: what was timed: `updates` of the log, or whole `processes`, their start among it.
    """

    rounds: int
    steps_per_second: float
    lowest: float
    highest: float
    speed: Share | None
    peak_bytes: float
    memory: Share | None
    memory_of: str
    overlaps: bool
    seconds: float
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
        own = np.array([(rounds[n].speed, rounds[n].peak, rounds[n].seconds) for n in common])
        other = np.array([(base[n].speed, base[n].peak, base[n].seconds) for n in common])
        speeds, theirs = own[:, 0], other[:, 0]
        alone = arm == reference
        found[arm] = Cost(
            rounds=len(common),
            steps_per_second=float(np.median(speeds)),
            lowest=float(speeds.min()),
            highest=float(speeds.max()),
            speed=None if alone else _share(speeds / other[:, 0] - 1, rng),
            peak_bytes=float(np.median(own[:, 1])),
            memory=None if alone else _share(1 - own[:, 1] / other[:, 1], rng),
            memory_of=rounds[common[0]].memory_of,
            overlaps=not alone
            and bool(speeds.min() <= theirs.max() and theirs.min() <= speeds.max()),
            seconds=float(min(own[:, 2].min(), other[:, 2].min())),
            by=rounds[common[0]].by,
        )
    return found


def round_values(result: Mapping[str, Any], warmup: float) -> tuple[float, float]:
    """Env steps/s and highest memory of one timed run, bytes."""
    found = _measure(result, warmup)
    return found.speed, found.peak


@dataclass(frozen=True, slots=True)
class _Measured:
    """One timed run: env steps/s, bytes, whose these are, seconds timed, and what was timed."""

    speed: float
    peak: float
    memory_of: str
    seconds: float
    by: str


def _measure(result: Mapping[str, Any], warmup: float) -> _Measured:
    [run] = result["runs"]
    measured = result["measured"]
    peak = float(run["peak_bytes"] or measured["peak_process_bytes"] or math.nan)
    of = _memory_of(run["peak_bytes"], measured["peak_process_bytes"])
    speeds: Sequence[float] = run["speeds"]
    steps = run["totals"].get("env_steps")
    dropped = math.ceil(len(speeds) * warmup)
    if len(speeds) - dropped >= 2:
        kept = np.array(speeds[dropped:])
        # Each update is of as many env steps; unknown ones, or a speed of 0, leave the time of the process, which is longer.
        known = steps is not None and bool((kept > 0).all())
        seconds = float((steps / len(speeds) / kept).sum()) if known else float(measured["seconds"])
        return _Measured(float(np.median(kept)), peak, of, seconds, "updates")
    whole = measured["seconds"]
    speed = steps / whole if steps and whole else math.nan
    return _Measured(speed, peak, of, float(whole), "processes")


def _memory_of(logged: float | None, process: float | None) -> str:
    """Whose memory is told: a log may say the process's, as the bundled trainer's does on a CPU."""
    if not logged:
        return "of the process, libraries included"
    if process and abs(logged / process - 1) < NEAR:
        return "as logged, about the whole process's, libraries included"
    return "as logged"


def _share(values: FloatArray, rng: np.random.Generator) -> Share:
    """Median with a percentile bootstrap interval over the rounds, where they are enough for one."""
    if not np.isfinite(values).all():
        return Share(math.nan, math.nan, math.nan)
    if len(values) < FEWEST_ROUNDS:
        return Share(float(np.median(values)), math.nan, math.nan)
    drawn = np.median(values[rng.integers(0, len(values), (RESAMPLES, len(values)))], axis=1)
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Share(float(np.median(values)), float(low), float(high))
