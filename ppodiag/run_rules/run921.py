"""The batch size swings.

## What it checks
Where the logged minibatch size changes at all: the standard deviation of Δ log B from update to update
is above 0.2; or it is above 0.05 and more than 60% of the changes turn the direction of the one before.

## Why it matters
Each change moves the noise of the gradient, the number of optimizer steps and, with the clock of
minibatches, the learning rate. The note's checklist calls it "batch size swings wildly".

## Instead
A lower adaptation_rate, or tighter bounds.

## When not to use
A batch size that somebody changes by a plan.

## Sources
- The note's checklist: lower `adaptation_rate` or tighten the bounds.
"""

from collections.abc import Iterator

import numpy as np

from ppodiag.batch import swing
from ppodiag.diagnosis.context import RunContext, span_text
from ppodiag.diagnosis.finding import RunFinding
from ppodiag.diagnosis.rule import WARNING, RunCase, run_rule
from ppodiag.swing_limits import FLIPS, SWING, swings
from ppodiag.wording import count, number, percent


@run_rule("RUN921", "batch-swings", WARNING, "minibatch_size")
def check(ctx: RunContext) -> Iterator[RunFinding]:
    """A finding where the size swings."""
    sizes = ctx.settled("minibatch_size")
    deviation, flips = (float(x) for x in swing(sizes.values))
    if not swings(deviation, flips):
        return
    whole = [(int(sizes.steps[0]), int(sizes.steps[-1]))]
    yield ctx.finding(
        WARNING,
        f"the minibatch size swings between {count(sizes.values.min())} and "
        f"{count(sizes.values.max())}: its logarithm changes by {number(deviation)} an update "
        f"(standard deviation) and turns in {percent(flips)} of its changes, {span_text(whole)}; "
        f"expected at most {SWING} and {percent(FLIPS)}",
        ranges=whole,
        columns=("minibatch_size", "pg_grad_norm"),
        causes=(
            "adaptation_rate is high for norms that scatter as much",
            "noise dominates the norm, and the rate is above 2/9: the loop itself swings",
        ),
        next="ppodiag simulate CONFIG --norms fit:RUN gives the rate at which the swing would end",
        values={"std_delta_log": deviation, "sign_flips": flips},
    )


CASES = (
    RunCase(
        "from bound to bound",
        lambda run: run.with_column(
            "minibatch_size", lambda b: np.where(np.arange(len(b)) % 4 < 2, 32.0, 128.0)
        ),
        WARNING,
        "swings between 32 and 128: its logarithm changes by 0.9",
    ),
    RunCase(
        "a slow drift",
        lambda run: run.with_column(
            "minibatch_size", lambda b: np.rint(np.linspace(64, 90, len(b)))
        ),
    ),
    RunCase("a fixed size"),
)
