"""Time and memory of runs that should differ in nothing else: what is measured, and when it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ppodiag.runlog import Run

LEAST = 0.03
"""Of the smaller value: a smaller difference does not count. [judgement]"""

LEAST_SECONDS = 0.1
LEAST_BYTES = 2_000_000
"""The same for time and memory of whole processes, whose start varies by as much. [judgement]"""

UPDATE_TAGS = ("update_seconds", "Training/update_seconds")
"""Logged seconds of the update alone, as the reference trainer has them."""

MEMORY_WORDS = ("peak_mem", "max_mem", "memory", "vram")
"""Words of tags that hold memory, the best first."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure of two kinds of runs.

    Attributes:
        what: in words, with the unit.
        first, second: its values, one a run.
        least: a smaller difference does not count, whatever its share.
    """

    what: str
    first: tuple[float, ...]
    second: tuple[float, ...]
    least: float = 0.0

    @property
    def change(self) -> float:
        """Median of the second against that of the first, as a share."""
        return float(np.median(self.second) / np.median(self.first) - 1)

    @property
    def resolution(self) -> float:
        """The smallest change of the median that would have counted, about, as a share of the first.

        Half of either spread up to where the kinds no longer touch, and the wider one between them.
        """
        spreads = [float(np.ptp(self.first)), float(np.ptp(self.second))]
        seen = max(sum(spreads) / 2 + max(spreads), self.least)
        return max(LEAST, seen / float(np.median(self.first)))

    @property
    def apart(self) -> bool:
        """Whether the two kinds are told apart.

        The gap between them is at least as wide as either of them, and at least `LEAST` and `least`.
        """
        low, high = sorted((self.first, self.second), key=max)
        gap = min(high) - max(low)
        wanted = max(np.ptp(low), np.ptp(high), LEAST * max(low), self.least)
        return bool(gap >= wanted > 0)


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of one run.

    Attributes:
        what: was measured, in words.
        value: of it.
        least: see `Measured`.
    """

    what: str
    value: float
    least: float = 0.0


def update_seconds(run: Run, process_seconds: float) -> Reading:
    """What was timed: updates as logged, else env steps as logged, else the whole process.

    The first update is left out where there are others: it holds what is loaded and allocated once.
    """
    for tag in UPDATE_TAGS:
        if tag in run.series:
            return Reading("seconds of an update", _median(run.series[tag].values))
    speed = run.columns.get("env_steps_per_second")
    if speed is not None and np.isfinite(speed.values).any() and (speed.values > 0).all():
        return Reading("seconds of 1,000 env steps", 1000 / _median(speed.values))
    return Reading("seconds of the process", process_seconds, LEAST_SECONDS)


def peak_memory(run: Run, process_bytes: int | None) -> Reading | None:
    """The highest memory that the log has, in its own unit, else the process's; None: not known."""
    for word in MEMORY_WORDS:
        for tag, series in run.series.items():
            if word in tag.lower() and np.isfinite(series.values).any():
                return Reading(f"highest {tag}", float(np.nanmax(series.values)))
    if process_bytes is None:
        return None
    return Reading("peak memory of the process", float(process_bytes), LEAST_BYTES)


def measured(first: Sequence[Reading | None], second: Sequence[Reading | None]) -> Measured | None:
    """One measure of two kinds of runs; None where not all runs have it."""
    known = [reading for reading in (*first, *second) if reading is not None]
    if len(known) < len(first) + len(second) or len({reading.what for reading in known}) > 1:
        return None
    values = [reading.value for reading in known]
    if not np.isfinite(values).all():
        return None
    split = len(first)
    return Measured(known[0].what, tuple(values[:split]), tuple(values[split:]), known[0].least)


def _median(values: Sequence[float] | np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    kept = np.asarray(values)
    kept = kept[np.isfinite(kept)]
    return float(np.median(kept[1:] if len(kept) > 1 else kept)) if len(kept) else float("nan")
