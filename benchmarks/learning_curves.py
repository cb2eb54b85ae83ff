"""Curves of learning: returns of episodes, their running mean, and intervals over seeds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

WINDOW = 100  # episodes
LEVELS = (400.0, 475.0)
RESAMPLES = 10_000
POINTS = 50


@dataclass(frozen=True)
class Curve:
    """The episodes of one seed, in the order of their ends.

    Attributes:
        seed: its number.
        env_steps: of all environments, when each episode ended.
        returns: of each episode.
        seconds: wall-clock time of the training, of all seeds trained at once together.
    """

    seed: int
    env_steps: list[int]
    returns: list[float]
    seconds: float

    def means(self) -> Any:
        """The mean of the last `WINDOW` episodes after each, from the first full window on."""
        sums = np.concatenate(([0.0], np.cumsum(self.returns)))
        return (sums[WINDOW:] - sums[:-WINDOW]) / WINDOW

    def best(self) -> float:
        """The highest of the running means; nan where there are fewer episodes."""
        means = self.means()
        return float(means.max()) if len(means) else float("nan")

    def final(self) -> float:
        """The last running mean."""
        means = self.means()
        return float(means[-1]) if len(means) else float("nan")

    def reached(self, level: float) -> int | None:
        """The env step at which the running mean first reaches a level; None: never."""
        above = np.flatnonzero(self.means() >= level)
        return self.env_steps[above[0] + WINDOW - 1] if len(above) else None

    def at(self, env_step: float) -> float:
        """The running mean at an env step; before the first full window, of what there is."""
        count = int(np.searchsorted(self.env_steps, env_step, side="right"))
        past = self.returns[max(0, count - WINDOW) : count]
        return float(np.mean(past)) if past else 0.0

    def over_the_run(self, length: int) -> float:
        """The mean of the running mean over `POINTS` places of a run."""
        marks = [length * (k + 1) / POINTS for k in range(POINTS)]
        return sum(map(self.at, marks)) / POINTS

    def as_dict(self) -> dict[str, Any]:
        """For a file."""
        return asdict(self)


def interval(values: list[float]) -> tuple[float, float, float]:
    """Mean over seeds and its 95% interval, by a percentile bootstrap with fixed numbers."""
    sample = np.asarray(values)
    picks = np.random.default_rng(0).integers(0, len(sample), (RESAMPLES, len(sample)))
    low, high = np.percentile(sample[picks].mean(axis=1), [2.5, 97.5])
    return float(sample.mean()), float(low), float(high)


def chance(first: list[float], second: list[float]) -> float:
    """How often a random split of the seeds has means at least as far apart: a permutation test."""
    both, count = np.array(first + second), len(first)
    found = abs(both[:count].mean() - both[count:].mean())
    random = np.random.default_rng(0)
    splits = (random.permutation(both) for _ in range(RESAMPLES))
    far = [abs(split[:count].mean() - split[count:].mean()) >= found for split in splits]
    return float(np.mean(far))
