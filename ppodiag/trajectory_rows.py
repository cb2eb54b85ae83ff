"""The rows of a trajectory: one an update, an optimizer step or a minibatch, chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ppodiag.errors import UsageError
from ppodiag.norms.model import FloatArray
from ppodiag.plan import division, read_ticks, sequences_of, windows_of
from ppodiag.schedule import Schedule, lr_ratio
from ppodiag.trajectory import IntArray, Trajectory

if TYPE_CHECKING:
    import pandas

EVERY = ("update", "optimizer", "minibatch")

MOST_ROWS = 50_000_000
"""Rows of the largest table that is made at once; `rows` has no limit."""

Columns = dict[str, Any]


def rows(trajectory: Trajectory, every: str, chunk: int) -> Iterator[Columns]:
    """Columns of at most `chunk` rows at a time, path after path.

    Columns of `update`: seed, update (index of the rollout, from 0), env_steps, applied,
    minibatch_size, minibatch_steps, optimizer_steps, tick, lr_first, lr_last, and pg_grad_norm where
    norms are known. Of `optimizer`: seed, update, env_steps, epoch, window, samples, tick, lr. Of
    `minibatch`: seed, update, env_steps, epoch, minibatch, samples, tick, lr, and whether the
    minibatch ends a window. Memory is bounded by the chunk and by what the trajectory holds.

    Raises:
        UsageError: `every` is none of the three.
    """
    if every not in EVERY:
        raise UsageError(f"rows cannot be made every {every!r}", f"choose of {', '.join(EVERY)}")
    for path, seed in enumerate(trajectory.seeds):
        make = _update_rows if every == "update" else _step_rows
        for columns in make(_Path(trajectory, path), every, chunk):
            count = len(columns["update"])
            yield {"seed": np.full(count, seed, dtype=np.int64), **columns}


def learning_rates(trajectory: Trajectory, every: str, chunk: int) -> Iterator[FloatArray]:
    """The learning rate of the first path alone, at most `chunk` values at a time."""
    if not trajectory.updates:
        return
    path, lr = _Path(trajectory, 0), trajectory.config.lr
    if every == "minibatch" and trajectory.profile.clock == "minibatch":
        # Ticks follow one another, whatever the batch does.
        first, end = trajectory.first_tick, trajectory.ticks[0]
        yield from _consecutive(trajectory.schedule, lr, first, end, chunk)
        return
    for columns in _step_rows(path, every, chunk):
        yield columns["lr"]


def _consecutive(
    schedule: Schedule, lr: float, first: int, end: int, chunk: int
) -> Iterator[FloatArray]:
    """The learning rate at ticks first ≤ t < end; cycles of a cosine are evaluated once.

    A tick of a later cycle has the phase, and so the bits, of the same tick of an earlier one. The
    arrays of later cycles are views of one table, and cannot be written to.
    """
    periodic = schedule.kind == "cosine_annealing_with_warmup" and schedule.restarts
    begin = max(first, schedule.warmup)
    if not periodic or schedule.period > chunk or end - begin < 2 * chunk:
        begin = end
    for start in range(first, begin, chunk):
        yield lr * lr_ratio(schedule, np.arange(start, min(start + chunk, begin)), np)
    if begin == end:
        return
    cycle = lr * lr_ratio(schedule, begin + np.arange(schedule.period), np)
    table = np.tile(cycle, chunk // schedule.period + 2)
    table.setflags(write=False)
    for start in range(begin, end, chunk):
        phase = (start - begin) % schedule.period
        yield table[phase : phase + min(chunk, end - start)]


def to_frame(trajectory: Trajectory, every: str) -> pandas.DataFrame:
    """All rows as a pandas table; see `Trajectory.to_frame`."""
    try:
        import pandas
    except ImportError:
        raise UsageError("tables need pandas", "pip install 'ppodiag[data]'") from None
    expected = _row_count(trajectory, every)
    if expected > MOST_ROWS:
        raise UsageError(
            f"the table would have {expected:,} rows; at most {MOST_ROWS:,} are made at once",
            "ask for every='update', or read Trajectory.rows chunk by chunk",
        )
    parts = [pandas.DataFrame(columns) for columns in rows(trajectory, every, 1 << 18)]
    if not parts:
        return pandas.DataFrame()
    return pandas.concat(parts, ignore_index=True)


def _row_count(trajectory: Trajectory, every: str) -> int:
    if every == "minibatch":
        return sum(trajectory.minibatch_steps)
    if every == "optimizer":
        return sum(trajectory.optimizer_steps)
    return trajectory.context.budget.rollouts * len(trajectory.seeds)


class _Path:
    """One path of a trajectory, with what its rows need."""

    def __init__(self, trajectory: Trajectory, path: int) -> None:
        self.trajectory, self.path = trajectory, path
        self.sizes = trajectory.size_of(path)
        self.steps = trajectory.minibatches_of(path)
        self.windows = trajectory.windows_done(path)
        ticks = trajectory.ticks_of(path)
        self.ticks = ticks
        self.fixed = trajectory.fixed
        self.starts = None if self.fixed else _starts(ticks)

    def take(self, values: IntArray, updates: IntArray) -> IntArray:
        """Values of these updates, of an array that holds one, or one an update."""
        if len(values) > 1:
            return values[updates]
        return np.full(len(updates), values[0], dtype=np.int64)

    def start_tick(self, updates: IntArray) -> IntArray:
        """The first tick of these updates."""
        first = self.trajectory.first_tick
        if self.starts is None:
            return first + updates * int(self.ticks[0])
        return first + self.starts[updates]

    def tick(self, updates: IntArray, minibatch: IntArray, window: IntArray) -> IntArray:
        """The tick that is read at a minibatch and window (indices within the update)."""
        profile, samples = self.trajectory.profile, self.trajectory.samples
        return np.asarray(read_ticks(profile, self.start_tick(updates), samples, minibatch, window))

    def lr(self, ticks: IntArray) -> FloatArray:
        """The learning rate at these ticks."""
        ratios = lr_ratio(self.trajectory.schedule, ticks, np)
        return np.asarray(self.trajectory.config.lr * ratios)


def _starts(counts: IntArray) -> IntArray:
    """Where each update begins, and the end of the last; shape (updates + 1,)."""
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts)])


def _update_rows(path: _Path, _every: str, chunk: int) -> Iterator[Columns]:
    trajectory = path.trajectory
    skipped, rollouts = trajectory.skipped, trajectory.context.budget.rollouts
    for start in range(0, rollouts, chunk):
        index = np.arange(start, min(start + chunk, rollouts), dtype=np.int64)
        applied = index >= skipped
        updates = np.maximum(index - skipped, 0)
        columns: Columns = {
            "update": index,
            "env_steps": (index + 1) * trajectory.samples,
            "applied": applied,
        }
        if not trajectory.updates:
            columns["minibatch_size"] = np.full(len(index), trajectory.context.size)
            yield columns
            continue
        steps, windows = path.take(path.steps, updates), path.take(path.windows, updates)
        last = path.tick(updates, steps - 1, windows - 1)
        lr_first = path.lr(_first_step_tick(path, updates))
        columns |= {
            "minibatch_size": path.take(path.sizes, updates),
            "minibatch_steps": np.where(applied, steps, 0),
            "optimizer_steps": np.where(applied, windows, 0),
            "tick": path.start_tick(updates),
            "lr_first": np.where(applied, lr_first, 0.0),
            "lr_last": np.where(applied, path.lr(last), 0.0),
        }
        if trajectory.norms is not None:
            norms = trajectory.norms[updates, path.path]
            columns["pg_grad_norm"] = np.where(applied, norms, np.nan)
        yield columns


def _last_of_window(
    path: _Path, updates: IntArray, per_epoch: IntArray, epoch: Any, window: Any
) -> IntArray:
    """The last minibatch of a window, as an index within the update.

    A window ends with its epoch, and with its update where that stops early.

    Args:
        path: the path.
        updates: of each window, shape (windows,).
        per_epoch: minibatches in an epoch of these updates.
        epoch, window: of each window; the window's index is that within the epoch.
    """
    a = path.trajectory.config.accumulation_steps
    within = epoch * per_epoch + np.minimum(window * a + a, per_epoch)
    return np.asarray(np.minimum(within, path.take(path.steps, updates)) - 1)


def _first_step_tick(path: _Path, updates: IntArray) -> IntArray:
    """The tick that the first optimizer step of these updates reads."""
    _, per_epoch = division(path.trajectory.config, path.take(path.sizes, updates))
    last = _last_of_window(path, updates, per_epoch, 0, np.zeros_like(per_epoch))
    return path.tick(updates, last, np.zeros_like(last))


def _step_rows(path: _Path, every: str, chunk: int) -> Iterator[Columns]:
    trajectory = path.trajectory
    if not trajectory.updates:
        return
    counts = path.steps if every == "minibatch" else path.windows
    locate = _locator(counts, trajectory.updates)
    total = int(counts[0]) * trajectory.updates if len(counts) == 1 else int(counts.sum())
    a = trajectory.config.accumulation_steps
    for start in range(0, total, chunk):
        updates, within = locate(np.arange(start, min(start + chunk, total), dtype=np.int64))
        sizes = path.take(path.sizes, updates)
        _, per_epoch = division(trajectory.config, sizes)
        per_epoch_windows = windows_of(trajectory.config, per_epoch)
        if every == "minibatch":
            epoch, minibatch = within // per_epoch, within % per_epoch
            window, first = minibatch // a, minibatch
        else:
            epoch, window = within // per_epoch_windows, within % per_epoch_windows
            last = _last_of_window(path, updates, per_epoch, epoch, window)
            first, minibatch = window * a, last - epoch * per_epoch
        ticks = path.tick(
            updates, epoch * per_epoch + minibatch, epoch * per_epoch_windows + window
        )
        columns: Columns = {
            "update": updates + trajectory.skipped,
            "env_steps": (trajectory.skipped + updates + 1) * trajectory.samples,
            "epoch": epoch,
            every.replace("optimizer", "window"): minibatch if every == "minibatch" else window,
            "samples": _edge(trajectory, sizes, minibatch + 1) - _edge(trajectory, sizes, first),
            "tick": ticks,
            "lr": path.lr(ticks),
        }
        if every == "minibatch":
            stops = within + 1 == path.take(path.steps, updates)
            whole = ((minibatch + 1) % a == 0) | (minibatch + 1 == per_epoch)
            columns["ends_window"] = whole | stops
        yield columns


def _locator(counts: IntArray, updates: int) -> Callable[[IntArray], tuple[IntArray, IntArray]]:
    """From the number of a row to its update and its place in it."""
    if len(counts) == 1 or updates == 1:
        each = int(counts[0])
        return lambda numbers: (numbers // each, numbers % each)
    starts = _starts(counts)

    def locate(numbers: IntArray) -> tuple[IntArray, IntArray]:
        found = np.searchsorted(starts, numbers, side="right") - 1
        return found, numbers - starts[found]

    return locate


def _edge(trajectory: Trajectory, sizes: IntArray, minibatch: IntArray) -> IntArray:
    """Samples before a minibatch of an epoch; those of shorter sequences are spread evenly."""
    length, per_env, sequences = sequences_of(trajectory.config)
    group, _ = division(trajectory.config, sizes)
    before = np.minimum(minibatch * group, sequences)
    if length * per_env == trajectory.config.rollout_len:
        return np.asarray(before * length)
    return np.asarray(np.rint(before * (trajectory.samples / sequences)).astype(np.int64))


class StepReader:
    """Reads the learning rate of single steps of one path."""

    def __init__(self, trajectory: Trajectory, path: int) -> None:
        self._path = _Path(trajectory, path)
        self._trajectory = trajectory

    def optimizer_steps(self, numbers: IntArray) -> tuple[IntArray, FloatArray, FloatArray]:
        """Update, share of the update that is done then, and learning rate of optimizer steps.

        Args:
            numbers: indices among all optimizer steps of the run, shape (steps,).
        """
        path, t = self._path, self._trajectory
        updates, within = _locator(path.windows, t.updates)(numbers)
        _, per_epoch = division(t.config, path.take(path.sizes, updates))
        windows = windows_of(t.config, per_epoch)
        epoch, window = within // windows, within % windows
        minibatch = _last_of_window(path, updates, per_epoch, epoch, window)
        share = (within + 1) / path.take(path.windows, updates)
        return updates, share, path.lr(path.tick(updates, minibatch, within))

    def first_of(self, updates: IntArray) -> FloatArray:
        """The learning rate of the first optimizer step of these updates."""
        return self._path.lr(_first_step_tick(self._path, updates))

    def last_of(self, updates: IntArray) -> FloatArray:
        """The learning rate of the last optimizer step of these updates."""
        path = self._path
        steps, windows = path.take(path.steps, updates), path.take(path.windows, updates)
        return path.lr(path.tick(updates, steps - 1, windows - 1))
