"""The trajectory of a run: what the learning rate and the batch size do, update by update."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ppodiag.batch import swing
from ppodiag.config import PPOConfig
from ppodiag.context import Context, NothingTrains
from ppodiag.norms.model import FloatArray, NormModel, Replay
from ppodiag.plan import RunPlan, division, lr_reads, windows_of
from ppodiag.profile import Profile
from ppodiag.schedule import Schedule, lr_ratio, lr_ratio_mean, lr_ratio_peak, lr_ratio_sum

if TYPE_CHECKING:
    import pandas

IntArray = np.ndarray[Any, np.dtype[np.int64]]

BLOCK = 8
"""Paths whose sizes are looked at together, so that memory stays near that of the sizes."""


@dataclass(frozen=True, eq=False)
class Trajectory:
    """What a configuration implies for a run, for one seed or several.

    U − D updates are applied; arrays over updates hold only these, in order. With a fixed batch and
    no early stops every update is alike: then `sizes` and `minibatches` are None, and all figures
    are closed forms, however long the run is.

    Attributes:
        context: the configuration under its profile, at the initial minibatch size.
        seeds: seed of each path; one path where nothing is random.
        source: where the gradient norms come from; None: none were needed.
        sizes: minibatch size B, in samples, shape (updates, seeds); None: fixed.
        norms: mean gradient norm of an update before clipping, shape (updates, seeds); None: none.
        minibatches: minibatch steps that an update really does, shape (updates, seeds), where some
            stop early; None: all of them.
        remarks: what a reader of the figures must know.
    """

    context: Context
    seeds: tuple[int, ...] = (0,)
    source: NormModel | Replay | None = None
    sizes: IntArray | None = None
    norms: FloatArray | None = None
    minibatches: IntArray | None = None
    remarks: tuple[str, ...] = field(default=())

    # The plan -------------------------------------------------------------------------------

    @property
    def config(self) -> PPOConfig:
        """The configuration."""
        return self.context.config

    @property
    def profile(self) -> Profile:
        """The runtime's conventions."""
        return self.context.profile

    @cached_property
    def schedule(self) -> Schedule:
        """The learning-rate schedule, all conventions resolved.

        Raises:
            NothingTrains: it depends on the length of the run, and no update is applied.
        """
        return self.context.schedule

    @property
    def samples(self) -> int:
        """R, samples in a rollout."""
        return self.context.rollout.samples

    @property
    def updates(self) -> int:
        """U − D, applied updates."""
        return max(self.context.budget.applied, 0)

    @property
    def skipped(self) -> int:
        """D, updates that stabilization skips before the first one."""
        return self.context.budget.skipped

    @property
    def fixed(self) -> bool:
        """True where all updates are alike: a fixed batch and no early stop."""
        return self.sizes is None and self.minibatches is None

    @cached_property
    def _initial_run(self) -> RunPlan | None:
        try:
            return self.context.run
        except NothingTrains:
            return None

    @property
    def first_tick(self) -> int:
        """The tick at which the first applied update begins."""
        return self._initial_run.first_tick if self._initial_run else 0

    # Counts by update -----------------------------------------------------------------------

    def size_of(self, path: int) -> IntArray:
        """B of each applied update on one path, shape (updates,); of a fixed batch, shape (1,)."""
        if self.sizes is None:
            return np.array([self.context.size], dtype=np.int64)
        return np.asarray(self.sizes[:, path], dtype=np.int64)

    def minibatches_of(self, path: int) -> IntArray:
        """Minibatch steps of each applied update, shape as `size_of`, or (updates,)."""
        if self.minibatches is not None:
            return np.asarray(self.minibatches[:, path], dtype=np.int64)
        _, per_epoch = division(self.config, self.size_of(path))
        return np.asarray(per_epoch * self.config.epochs)

    def windows_done(self, path: int) -> IntArray:
        """Optimizer steps of each applied update, shape as `minibatches_of`."""
        done = self.minibatches_of(path)
        _, per_epoch = division(self.config, self.size_of(path))
        epochs, rest = done // per_epoch, done % per_epoch
        return np.asarray(
            epochs * windows_of(self.config, per_epoch) + windows_of(self.config, rest)
        )

    def ticks_of(self, path: int) -> IntArray:
        """Ticks of the clock in each applied update, shape as `minibatches_of`."""
        clock = self.profile.clock
        if clock == "minibatch":
            return self.minibatches_of(path)
        if clock == "optimizer_step":
            return self.windows_done(path)
        one = 1 if clock == "update" else self.samples
        return np.full(1 if self.fixed else self.updates, one, dtype=np.int64)

    @property
    def steps_are_upper_bounds(self) -> bool:
        """Whether updates may stop early of which no record says after how many minibatches."""
        if not self.config.early_stopping:
            return False
        if self.minibatches is None or not isinstance(self.source, Replay):
            return True
        recorded = self.source.minibatches
        if recorded is None or len(recorded) < self.updates:
            return True
        return not bool(np.isfinite(recorded[: self.updates]).all())

    @cached_property
    def known_updates(self) -> int:
        """Applied updates up to the last that has a norm; all of them unless a record ends before."""
        if not isinstance(self.source, Replay) or self.norms is None:
            return self.updates
        known = np.flatnonzero(np.isfinite(self.norms).any(axis=1))
        return int(known[-1]) + 1 if len(known) else min(self.updates, 1)

    @property
    def judged_sizes(self) -> IntArray | None:
        """B of the updates that have a norm to answer to, shape (known_updates, seeds); None: fixed."""
        return None if self.sizes is None else self.sizes[: self.known_updates]

    @cached_property
    def size_bounds(self) -> tuple[int, int]:
        """The smallest and the largest minibatch size that the bounds allow; no more than R."""
        low, high = self.config.min_batch_size, self.config.max_batch_size
        return min(low, self.samples), min(high, self.samples)

    @cached_property
    def swings(self) -> tuple[FloatArray, FloatArray]:
        """Std of Δ log B and share of sign flips of each path, shapes (seeds,); see `batch.swing`."""
        sizes = self.judged_sizes
        if sizes is None:
            raise ValueError("the batch is fixed")
        blocks = [swing(sizes[:, at : at + BLOCK]) for at in range(0, sizes.shape[1], BLOCK)]
        return (
            np.concatenate([deviation for deviation, _ in blocks]),
            np.concatenate([flips for _, flips in blocks]),
        )

    # Figures of each path -------------------------------------------------------------------

    def _over_paths(
        self, planned: Callable[[RunPlan], int], counts: Callable[[int], IntArray]
    ) -> list[int]:
        """One total a path: the plan's where all updates are alike, else a sum."""
        if self._initial_run is None:
            return [0] * len(self.seeds)
        if self.fixed:
            return [planned(self._initial_run)] * len(self.seeds)
        return [int(counts(path).sum()) for path in range(len(self.seeds))]

    @cached_property
    def minibatch_steps(self) -> list[int]:
        """N_mb of each path."""
        return self._over_paths(lambda run: run.minibatch_steps, self.minibatches_of)

    @cached_property
    def optimizer_steps(self) -> list[int]:
        """N_opt of each path."""
        return self._over_paths(lambda run: run.optimizer_steps, self.windows_done)

    @cached_property
    def ticks(self) -> list[int]:
        """N, the end of the clock (exclusive), of each path."""
        first = self.first_tick
        totals = self._over_paths(lambda run: run.ticks - run.first_tick, self.ticks_of)
        return [first + total for total in totals]

    def final_tick(self, path: int) -> int:
        """T at which the last optimizer step of a path reads its learning rate."""
        _, end, stride = self.reads_of(path)
        return end - stride

    def reads_of(self, path: int) -> tuple[int, int, int]:
        """First, end (exclusive) and stride of the ticks over which λ is averaged; see `lr_reads`."""
        return lr_reads(self.profile, self.first_tick, self.ticks[path], self.samples)

    def _of_reads(self, figure: Callable[[Schedule, int, int, int], float]) -> list[float]:
        """A figure of the ticks that are read, of each path; empty where nothing trains."""
        if not self.updates:
            return []
        reads = [self.reads_of(path) for path in range(len(self.seeds))]
        known = {read: figure(self.schedule, *read) for read in set(reads)}
        return [known[read] for read in reads]

    @cached_property
    def final_ratios(self) -> list[float]:
        """λ of the last optimizer step of each path; empty where nothing trains."""
        if not self.updates:
            return []
        return [
            float(lr_ratio(self.schedule, self.final_tick(path))) for path in range(len(self.seeds))
        ]

    @cached_property
    def mean_ratios(self) -> list[float]:
        """Mean λ over the reads of each path; empty where nothing trains."""
        return self._of_reads(lr_ratio_mean)

    @cached_property
    def peak_ratios(self) -> list[float]:
        """The highest λ that each path reads; empty where nothing trains."""
        return self._of_reads(lr_ratio_peak)

    @cached_property
    def warmup_shares(self) -> list[float]:
        """Share of Σ λ that falls into the warm-up, of each path; empty where nothing trains."""
        return self._of_reads(_warmup_share)

    @cached_property
    def median_path(self) -> int:
        """The path whose number of minibatch steps is the median (the lower of two)."""
        order = np.argsort(self.minibatch_steps, kind="stable")
        return int(order[(len(order) - 1) // 2])

    def run_of(self, path: int) -> RunPlan:
        """The steps that a path really does; the run must apply an update."""
        return RunPlan(
            updates=self.updates,
            minibatch_steps=self.minibatch_steps[path],
            optimizer_steps=self.optimizer_steps[path],
            first_tick=self.first_tick,
            ticks=self.ticks[path],
            final_tick=self.final_tick(path),
            reads=self.reads_of(path),
        )

    def update_at_tick(self, tick: int, path: int) -> int | None:
        """Index among the applied updates of the first that reads a tick or a later one.

        None: none does; the run ends before.
        """
        first, end, stride = self.reads_of(path)
        if not self.updates or tick > end - stride:
            return None
        if self.profile.clock == "env_step":
            return max(0, -((first - tick) // stride))
        elapsed = max(tick - self.first_tick, 0)
        if self.fixed:
            return int(elapsed // int(self.ticks_of(path)[0]))
        ends = np.cumsum(self.ticks_of(path))
        return int(np.searchsorted(ends, elapsed, side="right"))

    @cached_property
    def warmup_ends(self) -> list[float]:
        """Environment steps collected when each path first reads the peak, or a later tick.

        Whole numbers; inf where the run ends before.
        """
        peak = max(self.schedule.warmup - self.schedule.shift, 0)
        found = [self.update_at_tick(peak, path) for path in range(len(self.seeds))]
        return [math.inf if end is None else float(self.env_steps_of(end)) for end in found]

    @property
    def collected(self) -> int:
        """Environment steps that the run collects: T, or more where the last rollout is completed."""
        total = self.config.total_env_steps or 0
        return max(total, self.context.budget.rollouts * self.samples)

    def env_steps_of(self, update: int) -> int:
        """Environment steps collected when an applied update (index from 0) happens."""
        return (self.skipped + update + 1) * self.samples

    # Rows -----------------------------------------------------------------------------------

    def rows(self, every: str = "update", chunk: int = 1 << 16) -> Iterator[dict[str, Any]]:
        """Columns of the trajectory, chunk by chunk; see `ppodiag.trajectory_rows.rows`."""
        from ppodiag.trajectory_rows import rows

        return rows(self, every, chunk)

    def learning_rates(
        self, every: str = "minibatch", chunk: int = 1 << 16
    ) -> Iterator[FloatArray]:
        """The learning rate alone, chunk by chunk, of the first path; 1/1, of each row of `every`."""
        from ppodiag.trajectory_rows import learning_rates

        return learning_rates(self, every, chunk)

    def to_frame(self, every: str = "update") -> pandas.DataFrame:
        """The whole trajectory as a table, one row an update, optimizer step or minibatch.

        Args:
            every: update, optimizer or minibatch.

        Raises:
            UsageError: pandas is not installed, or the table would have more than 50 million rows.
        """
        from ppodiag.trajectory_rows import to_frame

        return to_frame(self, every)


def _warmup_share(schedule: Schedule, first: int, end: int, stride: int) -> float:
    """Share of Σ λ over some reads that falls into the warm-up; 1 where the sum is 0."""
    whole = lr_ratio_sum(schedule, first, end, stride)
    part = lr_ratio_sum(schedule, first, min(max(schedule.warmup, first), end), stride)
    return part / whole if whole else 1.0
