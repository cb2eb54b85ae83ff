"""The learning-rate schedule: the only place with its formulas.

λ(t) = lr(t) / lr is written once, over an array namespace: `math` for one tick, `numpy` for an
array of ticks. Sums and counts over ticks are closed forms, so a run of 10^15 steps costs no more
than a short one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Literal

    Kind = Literal["cosine_annealing_with_warmup", "linear", "constant"]


@dataclass(frozen=True, slots=True)
class Schedule:
    """One schedule with every convention resolved; all lengths are in ticks of its clock.

    Attributes:
        kind: the shape after warm-up.
        warmup: W; λ rises linearly while t < W.
        period: P, at least 1; used by the cosine only.
        restarts: True: the cosine begins again every P ticks; False: after one cycle λ stays at
            the floor.
        floor: r, the ratio of the lowest to the peak learning rate, 0 to 1.
        end: tick at which a linear schedule reaches its floor.
        clamped: True: a linear schedule stays at its floor; False: it goes on falling.
        shift: 0 for warm-up as t/W, 1 for (t+1)/W.
        origin: tick from which the cosine's phase counts, W or 0.
    """

    kind: Kind
    warmup: int = 0
    period: int = 1
    restarts: bool = True
    floor: float = 0.0
    end: int = 1
    clamped: bool = True
    shift: int = 0
    origin: int = 0


def lr_ratio(schedule: Schedule, tick: Any, xp: Any = math) -> Any:
    """λ at a tick, or at each tick of an array.

    Warm-up: (t + shift) / W for t < W. Cosine: r + (1 − r)/2 · (1 + cos(π · phase / P)) with
    phase = (t − origin) mod P. Linear: 1 − (1 − r) · (t − W)/(end − W). Constant: 1. The peak is
    exactly 1.

    Args:
        schedule: the resolved schedule.
        tick: t ≥ 0, an int or an integer array of any shape.
        xp: the namespace with `cos`: `math` for an int, `numpy` for an array.

    Returns:
        λ, dimensionless, of the shape of `tick`; within [0, 1] unless the schedule is unclamped.
    """
    warming = tick < schedule.warmup
    ramp = (tick + schedule.shift) / max(schedule.warmup, 1)
    return warming * ramp + (1 - warming) * _after_warmup(schedule, tick, xp)


def _after_warmup(schedule: Schedule, tick: Any, xp: Any) -> Any:
    r = schedule.floor
    if schedule.kind == "cosine_annealing_with_warmup":
        elapsed = tick - schedule.origin
        if schedule.restarts:
            phase = elapsed % schedule.period
        else:
            done = elapsed >= schedule.period
            phase = done * schedule.period + (1 - done) * elapsed
        return r + (1 - r) / 2 * (1 + xp.cos(math.pi * phase / schedule.period))
    if schedule.kind == "linear":
        length = max(schedule.end - schedule.warmup, 1)
        ratio = 1 - (1 - r) * (tick - schedule.warmup) / length
        if schedule.clamped:
            low = ratio < r
            ratio = low * r + (1 - low) * ratio
        return ratio
    return 1.0 + 0 * tick


def first_restart(schedule: Schedule) -> int:
    """The first tick after the end of warm-up at which a cosine begins again.

    With the origin after warm-up it is W + P. With the origin at 0 the cycles that end within the
    warm-up are no restarts: the ramp hides them.
    """
    cycles = (schedule.warmup - schedule.origin) // schedule.period + 1
    return schedule.origin + cycles * schedule.period


def lr_ratio_sum(schedule: Schedule, start: int, stop: int, stride: int = 1) -> float:
    """Σ λ(t) over t = start, start + stride, … below stop, in closed form for each cycle.

    Whole rounds of cycles, after which the phases repeat, are one term; what is left are at most
    `stride` cycles.
    """
    count = _reads_before(stop, start, stride)
    warm = min(count, _reads_before(schedule.warmup, start, stride))
    total = (warm * (start + schedule.shift) + stride * _pairs(warm)) / max(schedule.warmup, 1)
    begin, rest = start + warm * stride, count - warm
    if schedule.kind == "cosine_annealing_with_warmup":
        return total + _cosine_sum(schedule, begin - schedule.origin, stride, rest)
    if schedule.kind == "linear":
        return total + _linear_sum(schedule, begin - schedule.warmup, stride, rest)
    return total + rest


def lr_ratio_mean(schedule: Schedule, start: int, stop: int, stride: int = 1) -> float:
    """The mean of λ(t) over t = start, start + stride, … below stop; there must be one such t."""
    count = _reads_before(stop, start, stride)
    return lr_ratio_sum(schedule, start, stop, stride) / count


def lr_ratio_peak(schedule: Schedule, start: int, stop: int, stride: int = 1) -> float:
    """The highest λ(t) over t = start, start + stride, … below stop; there must be one such t."""
    count = _reads_before(stop, start, stride)
    warm = min(count, _reads_before(schedule.warmup, start, stride))
    ticks = [start + max(warm - 1, 0) * stride]
    if warm < count:
        begin = start + warm * stride
        ticks.append(begin)
        if schedule.kind == "cosine_annealing_with_warmup" and schedule.restarts:
            phase = (begin - schedule.origin) % schedule.period
            ticks.append(begin - phase + _lowest_phase(schedule, phase, stride, count - warm))
    return max(float(lr_ratio(schedule, tick)) for tick in ticks)


def _lowest_phase(s: Schedule, phase: int, stride: int, count: int) -> int:
    """The lowest phase of a cosine that is read, plus a cycle where it is below the first one."""
    common = math.gcd(stride, s.period)
    lowest = phase % common
    if count < s.period // common:
        lowest = min(first for first, _ in _cycles(s, phase, stride, count))
    return lowest if lowest >= phase else lowest + s.period


def _reads_before(limit: int, start: int, stride: int) -> int:
    """How many of start, start + stride, … are below a limit."""
    return max(0, -((start - limit) // stride))


def _pairs(count: int) -> int:
    """0 + 1 + … + (count − 1)."""
    return count * (count - 1) // 2


def _cycles(s: Schedule, phase: int, stride: int, count: int) -> Iterator[tuple[int, int]]:
    """First phase, and number of reads, in each cycle of a cosine."""
    stride %= s.period
    while count:
        here = count if stride == 0 else min(count, _reads_before(s.period, phase, stride))
        yield phase, here
        count -= here
        phase = (phase + here * stride) % s.period


def _cosine_sum(s: Schedule, elapsed: int, stride: int, count: int) -> float:
    """Σ λ over reads that begin `elapsed` ticks after the origin."""
    half = (1 - s.floor) / 2
    if not s.restarts:
        falling = min(count, _reads_before(s.period, elapsed, stride))
        cosines = _cosines(s.period, elapsed, stride, falling)
        return s.floor * count + half * (falling + cosines)
    common = math.gcd(stride, s.period)
    rounds, rest = divmod(count, s.period // common)
    phase = elapsed % s.period
    cosines = rounds * _cosines(s.period, phase % common, common, s.period // common)
    inner = stride % s.period
    for first, here in _cycles(s, phase, stride, rest):
        cosines += _cosines(s.period, first, inner, here)
    return s.floor * count + half * (count + cosines)


def _cosines(period: int, phase: int, stride: int, count: int) -> float:
    """Σ cos(π·(phase + k·stride)/period) over 0 ≤ k < count, by Lagrange's identity."""
    if count < 2 or stride == 0:
        return count * math.cos(math.pi * phase / period)
    half = math.pi * stride / (2 * period)
    middle = math.pi * (2 * phase + (count - 1) * stride) / (2 * period)
    return math.sin(count * half) * math.cos(middle) / math.sin(half)


def _linear_sum(s: Schedule, elapsed: int, stride: int, count: int) -> float:
    """Σ λ over reads that begin `elapsed` ticks after the warm-up."""
    length = max(s.end - s.warmup, 1)
    falling = min(count, _reads_before(length, elapsed, stride)) if s.clamped else count
    slope = (1 - s.floor) / length
    return (
        falling
        - slope * (falling * elapsed + stride * _pairs(falling))
        + s.floor * (count - falling)
    )


def ticks_below(schedule: Schedule, threshold: float, start: int, stop: int) -> int:
    """The number of ticks after warm-up, start ≤ t < stop, at which λ(t) < threshold."""
    start = max(start, schedule.warmup)
    if stop <= start or schedule.kind == "constant":
        return 0
    if schedule.kind == "linear":
        first = _first_below(schedule, threshold, schedule.warmup, stop)
        return max(0, stop - max(first, start))
    if not schedule.restarts:
        first = _first_below(
            schedule, threshold, schedule.origin, schedule.origin + schedule.period + 1
        )
        if first > schedule.origin + schedule.period:
            return 0
        return max(0, stop - max(first, start))
    origin, period = schedule.origin, schedule.period
    first = _first_below(schedule, threshold, origin, origin + period) - origin

    def before(tick: int) -> int:
        cycles, rest = divmod(tick - origin, period)
        return cycles * (period - first) + max(0, rest - first)

    return before(stop) - before(start)


def _first_below(s: Schedule, threshold: float, start: int, stop: int) -> int:
    """The first tick of a falling stretch at which λ < threshold, or `stop`; by bisection."""
    low, high = start, stop
    while low < high:
        middle = (low + high) // 2
        if _after_warmup(s, middle, math) < threshold:
            high = middle
        else:
            low = middle + 1
    return low
