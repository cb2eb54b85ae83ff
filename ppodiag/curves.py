"""Curves of a trajectory for pictures: thinned to what an eye can tell apart.

The steps of an update are drawn over the rollout that they learn from, so an update that has collected
its last sample at x ends at x.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
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
    """Whether so many cycles of a cosine fall on so few points that a line would show none of them."""
    schedule = t.schedule
    if schedule.kind != "cosine_annealing_with_warmup" or not schedule.restarts:
        return False
    cycles = (t.ticks[t.median_path] - schedule.origin) / schedule.period
    return cycles > points / POINTS_A_CYCLE


def lr_curve(t: Trajectory, points: int = POINTS) -> Curve:
    """The learning rate over environment steps.

    Of cycles that are too short to draw, the band from the floor to the peak and the mean of a cycle.

    One path, or a fixed batch: of every optimizer step, or of as many as there are points. Several: of the last step of
    each update.
    """
    if not t.updates:
        nothing = np.zeros(0)
        return Curve(nothing, nothing, nothing, nothing)
    if cycles_too_short(t, points):
        return _cycle_band(t, points)
    if len(t.seeds) == 1 or t.fixed:
        reader = StepReader(t, 0)
        numbers = _chosen(t.optimizer_steps[0], points)
        updates, share, lr = reader.optimizer_steps(numbers)
        return _curve((t.skipped + updates + share) * t.samples, lr[:, None])
    updates = _chosen(t.updates, points)
    values = np.stack(
        [StepReader(t, path).last_of(updates) for path in range(len(t.seeds))], axis=1
    )
    return _curve((t.skipped + updates + 1.0) * t.samples, values)


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


def restarts(t: Trajectory) -> list[float]:
    """Environment steps of the restarts of the median path; empty where there are too many to mark."""
    schedule = t.schedule
    if schedule.kind != "cosine_annealing_with_warmup" or not schedule.restarts:
        return []
    tick, end = first_restart(schedule), t.ticks[t.median_path]
    if (end - tick) // schedule.period > MOST_MARKS:
        return []
    found = []
    while (update := t.update_at_tick(tick, t.median_path)) is not None:
        found.append(float(t.env_steps_of(update)))
        tick += schedule.period
    return found
