"""The learning rate is constant though a schedule is declared.

## What it checks
With a configuration whose schedule moves the learning rate by more than 1% over the updates of the
log: every logged learning rate is the same, to the precision of a float32. A value that is neither `lr` nor
any that the schedule begins with or comes to says first that the file may be another run's.

## Why it matters
Nothing steps the scheduler, or nothing ever reads the block: the run trains at another learning rate
than the file says, and the warm-up that was to protect it does not happen. This is the commonest fault
of all.

## Instead
Step the scheduler once a tick of its clock, and log the optimizer's own value (`param_groups[0]["lr"]`).

## When not to use
A log that holds the configured learning rate instead of the one in use.

## Sources
- torch.optim: how to adjust the learning rate; a scheduler does nothing until it is stepped.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from ppodiag.config import DoesNotApply
from ppodiag.diagnosis.clocks import SINGLE_PRECISION, predicted_rates
from ppodiag.diagnosis.context import IGNORED, RunContext
from ppodiag.diagnosis.finding import RunFinding
from ppodiag.diagnosis.other_file import other_file
from ppodiag.diagnosis.rule import ERROR, RunCase, run_rule
from ppodiag.wording import count, number

FLAT: Final = 0.01
"""[judgement] Share of its peak that a schedule must move by to be one."""


@run_rule("RUN902", "lr-constant", ERROR, "lr", needs_config=True)
def check(ctx: RunContext) -> Iterator[RunFinding]:
    """A finding where one value is logged and the file's schedule is not flat."""
    if not ctx.config.has_schedule:
        return
    lr = ctx.settled("lr", 2)
    value = float(lr.values[0])
    if value == 0.0 or np.any(np.abs(lr.values - value) > SINGLE_PRECISION * abs(value)):
        return
    whole = ctx.column("lr")
    if _is_flat(ctx, len(whole)):
        return
    yield ctx.finding(
        ERROR,
        f"the learning rate is {number(value)} in all {count(len(whole))} updates, and the file "
        f"declares a schedule ({ctx.config.schedule_kind}, warmup_steps "
        f"{count(ctx.config.warmup_steps)}, lr {number(ctx.config.lr)})",
        ranges=[(int(whole.steps[0]), int(whole.steps[-1]))],
        columns=("lr",),
        causes=(
            *other_file(ctx),
            "nothing in the runtime reads learning_rate_schedule",
            "a scheduler is made and never stepped",
            "the logger writes the configured value and not the optimizer's",
        ),
        next="ppodiag lint CONFIG --runtime DIR names every key that the runtime's sources never read",
        values={"lr": value},
    )


def _is_flat(ctx: RunContext, updates: int) -> bool:
    """Whether the file's own schedule hardly moves over the updates of the log, the first ones apart."""
    try:
        planned = predicted_rates(ctx.forecast)[IGNORED:updates]
    except DoesNotApply:
        return False
    return len(planned) > 1 and bool(np.ptp(planned) <= FLAT * np.max(planned))


CASES = (
    RunCase(
        "3e-4 from the first update to the last",
        lambda run: run.with_column("lr", lambda lr: np.full(len(lr), float(np.float32(3e-4)))),
        ERROR,
        "the learning rate is 0.0003 in all 200 updates",
        config={},
    ),
    RunCase("a learning rate that moves", config={}),
    RunCase(
        "a schedule that is flat over the run",
        lambda run: run.with_column("lr", lambda lr: np.full(len(lr), float(np.float32(3e-4)))),
        config={
            "advanced_optimization.learning_rate_schedule.warmup_steps": 10,
            "advanced_optimization.learning_rate_schedule.restart_period": 10**9,
        },
    ),
    RunCase(
        "a file without a schedule",
        lambda run: run.with_column("lr", lambda lr: np.full(len(lr), 3e-4)),
        config={"advanced_optimization.learning_rate_schedule": {"type": "constant"}},
    ),
)
