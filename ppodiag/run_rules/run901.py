"""The learning rate is at zero.

## What it checks
The logged learning rate stays at or below a thousandth of its peak for five updates running. Which of:
in the warm-up (it rises afterwards, or the configuration's warm-up has not ended), past the end (it
fell there and stays until the run ends: an error), at the floor of a cycle (it rises again), or never
logged (it is 0 from the first to the last).

With a configuration also: over at least half of its updates the learning rate rises and never gets to a
tenth of `lr`, for the warm-up has not ended (an error). Where by that file the warm-up ends before, and no
clock explains the log, it says that instead: the file may be another run's.

## Why it matters
Rollouts are collected and nothing is learned from them. The note's checklist calls it "LR stuck at
zero".

## Instead
A warm-up that ends within a tenth of the run, a schedule that lasts as long as the run, a floor of
0.05.

## When not to use
A cosine to zero is there for a few updates of its end; five are more than that.

## Sources
- The note's checklist: verify that the warm-up has completed.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from ppodiag.config import DoesNotApply
from ppodiag.diagnosis.clocks import predicted_rates
from ppodiag.diagnosis.context import RunContext, span_text, stretches
from ppodiag.diagnosis.finding import RunFinding
from ppodiag.diagnosis.other_file import follows_a_clock, other_file
from ppodiag.diagnosis.rule import ERROR, WARNING, RunCase, run_rule
from ppodiag.norms.model import FloatArray
from ppodiag.wording import count, number, percent

NEARLY_ZERO: Final = 1e-3
"""[judgement] Share of the peak below which nothing is learned."""

LONG: Final = 5
"""[judgement] Updates of it that are no end of a cycle."""

STUCK: Final = 0.1
"""[judgement] Share of the configured lr that a warm-up must get to over half of the run."""

NEXT: Final = "ppodiag simulate CONFIG --plot lr.png draws the schedule that the file implies"


@run_rule("RUN901", "lr-at-zero", ERROR, "lr")
def check(ctx: RunContext) -> Iterator[RunFinding]:
    """A finding where the learning rate is nearly zero for several updates running."""
    lr = ctx.column("lr")
    known = lr.values[~np.isnan(lr.values)]
    if len(known) < LONG or np.all(known == 0.0):
        return  # RUN903 speaks of zeros everywhere
    peak = float(known.max())
    low = np.abs(lr.values) <= NEARLY_ZERO * peak
    ranges = stretches(lr.steps, low, LONG)
    if not ranges:
        yield from _never_risen(ctx, peak)
        return
    at_end = ranges[-1][1] == int(lr.steps[-1])
    at_start = ranges[0][0] <= int(lr.steps[min(1, len(lr.steps) - 1)])
    share = float(np.mean(low))
    causes: tuple[str, ...]
    if at_end and not (at_start and len(ranges) == 1):
        where, severity = "past the end of the schedule", ERROR
        causes = (
            "the schedule is planned for fewer steps than the run has",
            "the schedule counts other steps than its author thought (minibatches, not env steps)",
        )
    elif at_start:
        where, severity = "in the warm-up", WARNING
        causes = ("the warm-up is counted in a slower clock than its author thought",
                  "warmup_steps is too large for the run")  # fmt: skip
    else:
        where, severity = "at the floor of a cycle", WARNING
        causes = ("min_lr_ratio is 0 and the cycles are long",)
    yield ctx.finding(
        severity,
        f"the learning rate is at zero {where}: at most {number(NEARLY_ZERO)} of its peak "
        f"{number(peak)} in {percent(share)} of {count(len(lr))} updates, {span_text(ranges)}",
        ranges=ranges,
        columns=("lr",),
        causes=(*other_file(ctx), *causes),
        next=NEXT,
        values={"peak": peak, "share": share, "where": where},
    )


def _never_risen(ctx: RunContext, peak: float) -> Iterator[RunFinding]:
    """A finding where a warm-up keeps the learning rate next to nothing over most of the run."""
    if ctx.context is None:
        return
    config, lr = ctx.context.config, ctx.column("lr")
    try:
        warmup, wanted = config.warmup_steps, config.lr
        planned = len(predicted_rates(ctx.forecast))
        ends = ctx.forecast.update_at_tick(ctx.forecast.schedule.warmup, 0)
        explained = ends is None or ends >= len(lr) or follows_a_clock(ctx)
    except DoesNotApply:
        return
    known = lr.values[np.isfinite(lr.values)]
    rises = bool(np.all(np.diff(known) >= 0) and known[-1] > known[0])  # RUN902 speaks of constants
    if not warmup or not rises or peak > STUCK * wanted or len(lr) < planned / 2:
        return
    values = {"peak": peak, "share": peak / wanted, "where": "in the warm-up"}
    ranges = [(int(lr.steps[0]), int(lr.steps[-1]))]
    if not explained:
        yield ctx.finding(
            ERROR,
            f"the learning rate has risen to {number(peak)} after {count(len(lr))} updates, "
            f"{percent(peak / wanted)} of lr {number(wanted)}; by this file the warm-up of "
            f"{count(warmup)} ends before, and no clock explains the log",
            ranges=ranges,
            columns=("lr",),
            causes=(*other_file(ctx), "the runtime uses other lengths than the file"),
            next="diagnose again with the configuration that the run was started with",
            values={**values, "where": "past the warm-up"},
        )
        return
    yield ctx.finding(
        ERROR,
        f"the learning rate never leaves the warm-up: after {count(len(lr))} updates it is at "
        f"{number(peak)}, {percent(peak / wanted)} of lr {number(wanted)}; warmup_steps is {count(warmup)}",
        ranges=ranges,
        columns=("lr",),
        causes=(
            "the warm-up is counted in a slower clock than its author thought",
            "warmup_steps is too large for the run",
        ),
        next=NEXT,
        values=values,
    )


def _case_ramp(lr: FloatArray) -> FloatArray:
    """Rates of a warm-up over 1,600,000 minibatch steps, 160 an update: of each update's last step."""
    return np.float64(3e-4) * (160 * np.arange(1, len(lr) + 1) - 1) / 1_600_000


_CASE_LONG = {
    "training.ppo_requests": 204_800,
    "ppo_config.stabilization_steps": 0,
    "advanced_optimization.learning_rate_schedule.warmup_steps": 1_600_000,
}

CASES = (
    RunCase(
        "it falls to zero at two thirds of the run and stays",
        lambda run: run.with_column("lr", lambda lr: np.where(np.arange(len(lr)) > 133, 0.0, lr)),
        ERROR,
        "past the end of the schedule: at most 0.001 of its peak 0.0003 in 33% of 200 updates",
    ),
    RunCase(
        "a warm-up in the wrong unit: nothing for 60 updates",
        lambda run: run.with_column("lr", lambda lr: np.where(np.arange(len(lr)) < 60, 1e-9, lr)),
        WARNING,
        "at zero in the warm-up",
    ),
    RunCase(
        "a warm-up of 1,600,000 minibatch steps in a run of 32,000",
        lambda run: run.with_column("lr", _case_ramp),
        ERROR,
        "after 200 updates it is at 6e-06, 2.0% of lr 0.0003; warmup_steps is 1,600,000",
        config=_CASE_LONG,
    ),
    RunCase(
        "the same log beside a file whose warm-up ends early: another run's file",
        lambda run: run.with_column("lr", _case_ramp),
        ERROR,
        "by this file the warm-up of 1,600 ends before, and no clock explains the log",
        config={
            "training.ppo_requests": 204_800,
            "ppo_config.stabilization_steps": 0,
            "advanced_optimization.learning_rate_schedule.warmup_steps": 1600,
        },
    ),
    RunCase("a linear decay to a tenth"),
    RunCase(
        "no warm-up at all, but a constant rate of a fiftieth of lr: another fault",
        lambda run: run.with_column("lr", lambda lr: np.full_like(lr, 6e-6)),
        config=_CASE_LONG,
    ),
    RunCase(
        "the same warm-up in the first fifth of a longer run",
        lambda run: run.with_column("lr", _case_ramp),
        config={**_CASE_LONG, "training.ppo_requests": 1_024_000},
    ),
)
