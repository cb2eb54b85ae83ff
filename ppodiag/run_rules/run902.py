"""The learning rate is constant though a schedule is declared.

## What it checks
With a configuration whose schedule is not flat: every logged learning rate is the same, to the
precision of a float32.

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

import numpy as np

from ppodiag.diagnosis.clocks import SINGLE_PRECISION
from ppodiag.diagnosis.context import RunContext
from ppodiag.diagnosis.finding import RunFinding
from ppodiag.diagnosis.rule import ERROR, RunCase, run_rule
from ppodiag.wording import count, number


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
    yield ctx.finding(
        ERROR,
        f"the learning rate is {number(value)} in all {count(len(whole))} updates, and the file "
        f"declares a schedule ({ctx.config.schedule_kind}, warmup_steps "
        f"{count(ctx.config.warmup_steps)}, lr {number(ctx.config.lr)})",
        ranges=[(int(whole.steps[0]), int(whole.steps[-1]))],
        columns=("lr",),
        causes=(
            "nothing in the runtime reads learning_rate_schedule",
            "a scheduler is made and never stepped",
            "the logger writes the configured value and not the optimizer's",
        ),
        next="ppodiag lint CONFIG --runtime DIR names every key that the runtime's sources never read",
        values={"lr": value},
    )


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
        "a file without a schedule",
        lambda run: run.with_column("lr", lambda lr: np.full(len(lr), 3e-4)),
        config={"advanced_optimization.learning_rate_schedule": {"type": "constant"}},
    ),
)
