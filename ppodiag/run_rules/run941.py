"""The run is slower than its baseline.

## What it checks
With a baseline: its environment steps per second over the run's, update by update as far as both go, have
a median above 1.5. Where a log has no such column, wall times between updates are used.

## Why it matters
Gradient checkpointing, accumulation and small minibatches cost time, and what they buy may not be needed.

## Instead
Turn one of them off at a time, and compare again.

## When not to use
Runs on different machines, or beside other jobs.

## Sources
- The note's checklist: "training slower than expected", disable checkpointing and accumulation to confirm
  the baseline.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from ppodiag.diagnosis.context import IGNORED, NoBaseline, NotLogged, RunContext, TooShort
from ppodiag.diagnosis.finding import RunFinding
from ppodiag.diagnosis.rule import WARNING, RunCase, run_rule
from ppodiag.norms.model import FloatArray
from ppodiag.runlog.run import Run
from ppodiag.wording import number

SLOWER: Final = 1.5
"""[judgement] Ratio that is no noise of the machine."""


@run_rule("RUN941", "slower-than-the-baseline", WARNING, "env_steps_per_second")
def check(ctx: RunContext) -> Iterator[RunFinding]:
    """A finding where the baseline does half as much again in the same time."""
    if ctx.baseline is None:
        raise NoBaseline
    own, other = speeds(ctx.run), speeds(ctx.baseline)
    both = min(len(own), len(other))
    if both < 10:
        raise TooShort("env_steps_per_second")
    ratios = other[:both] / own[:both]
    ratio = float(np.median(ratios))
    if ratio <= SLOWER:
        return
    low, high = (float(q) for q in np.quantile(ratios, (0.25, 0.75)))
    steps = ctx.update_steps
    yield ctx.finding(
        WARNING,
        f"the baseline is {number(ratio)} times as fast (quartiles {number(low)} to {number(high)} over "
        f"{both} updates): {number(np.median(other))} environment steps a second, and {number(np.median(own))}",
        ranges=[(int(steps[0]), int(steps[-1]))] if len(steps) else (),
        columns=("env_steps_per_second",),
        causes=(
            "gradient checkpointing computes the forward pass twice",
            "smaller minibatches or more accumulation: more steps for the same samples",
            "another machine, or other jobs on it",
        ),
        next="turn off checkpointing, then accumulation, one at a time, and diagnose with --compare again",
        values={"ratio": ratio, "quartiles": [low, high]},
    )


def speeds(run: Run) -> FloatArray:
    """Environment steps per second by update, the first three left out.

    Raises:
        NotLogged: neither the column nor wall times are there.
    """
    series = run.columns.get("env_steps_per_second")
    if series is not None and len(series):
        values = series.values[IGNORED:]
    else:
        timed = next(
            (s for s in run.columns.values() if s.wall_times is not None and len(s) > 1), None
        )
        if timed is None or timed.wall_times is None:
            raise NotLogged("env_steps_per_second")
        seconds, steps = np.diff(timed.wall_times), np.diff(timed.steps)
        with np.errstate(divide="ignore", invalid="ignore"):
            values = (steps / seconds)[IGNORED:]
    return np.asarray(values[np.isfinite(values) & (values > 0)], dtype=np.float64)


CASES = (
    RunCase(
        "twice as slow",
        lambda run: run.with_column("env_steps_per_second", lambda speed: 0.0 * speed + 500),
        WARNING,
        "the baseline is 2 times as fast",
        baseline=lambda run: run.with_column(
            "env_steps_per_second", lambda speed: 0.0 * speed + 1000
        ),
    ),
    RunCase(
        "a fifth slower",
        lambda run: run.with_column("env_steps_per_second", lambda speed: 0.0 * speed + 833),
        baseline=lambda run: run.with_column(
            "env_steps_per_second", lambda speed: 0.0 * speed + 1000
        ),
    ),
)
