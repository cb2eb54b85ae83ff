"""Curves of a trajectory for pictures: thinned to what an eye can tell apart.

The steps of an update are drawn over the rollout that they learn from, so an update that has collected
its last sample at x ends at x.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from ppodiag.config import Unavailable
from ppodiag.memory import MemoryEstimate, estimate_for
from ppodiag.norms.model import FloatArray
from ppodiag.schedule import first_restart
from ppodiag.trajectory import IntArray, Trajectory
from ppodiag.trajectory_rows import StepReader

POINTS = 4000
"""Points of a curve."""

POINTS_A_CYCLE = 8
"""Points below which a cycle cannot be seen."""

MOST_VALUES = 10_000_000
"""Values of one curve over all paths: 80 MB."""

MOST_MARKS = 60
"""Restarts that are marked one by one."""


@dataclass(frozen=True, eq=False)
class Curve:
    """A quantity over the run: median over the paths, with the band from 5% to 95%.

    Attributes:
        env_steps: shape (points,).
        median, low, high: shape (points,); the band is the line where the paths agree.
    """

    env_steps: FloatArray
    median: FloatArray
    low: FloatArray
    high: FloatArray

    @property
    def banded(self) -> bool:
        """Whether the paths differ anywhere."""
        return bool(np.any(self.low < self.high))


def _curve(places: Any, values: FloatArray) -> Curve:
    """A curve of values with shape (points, paths)."""
    x = np.asarray(places, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        low, median, high = np.quantile(values, (0.05, 0.5, 0.95), axis=1)
    return Curve(x, median, low, high)


def _chosen(count: int, points: int) -> IntArray:
    """Indices that stand for `count` things, both ends among them."""
    if count <= points:
        return np.arange(count, dtype=np.int64)
    return np.unique(np.linspace(0, count - 1, points).round().astype(np.int64))


def cycles_too_short(t: Trajectory, points: int = POINTS) -> bool:
    """Whether a line would show none of the cycles of a cosine.

    So it is where many fall on few points, and where paths drift apart over many cycles, so that their median is that of
    unrelated phases.
    """
    schedule = t.schedule
    if schedule.kind != "cosine_annealing_with_warmup" or not schedule.restarts:
        return False
    cycles = (t.ticks[t.median_path] - schedule.origin) / schedule.period
    drifting = cycles > MOST_MARKS and len(set(t.ticks)) > 1
    return drifting or cycles > _affordable(t, points) / POINTS_A_CYCLE


def _affordable(t: Trajectory, points: int) -> int:
    """As many of these points as there can be on every path."""
    return max(1, min(points, MOST_VALUES // len(t.seeds)))


def lr_curve(t: Trajectory, points: int = POINTS) -> Curve:
    """The learning rate over environment steps.

    Of cycles that are too short to draw, the band from the floor to the peak and the mean of a cycle.

    One path, or a fixed batch: of every optimizer step, or of as many as there are points. Several: at equal parts of
    each update, as many as show every step or give the points; of more updates than points, at the end of some.
    Where their cycles restart the median path stands for the median (`follows_one_path`).
    """
    if not t.updates:
        nothing = np.zeros(0)
        return Curve(nothing, nothing, nothing, nothing)
    if cycles_too_short(t, points):
        return _cycle_band(t, points)
    if len(t.seeds) == 1 or t.fixed:
        return _of_path(t, 0, points)
    return _over_paths(t, _affordable(t, points))


def median_lr_curve(t: Trajectory, points: int = POINTS) -> Curve:
    """The learning rate of the median path alone, of which the tables of a sweep speak."""
    if not t.updates or cycles_too_short(t, points):
        return lr_curve(t, points)
    return _of_path(t, t.median_path, points)


def _of_path(t: Trajectory, path: int, points: int) -> Curve:
    numbers = _chosen(t.optimizer_steps[path], points)
    updates, share, lr = StepReader(t, path).optimizer_steps(numbers)
    return _curve((t.skipped + updates + share) * t.samples, lr[:, None])


def _over_paths(t: Trajectory, points: int) -> Curve:
    """The learning rate of several paths at the same places, several to an update where there is room."""
    updates = _chosen(t.updates, points)
    paths, parts = range(len(t.seeds)), -(-points // t.updates)
    if parts > 1:
        parts = min(parts, max(int(t.windows_done(path).max()) for path in paths))
    part = np.arange(1, parts + 1)
    values = []
    for path in paths:
        windows = t.windows_done(path)
        before = np.cumsum(windows) - windows
        # The step that is under way, or just over, when this part of the update is done.
        within = -(-part * windows[updates, None] // parts) - 1
        numbers = (before[updates, None] + within).ravel()
        values.append(StepReader(t, path).optimizer_steps(numbers)[2])
    x = (t.skipped + updates[:, None] + part / parts) * t.samples
    found = np.stack(values, axis=1)
    curve = _curve(x.ravel(), found)
    return replace(curve, median=found[:, t.median_path]) if follows_one_path(t) else curve


def follows_one_path(t: Trajectory) -> bool:
    """Whether the line is the median path: of cycles at unrelated phases the median is the rate of none."""
    schedule = t.schedule
    if schedule.kind != "cosine_annealing_with_warmup" or not schedule.restarts:
        return False
    return len(set(t.ticks)) > 1 and max(t.ticks) > first_restart(schedule)


def _cycle_band(t: Trajectory, points: int) -> Curve:
    """The ramp of the warm-up, then floor, mean and peak of the cycles."""
    updates = _chosen(t.updates, points)
    x = (t.skipped + updates + 1.0) * t.samples
    last = StepReader(t, t.median_path).last_of(updates)
    end = t.update_at_tick(t.schedule.warmup, t.median_path)
    cycling = updates > (t.updates if end is None else end)
    floor = t.config.lr * t.schedule.floor
    mean = (floor + t.config.lr) / 2
    return Curve(
        np.asarray(x, dtype=np.float64),
        np.where(cycling, mean, last),
        np.where(cycling, floor, last),
        np.where(cycling, t.config.lr, last),
    )


def size_curve(t: Trajectory, points: int = POINTS) -> Curve:
    """The minibatch size over environment steps, one point an update."""
    return _by_update(t, t.sizes, points)


def norm_curve(t: Trajectory, points: int = POINTS) -> Curve:
    """The gradient norm over environment steps, one point an update."""
    return _by_update(t, t.norms, points)


def memory_curves(t: Trajectory, points: int = POINTS) -> tuple[Curve, dict[str, FloatArray]]:
    """Estimated memory in bytes over environment steps, and its parts at the median size.

    Raises:
        Unavailable: the file does not say what the networks are.
    """
    sizes = size_curve(t, points)
    known: dict[int, MemoryEstimate] = {}

    def at(values: FloatArray) -> list[MemoryEstimate]:
        for size in np.unique(values).astype(int).tolist():
            if size not in known:
                found = estimate_for(t.config, size) if t.config.architecture else None
                if found is None:
                    raise Unavailable("architecture")
                known[size] = found
        return [known[int(size)] for size in values.tolist()]

    totals = [
        np.array([found.total for found in at(values)], dtype=np.float64)
        for values in (sizes.median, sizes.low, sizes.high)
    ]
    middle = at(sizes.median)
    parts = {
        part.name: np.array([getattr(found, part.name) for found in middle], dtype=np.float64)
        for part in fields(MemoryEstimate)
    }
    return Curve(sizes.env_steps, *totals), parts


def _by_update(t: Trajectory, values: Any, points: int) -> Curve:
    updates = _chosen(t.updates, points)
    x = (t.skipped + updates + 1.0) * t.samples
    if values is None:
        return _curve(x, np.full((len(updates), 1), float(t.context.size)))
    return _curve(x, np.asarray(values[updates], dtype=float))


def warmup_end(t: Trajectory) -> float | None:
    """Environment steps at which the warm-up ends, median of the paths; None: there is none, or later."""
    if not t.updates or not t.schedule.warmup:
        return None
    middle = sorted(t.warmup_ends)[(len(t.seeds) - 1) // 2]
    return middle if math.isfinite(middle) else None


def run_end(t: Trajectory) -> int:
    """Environment steps at the end of the run; more than T where its last rollout is completed."""
    return max(t.config.total_env_steps or 1, t.context.budget.rollouts * t.samples)


def restarts(t: Trajectory) -> list[float]:
    """Environment steps at which the curve of the median path restarts; empty: too many to mark."""
    schedule = t.schedule
    if schedule.kind != "cosine_annealing_with_warmup" or not schedule.restarts:
        return []
    tick, end = first_restart(schedule), t.ticks[t.median_path]
    if (end - tick) // schedule.period > MOST_MARKS:
        return []
    counts = t.ticks_of(t.median_path)
    places = [_place(t, counts, at) for at in range(tick, end + 1, schedule.period)]
    return [(t.skipped + place) * t.samples for place in places if place < t.updates]


def _place(t: Trajectory, counts: IntArray, tick: int) -> float:
    """Where among the applied updates the learning rate is first read at this tick or a later one.

    A part of an update is a part of its ticks; of a clock that is read once an update, its beginning.

    Args:
        counts: ticks of each update, shape (updates,), or (1,) where all are alike.
    """
    elapsed = max(tick - t.first_tick, 0)
    if t.profile.clock == "env_step":
        before = 1 if t.profile.update_tick == "last" else 0
        return max(-(-elapsed // t.samples) - before, 0)
    if len(counts) == 1:
        return elapsed / int(counts[0])
    ends = np.cumsum(counts)
    update = int(np.searchsorted(ends, elapsed, side="right"))
    if update == len(ends):
        return float(update)
    return float(update + (elapsed - (ends[update] - counts[update])) / counts[update])
