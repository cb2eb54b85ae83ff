"""The accumulation is no whole number from 1.

## What it checks
accumulation_steps below 1, or not whole.

## Why it matters
A window of half a minibatch does not exist; runtimes divide by the value, take a remainder by it,
or never step.

## Instead
1 for no accumulation, or a whole number.

## When not to use
No exception is known.

## Sources
- The definitions: a window is a minibatches.
"""

from collections.abc import Iterator

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Edit, Finding, Fix
from ppodiag.rule import ERROR, rule
from ppodiag.wording import number


@rule("ACC308", "accumulation-not-whole", ERROR)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where a is below 1 or not whole."""
    if "accumulation_steps" not in ctx.config.given:
        return
    a = ctx.raw("accumulation_steps")
    if a >= 1 and a == int(a):
        return
    meant = max(1, round(a))
    yield ctx.finding(
        ERROR,
        "accumulation_steps",
        f"accumulation_steps is {number(a)}; it is a number of minibatches, whole and at least 1",
        f"set accumulation_steps to {meant}",
        values={"accumulation_steps": a},
        fix=Fix(
            f"set accumulation_steps to {meant}",
            (Edit("/advanced_optimization/gradient_optimization/accumulation_steps", str(meant)),),
        ),
    )


CASES = (
    Case(
        "zero",
        {"advanced_optimization.gradient_optimization.accumulation_steps": 0},
        ERROR,
        "/advanced_optimization/gradient_optimization/accumulation_steps",
        text="accumulation_steps is 0;",
    ),
    Case(
        "two and a half",
        {"advanced_optimization.gradient_optimization.accumulation_steps": 2.5},
        ERROR,
        "/advanced_optimization/gradient_optimization/accumulation_steps",
        text="accumulation_steps is 2.5;",
    ),
    Case(
        "written as 2.0",
        {"advanced_optimization.gradient_optimization.accumulation_steps": 2.0},
    ),
)
