"""The batch range is wide for a fixed learning rate.

## What it checks
With adaptation enabled: max_batch_size / min_batch_size > 4.

## Why it matters
The noise of a gradient falls with the square root of the batch size, and the number of steps an
update with the batch size itself. Over a range of more than 4 one learning rate cannot suit both
ends.

## Instead
A range of at most 4, such as the note's 32 to 128.

## When not to use
Where the learning rate is adapted along with the batch.

## Sources
- The note on the advanced optimization block: "keep the range narrow (e.g., 32-128)".
- McCandlish and others 2018, An Empirical Model of Large-Batch Training: the best rate depends on
  the size.
"""

from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import WARNING, rule
from ppodiag.wording import count, number

WIDEST: Final = 4
"""Ratio of the bounds in the note's own advice (32 to 128)."""


@rule("BS205", "range-wide-for-one-learning-rate", WARNING)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where the bounds are more than a factor of `WIDEST` apart."""
    if not ctx.config.adaptive_batch:
        return
    low, high = ctx.config.min_batch_size, ctx.config.max_batch_size
    if high <= WIDEST * low:
        return
    # A range of the same kind around the size that the run begins with.
    near_low = max(low, -(-ctx.size // 2))
    near_high = min(high, WIDEST * near_low)
    yield ctx.finding(
        WARNING,
        "max_batch_size",
        f"the batch range is wide for one learning rate: {count(high)} / {count(low)} = "
        f"{number(high / low)}, expected at most {WIDEST}",
        f"narrow the range, for example to {count(near_low)} to {count(near_high)}, around the "
        f"{count(ctx.size)} that the run begins with",
        inputs=("min_batch_size", "minibatch_size"),
        values={"min": low, "max": high, "ratio": high / low},
    )


_CASE_ON = {
    "advanced_optimization.adaptive_batch_size": {
        "enable": True,
        "min_batch_size": 32,
        "max_batch_size": 128,
        "adaptation_rate": 0.1,
    }
}

CASES = (
    Case(
        "32 to 256",
        {**_CASE_ON, "advanced_optimization.adaptive_batch_size.max_batch_size": 256},
        WARNING,
        "/advanced_optimization/adaptive_batch_size/max_batch_size",
        text="256 / 32 = 8, expected at most 4",
    ),
    Case("the note's range", _CASE_ON),
)
