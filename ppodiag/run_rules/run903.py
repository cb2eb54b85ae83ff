"""The learning rate is filled with zeros.

## What it checks
Every logged learning rate is exactly 0, while the approximate KL of the updates is above 0.

## Why it matters
A policy that changes is not trained at a learning rate of 0: the zeros are a logger's default for a
value that nobody gave it. What the learning rate really did, the log cannot show.

## Instead
Log the optimizer's own value, `param_groups[0]["lr"]`.

## When not to use
A run that is evaluated and not trained.

## Sources
- The definitions: an update at learning rate 0 leaves the policy, and so the KL, as it was.
"""

from collections.abc import Iterator

import numpy as np

from ppodiag.diagnosis.context import RunContext
from ppodiag.diagnosis.finding import RunFinding
from ppodiag.diagnosis.rule import WARNING, RunCase, run_rule
from ppodiag.wording import count, number


@run_rule("RUN903", "lr-zero-filled", WARNING, "lr", "approx_kl")
def check(ctx: RunContext) -> Iterator[RunFinding]:
    """A finding where the learning rate is 0 throughout and the policy moves."""
    lr, kl = ctx.settled("lr"), ctx.settled("approx_kl")
    if np.any(lr.values != 0.0):
        return
    middle = float(np.median(np.abs(kl.values)))
    if middle == 0.0:
        return
    yield ctx.finding(
        WARNING,
        f"the learning rate is exactly 0 in all {count(len(lr))} updates, while the approximate KL has "
        f"a median of {number(middle)}: the policy moves, so the zeros are a logger's default",
        ranges=[(int(lr.steps[0]), int(lr.steps[-1]))],
        columns=("lr", "approx_kl"),
        causes=(
            "the logger asks for a value under a name that the trainer does not fill",
            "the KL is measured between batches and not between policies",
        ),
        next="print optimizer.param_groups[0]['lr'] before a step, and log that",
        values={"median_kl": middle},
    )


CASES = (
    RunCase(
        "zeros throughout",
        lambda run: run.with_column("lr", lambda lr: 0.0 * lr),
        WARNING,
        "exactly 0 in all 197 updates",
    ),
    RunCase(
        "zeros, and nothing moves",
        lambda run: run.with_column("lr", lambda lr: 0.0 * lr).with_column(
            "approx_kl", lambda kl: 0.0 * kl
        ),
    ),
    RunCase("a learning rate that moves"),
)
