"""The adaptation rate crosses the range in a few updates.

## What it checks
With adaptation enabled: adaptation_rate outside (0, 1), an error; else ln(max/min) / −ln(1 − rate)
below 5 updates, a warning. A shrinking step multiplies the size by at least 1 − rate. A range so
narrow, ln(max/min) ≤ 0.2 (a factor of 1.22), that even a jump from bound to bound in every update
would be no swing, draws nothing.

## Why it matters
A batch size that can fall from the upper to the lower bound within a few updates follows single
noisy gradient norms. The note's checklist calls it "batch size swings wildly".

## Instead
A rate of 0.05 to 0.1 for a range of 4.

## When not to use
A narrow range, within which the swing does no harm.

## Sources
- The note's checklist: lower `adaptation_rate` or tighten the bounds.
"""

import math
from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Edit, Finding, Fix
from ppodiag.rule import ERROR, WARNING, rule
from ppodiag.swing_limits import SWING
from ppodiag.wording import count, number

FEWEST_UPDATES: Final = 5
"""[judgement] Updates that the size should need from bound to bound."""


@rule("BS206", "adaptation-rate", ERROR)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where the rate is impossible or crosses the range too quickly."""
    if not ctx.config.adaptive_batch:
        return
    rate = ctx.raw("adaptation_rate")
    if not 0 < rate < 1:
        yield ctx.finding(
            ERROR,
            "adaptation_rate",
            f"adaptation_rate is {number(rate)}; it is the largest relative change an update, "
            "between 0 and 1 (both exclusive)",
            "set adaptation_rate to 0.1",
            values={"rate": rate},
            silences=("BS208",),
        )
        return
    low, high = ctx.config.min_batch_size, ctx.config.max_batch_size
    extent = math.log(high / low)
    if extent <= SWING:
        return
    updates = extent / -math.log1p(-rate)
    if updates >= FEWEST_UPDATES:
        return
    advised = math.floor(-1000 * math.expm1(-extent / FEWEST_UPDATES)) / 1000
    yield ctx.finding(
        WARNING,
        "adaptation_rate",
        f"the batch size can cross its range in {number(updates)} updates: ln({count(high)}/"
        f"{count(low)}) / −ln(1 − {number(rate)}); expected at least {FEWEST_UPDATES}",
        f"set adaptation_rate to {number(advised)} or less",
        inputs=("min_batch_size", "max_batch_size"),
        values={"rate": rate, "updates": updates},
        fix=Fix(
            f"set adaptation_rate to {number(advised)}",
            (Edit("/advanced_optimization/adaptive_batch_size/adaptation_rate", number(advised)),),
        ),
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
        "a rate of 1",
        {**_CASE_ON, "advanced_optimization.adaptive_batch_size.adaptation_rate": 1},
        ERROR,
        "/advanced_optimization/adaptive_batch_size/adaptation_rate",
        text="adaptation_rate is 1;",
    ),
    Case(
        "a fifth, from 32 to 96: ln 3 / −ln 0.8 = 4.92 updates",
        {
            **_CASE_ON,
            "advanced_optimization.adaptive_batch_size.max_batch_size": 96,
            "advanced_optimization.adaptive_batch_size.adaptation_rate": 0.2,
        },
        WARNING,
        "/advanced_optimization/adaptive_batch_size/adaptation_rate",
        text="in 4.923 updates: ln(96/32) / −ln(1 − 0.2)",
    ),
    Case(
        "a range of 60 to 72: ln 1.2 = 0.18",
        {
            **_CASE_ON,
            "advanced_optimization.adaptive_batch_size.min_batch_size": 60,
            "advanced_optimization.adaptive_batch_size.max_batch_size": 72,
        },
    ),
    Case(
        "just enough: ln(98/32) / −ln 0.8 = 5.016",
        {
            **_CASE_ON,
            "advanced_optimization.adaptive_batch_size.max_batch_size": 98,
            "advanced_optimization.adaptive_batch_size.adaptation_rate": 0.2,
        },
    ),
)
