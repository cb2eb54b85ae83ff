"""The learning rate jumps upward.

## What it checks
From one update to the next the learning rate rises by more than half and by more than 5% of the run's
peak, outside the warm-up (the rise from the beginning of the log) and not within one update of a restart
that the configuration predicts. Without a configuration it is information: it may be a restart.

## Why it matters
A run that is resumed without its scheduler's state begins the schedule anew, and a policy that was
settling is shaken by the peak learning rate.

## Instead
Save and load the scheduler beside the optimizer.

## When not to use
Restarts that a runtime makes on its own account.

## Sources
- torch: "saving and loading a general checkpoint", which lists the scheduler's state.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from ppodiag.config import DoesNotApply
from ppodiag.diagnosis.context import IGNORED, RunContext, TooShort, span_text
from ppodiag.diagnosis.finding import RunFinding
from ppodiag.diagnosis.rule import INFO, WARNING, RunCase, run_rule
from ppodiag.schedule import first_restart
from ppodiag.wording import number

RISE: Final = 0.5
"""[judgement] Relative rise in one update that is no noise."""

OF_PEAK: Final = 0.05
"""[judgement] Rise as a share of the peak below which it does no harm."""


@run_rule("RUN905", "lr-jumps-up", WARNING, "lr")
def check(ctx: RunContext) -> Iterator[RunFinding]:
    """A finding where the learning rate jumps and no restart is predicted there."""
    lr = ctx.column("lr")
    values = lr.values
    if np.isfinite(values).sum() < 10:
        raise TooShort("lr")
    peak = float(np.nanmax(np.abs(values)))
    rise = np.diff(values)
    jumps = (rise > RISE * np.abs(values[:-1])) & (rise > OF_PEAK * peak)
    rising = np.minimum.accumulate(np.where(np.isfinite(rise), rise > 0, True)).astype(bool)
    jumps &= ~rising  # the warm-up is the rise that the log begins with
    jumps[:IGNORED] = False
    places = np.flatnonzero(jumps) + 1
    expected = _restarts(ctx)
    if expected is not None:
        places = places[[not any(abs(p - e) <= 1 for e in expected) for p in places.tolist()]]
    if not len(places):
        return
    first = int(places[0])
    ranges = [(int(lr.steps[p - 1]), int(lr.steps[p])) for p in places.tolist()]
    predicted = "" if expected is None else "; the file predicts no restart there"
    yield ctx.finding(
        INFO if expected is None else WARNING,
        f"the learning rate jumps from {number(values[first - 1])} to {number(values[first])} "
        f"({number(values[first] / peak)} of its peak) in one update, {span_text(ranges)}{predicted}",
        ranges=ranges,
        columns=("lr",),
        causes=(
            "the run was resumed without the scheduler's state",
            "a restart of the cosine, in another clock than the declared one",
            "somebody changed the learning rate in mid-run",
        ),
        next="compare the step with the times of the checkpoints; with --config predicted restarts are "
        "told apart",
        values={"jumps": len(ranges), "from": float(values[first - 1]), "to": float(values[first])},
    )


def _restarts(ctx: RunContext) -> list[int] | None:
    """Updates at which the configuration predicts a restart or the end of warm-up; None: not known."""
    if ctx.context is None:
        return None
    try:
        trajectory, schedule = ctx.forecast, ctx.forecast.schedule
    except DoesNotApply:
        return None
    if not trajectory.updates:
        return None
    marks = [schedule.warmup]
    if schedule.kind == "cosine_annealing_with_warmup" and schedule.restarts:
        tick, end = first_restart(schedule), trajectory.ticks[0]
        while tick < end and len(marks) < 10_000:
            marks.append(tick)
            tick += schedule.period
    found = [trajectory.update_at_tick(tick, 0) for tick in marks]
    return [update for update in found if update is not None]


CASES = (
    RunCase(
        "a resume at half-time that begins the decay anew",
        lambda run: run.with_column("lr", lambda lr: np.concatenate([lr[:100], lr[:100]])),
        WARNING,
        "in one update, steps 102,400 to 103,424",
        config={
            "training.ppo_requests": 204800,
            "ppo_config.stabilization_steps": 0,
            "advanced_optimization.learning_rate_schedule": {"type": "linear"},
        },
    ),
    RunCase(
        "the same, of which nobody knows whether it is a restart",
        lambda run: run.with_column("lr", lambda lr: np.concatenate([lr[:100], lr[:100]])),
        INFO,
        "the learning rate jumps from",
    ),
    RunCase("a decay"),
)
