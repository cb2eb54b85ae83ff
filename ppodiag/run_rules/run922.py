"""The batch size is pinned to a bound.

## What it checks
Where the logged minibatch size varies, or the configuration adapts it: more than half of the updates use
the lower bound, or more than half the upper one. The bounds are the file's (none above the rollout);
without a configuration, the least and the largest size of the log.

## Why it matters
The run trains at another minibatch size than its author thinks, and with the clock of minibatches the
learning rate moves with it.

## Instead
That size, written as `minibatch_size`, with the adaptation off; or a lower adaptation_rate.

## When not to use
A size that somebody raises by a plan and then keeps.

## Sources
- The definitions: b is clipped to the bounds after each update.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from ppodiag.config import DoesNotApply
from ppodiag.diagnosis.context import RunContext, span_text, stretches
from ppodiag.diagnosis.finding import RunFinding
from ppodiag.diagnosis.rule import WARNING, RunCase, run_rule
from ppodiag.norms.model import FloatArray
from ppodiag.wording import count, percent

PINNED: Final = 0.5
"""[judgement] Share of updates at one bound."""


@run_rule("RUN922", "batch-pinned", WARNING, "minibatch_size")
def check(ctx: RunContext) -> Iterator[RunFinding]:
    """A finding where more than half of the updates are at one bound."""
    sizes = ctx.settled("minibatch_size")
    bounds = _bounds(ctx, sizes.values)
    if bounds is None:
        return
    shares = [(float(np.mean(sizes.values == bound)), bound) for bound in bounds]
    share, bound = max(shares)
    if share <= PINNED:
        return
    ranges = stretches(sizes.steps, sizes.values == bound, 2)
    side = "lower" if bound == bounds[0] else "upper"
    yield ctx.finding(
        WARNING,
        f"{percent(share)} of the updates use {count(bound)} samples, the {side} bound, "
        f"{span_text(ranges)}; expected at most {percent(PINNED)}",
        ranges=ranges,
        columns=("minibatch_size", "pg_grad_norm"),
        causes=(
            "the gradient norm rose or fell for good, and the size followed it to the bound",
            "norms are compared with a fixed reference, which drives the size to a bound",
            "the bounds are narrow for this adaptation_rate",
        ),
        next="ppodiag simulate CONFIG --norms run:RUN replays the norms; does the size go the same way?",
        values={"share": share, "bound": int(bound)},
    )


def _bounds(ctx: RunContext, values: FloatArray) -> tuple[float, float] | None:
    """The bounds that count; None where the size does not adapt."""
    if ctx.context is not None:
        try:
            if not ctx.config.adaptive_batch:
                return None
            samples = ctx.context.rollout.samples
            low, high = ctx.config.min_batch_size, ctx.config.max_batch_size
            return (float(min(low, samples)), float(min(high, samples))) if low < high else None
        except DoesNotApply:
            pass
    least, most = float(values.min()), float(values.max())
    # Few sizes are no adaptation but somebody's plan.
    return (least, most) if len(np.unique(values)) > 2 else None


_CASE_ON = {
    "advanced_optimization.adaptive_batch_size": {
        "enable": True, "min_batch_size": 32, "max_batch_size": 128, "adaptation_rate": 0.1,
    }
}  # fmt: skip

CASES = (
    RunCase(
        "at 128 from a third of the run on",
        lambda run: run.with_column(
            "minibatch_size", lambda b: np.minimum(128, np.rint(64 + np.arange(len(b))))
        ),
        WARNING,
        "of the updates use 128 samples, the upper bound",
        config=_CASE_ON,
    ),
    RunCase("a size that the file fixes", config={}),
    RunCase(
        "a size that wanders between the bounds",
        lambda run: run.with_column(
            "minibatch_size", lambda b: np.rint(70 + 10 * np.sin(np.arange(len(b)) / 20))
        ),
        config=_CASE_ON,
    ),
)
