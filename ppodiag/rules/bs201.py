"""Impossible bounds of the adaptive batch size.

## What it checks
With adaptation enabled: min_batch_size above max_batch_size, min_batch_size below 1, or
minibatch_size outside the bounds.

## Why it matters
A clip between a lower bound and a smaller upper one has no defined result: runtimes take the one,
the other, or raise in mid-run. A start outside the bounds is moved to a bound at once, so
`minibatch_size` is not the size that the run begins with.

## Instead
1 ≤ min_batch_size ≤ minibatch_size ≤ max_batch_size.

## When not to use
No exception is known.

## Sources
- The note on the advanced optimization block: the two keys are bounds on the minibatch.
"""

from collections.abc import Iterator

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import ERROR, rule
from ppodiag.wording import count


@rule("BS201", "impossible-bounds", ERROR)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where the bounds are impossible; one, the gravest."""
    if not ctx.config.adaptive_batch:
        return
    low, high = ctx.raw("min_batch_size"), ctx.raw("max_batch_size")
    if low % 1 or high % 1:
        return  # no whole number: the schema says so
    if low > high:
        yield ctx.finding(
            ERROR,
            "min_batch_size",
            f"min_batch_size {count(low)} is above max_batch_size {count(high)}",
            "write the smaller one as min_batch_size",
            inputs=("max_batch_size",),
            values={"min": low, "max": high},
            silences=("BS",),
        )
    elif low < 1:
        yield ctx.finding(
            ERROR,
            "min_batch_size",
            f"min_batch_size is {count(low)}; a minibatch has at least 1 sample",
            "set min_batch_size to 32",
            values={"min": low},
            silences=("BS",),
        )
    else:
        size = ctx.config.minibatch_size
        if low <= size <= high:
            return
        bound = low if size < low else high
        yield ctx.finding(
            ERROR,
            "minibatch_size",
            f"minibatch_size {count(size)} lies outside the bounds {count(low)} to {count(high)}; "
            f"the run begins at {count(bound)}",
            f"set minibatch_size to {count(bound)}, or widen the bounds",
            inputs=("min_batch_size", "max_batch_size"),
            values={"size": size, "min": low, "max": high},
            silences=("BS",),
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
        "bounds swapped",
        {**_CASE_ON, "advanced_optimization.adaptive_batch_size.min_batch_size": 256},
        ERROR,
        "/advanced_optimization/adaptive_batch_size/min_batch_size",
        text="min_batch_size 256 is above max_batch_size 128",
    ),
    Case(
        "zero",
        {**_CASE_ON, "advanced_optimization.adaptive_batch_size.min_batch_size": 0},
        ERROR,
        "/advanced_optimization/adaptive_batch_size/min_batch_size",
        text="at least 1 sample",
    ),
    Case(
        "start outside",
        {**_CASE_ON, "ppo_config.minibatch_size": 16},
        ERROR,
        "/ppo_config/minibatch_size",
        text="minibatch_size 16 lies outside the bounds 32 to 128; the run begins at 32",
        others=("LR104",),
    ),
    Case("the note's bounds", _CASE_ON),
    Case(
        "half a sample is the schema's",
        {**_CASE_ON, "advanced_optimization.adaptive_batch_size.min_batch_size": 0.5},
    ),
    Case("start at a bound", {**_CASE_ON, "ppo_config.minibatch_size": 128}),
)
