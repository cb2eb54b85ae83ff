"""Synthetic logs of healthy PPO runs: the base of the run rules' cases, and of the proof.

Each metric follows a curve that real runs show, with noise that remembers (first-order
autoregressive, on a log scale where the metric is positive). Levels, trends and noise are drawn anew
for each seed, so that 200 seeds are 200 different runs and not one run with other noise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ppodiag.norms.model import FloatArray, IntArray
from ppodiag.runlog.canonical import recognise
from ppodiag.runlog.run import Note, Run, Series

Generator = np.random.Generator


@dataclass(frozen=True, eq=False)
class SyntheticRun:
    """A log before it is one: a column is an array over the updates.

    Attributes:
        steps: environment steps at each update, shape (updates,).
        columns: canonical column to values, shape (updates,).
        tags: further tags, not canonical, to values, shape (updates,).
        notes: what a reader would have said.
    """

    steps: IntArray
    columns: Mapping[str, FloatArray]
    tags: Mapping[str, FloatArray] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()

    @property
    def updates(self) -> int:
        """The number of updates."""
        return len(self.steps)

    def with_column(
        self, name: str, values: Callable[[FloatArray], Any] | FloatArray
    ) -> SyntheticRun:
        """The run with another column: an array, or a function of the column as it is."""
        new = values(self.columns[name].copy()) if callable(values) else values
        return replace(self, columns={**self.columns, name: np.asarray(new, dtype=np.float64)})

    def without(self, *names: str) -> SyntheticRun:
        """The run that never logged these columns."""
        kept = {name: values for name, values in self.columns.items() if name not in names}
        return replace(self, columns=kept)

    def as_run(self, path: str = "synthetic") -> Run:
        """The run as a reader would give it."""
        every = {**self.columns, **self.tags}
        series = {name: Series(name, self.steps, values) for name, values in every.items()}
        found = recognise(series, None)
        return Run(
            path, "jsonl", series, found.canonical, self.notes, found.trainer, found.step_unit
        )


def noise(rng: Generator, count: int, sigma: float, phi: float) -> FloatArray:
    """Autoregressive noise with standard deviation σ and memory φ, shape (count,)."""
    shocks = rng.standard_normal(count) * sigma * math.sqrt(1 - phi**2)
    out = np.empty(count)
    state = float(rng.standard_normal()) * sigma
    for index in range(count):
        state = phi * state + shocks[index]
        out[index] = state
    return out


def healthy_run(seed: int = 0, updates: int = 200, gap: int = 1024, lr: FloatArray | None = None,
                minibatch_size: FloatArray | None = None, begin: int = 0) -> SyntheticRun:  # fmt: skip
    """A run in which nothing is wrong.

    Args:
        seed: of the run's levels, trends and noise.
        updates: number of updates.
        gap: environment steps between two updates.
        lr: learning rate by update; None: decays linearly from 3e-4 to a tenth.
        minibatch_size: by update; None: 64 throughout.
        begin: environment steps before the first rollout.
    """
    rng = np.random.default_rng(seed)
    x = np.linspace(0.0, 1.0, updates)
    columns: dict[str, FloatArray] = {}
    columns["lr"] = 3e-4 * (1 - 0.9 * x) if lr is None else lr
    size = np.full(updates, 64.0) if minibatch_size is None else minibatch_size
    columns["minibatch_size"] = size
    level = rng.uniform(0.2, 2.0)
    fall = rng.uniform(-0.5, 1.0)
    columns["pg_grad_norm"] = level * np.exp(-fall * x + noise(rng, updates, 0.2, 0.3))
    kl = rng.uniform(0.003, 0.012)
    columns["approx_kl"] = kl * np.exp(noise(rng, updates, 0.18, 0.3))
    clip = rng.uniform(0.04, 0.18)
    columns["clip_fraction"] = np.clip(clip * np.exp(noise(rng, updates, 0.2, 0.3)), 0.005, 0.28)
    most = math.log(4)
    last = rng.uniform(0.45, 0.75)
    fade = 1 - np.exp(-x * rng.uniform(1.5, 3.0))
    columns["entropy"] = most * (0.99 - (0.99 - last) * fade) + noise(rng, updates, 0.008, 0.5)
    plateau = rng.uniform(0.55, 0.9)
    learned = 1 - np.exp(-x * rng.uniform(4.0, 10.0))
    columns["explained_variance"] = np.minimum(
        plateau * learned + noise(rng, updates, 0.05, 0.4), 1
    )
    loss = rng.uniform(0.05, 3.0)
    decay = rng.uniform(0.2, 1.5)
    columns["value_loss"] = loss * np.exp(-decay * x + noise(rng, updates, 0.25, 0.3))
    columns["policy_loss"] = -0.01 * np.exp(noise(rng, updates, 0.5, 0.2))
    gain = rng.uniform(50.0, 400.0)
    columns["episode_return"] = gain * learned + noise(rng, updates, 0.05 * gain, 0.5)
    speed = rng.uniform(300.0, 5000.0)
    columns["env_steps_per_second"] = speed * np.exp(noise(rng, updates, 0.03, 0.5))
    steps = begin + gap * np.arange(1, updates + 1, dtype=np.int64)
    logged = {
        name: values.astype(np.float32).astype(np.float64) for name, values in columns.items()
    }
    return SyntheticRun(steps, logged)
