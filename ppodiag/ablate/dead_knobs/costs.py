"""Time and memory of runs that should differ in nothing else: what is measured, and when it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ppodiag.runlog import Run

LEAST = 0.03
"""Of the smaller value: a smaller difference does not count. [judgement]"""

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
    """

    what: str
    first: tuple[float, ...]
    second: tuple[float, ...]

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
        return max(LEAST, (sum(spreads) / 2 + max(spreads)) / float(np.median(self.first)))

    @property
    def apart(self) -> bool:
        """Whether the two kinds are told apart.

        The gap between them is at least as wide as either of them, and at least `LEAST`.
        """
        low, high = sorted((self.first, self.second), key=max)
        gap = min(high) - max(low)
        return gap >= max(np.ptp(low), np.ptp(high)) and gap >= LEAST * max(low) > 0


def update_seconds(run: Run, process_seconds: float) -> tuple[str, float]:
    """What was timed, and its seconds: updates as logged, else env steps as logged, else the process.

    The first update is left out where there are others: it holds what is loaded and allocated once.
    """
    for tag in UPDATE_TAGS:
        if tag in run.series:
            return "seconds of an update", _median(run.series[tag].values)
    speed = run.columns.get("env_steps_per_second")
    if speed is not None and np.isfinite(speed.values).any() and (speed.values > 0).all():
        return "seconds of 1,000 env steps", 1000 / _median(speed.values)
    return "seconds of the process", process_seconds


def peak_bytes(run: Run, process_bytes: int | None) -> tuple[str, float] | None:
    """What was measured, and its bytes, or the unit of the log; None: nothing was."""
    for word in MEMORY_WORDS:
        for tag, series in run.series.items():
            if word in tag.lower() and np.isfinite(series.values).any():
                return f"highest {tag}", float(np.nanmax(series.values))
    return None if process_bytes is None else ("peak memory of the process", float(process_bytes))


def _median(values: Sequence[float] | np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    kept = np.asarray(values)
    kept = kept[np.isfinite(kept)]
    return float(np.median(kept[1:] if len(kept) > 1 else kept)) if len(kept) else float("nan")
