"""Which clock a logged learning rate follows: the predictions of several, and their errors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ppodiag.closed_loop import simulate_run
from ppodiag.config import DoesNotApply
from ppodiag.context import Context
from ppodiag.errors import UsageError
from ppodiag.norms.model import FloatArray, Replay
from ppodiag.profile import OPTIONS
from ppodiag.trajectory import Trajectory
from ppodiag.trajectory_rows import StepReader

SINGLE_PRECISION = 2.0**-23
"""Relative precision of a float32, as most logs hold them."""

FITS: Final = 0.02
"""[judgement] Error, as a share of the peak, up to which a clock explains the log."""


@dataclass(frozen=True, slots=True)
class ClockFit:
    """How well one clock explains a logged learning rate.

    Attributes:
        clock: minibatch, optimizer_step, update, env_step, or constant.
        read: which value of an update the log holds: first or last, or nothing.
        error: root mean square of the difference, as a share of the logged peak.
    """

    clock: str
    read: str
    error: float


def fit_clocks(context: Context, logged: FloatArray, replay: Replay | None) -> tuple[ClockFit, ...]:
    """The fits of every clock and of a constant, the best first.

    Args:
        context: the configuration under its profile.
        logged: learning rate by applied update, shape (updates,).
        replay: what the run logged of norms, sizes and early stops; None: nothing.

    Raises:
        DoesNotApply: the configuration implies no learning rate at all.
    """
    peak = float(np.nanmax(np.abs(logged)))
    if peak == 0:
        raise DoesNotApply("a learning rate above 0")
    fits = [ClockFit("constant", "", _error(logged, np.full(len(logged), np.median(logged)), peak))]
    for clock in OPTIONS["clock"]:
        found = [
            ClockFit(clock, read, _error(logged, predicted, peak))
            for read, predicted in _predictions(context, clock, len(logged), replay)
        ]
        if found:
            fits.append(min(found, key=lambda fit: fit.error))
    return tuple(sorted(fits, key=lambda fit: fit.error))


def _predictions(
    context: Context, clock: str, updates: int, replay: Replay | None
) -> list[tuple[str, FloatArray]]:
    """The first and the last learning rate of each update, under one clock."""
    found = []
    ticks = OPTIONS["update_tick"] if clock == "env_step" else (context.profile.update_tick,)
    for tick in ticks:
        profile = replace(context.profile, clock=clock, update_tick=tick)
        try:
            trajectory = simulate_run(context.under(profile), replay)
        except (DoesNotApply, UsageError):
            continue
        count = min(updates, trajectory.updates)
        if not count:
            continue
        reader, index = StepReader(trajectory, 0), np.arange(count)
        for read, values in (("first", reader.first_of(index)), ("last", reader.last_of(index))):
            whole = np.full(updates, np.nan)
            whole[:count] = values
            found.append((tick if clock == "env_step" else read, whole))
    return found


def _error(logged: FloatArray, predicted: FloatArray, peak: float) -> float:
    known = np.isfinite(predicted) & np.isfinite(logged)
    if not known.any():
        return float("inf")
    return float(np.sqrt(np.mean((logged[known] - predicted[known]) ** 2))) / peak


def predicted_rates(trajectory: Trajectory) -> FloatArray:
    """The last learning rate of each applied update of the first path, shape (updates,)."""
    return StepReader(trajectory, 0).last_of(np.arange(trajectory.updates))
