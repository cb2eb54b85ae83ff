"""A partial accumulation window.

## What it checks
a < M, and M is no multiple of a: the last window of an epoch holds fewer minibatches. Information
where the runtime weighs by samples; a warning where it divides each minibatch's mean by a.

## Why it matters
A runtime that divides each minibatch's mean loss by a makes the gradient of the last window smaller
than the mean over it, by the share of minibatches that are missing: its samples are
under-weighted, every epoch. Plain SGD takes a smaller step; Adam's moments mix the two scales, and
clipping to a norm treats the window differently from the others.

## Instead
a that divides M.

## When not to use
Runtimes that weigh by samples lose nothing.

## Sources
- Measured: a mean of means with a short last minibatch is wrong by 73% to 157% of the gradient.
"""

from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import INFO, WARNING, rule
from ppodiag.wording import count

REACH: Final = 1024
"""Values below the present one among which the remedy looks for a divisor."""


@rule("ACC302", "partial-window", WARNING, ranged=True)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where the last window of an epoch is short."""
    a = ctx.config.accumulation_steps
    m = ctx.rollout.minibatches
    if a == 1 or a >= m or m % a == 0:
        return
    weighed = ctx.profile.accumulation == "samples"
    left = m % a
    effect = (
        "its samples keep their weight, for losses are weighed by samples"
        if weighed
        else f"divided by {count(a)} all the same, its {count(ctx.rollout.smallest_window)} samples "
        f"together have {count(left)}/{count(a)} of the weight of a whole window"
    )
    divisor = next((d for d in range(a, max(1, a - REACH), -1) if m % d == 0), 1)
    yield ctx.finding(
        INFO if weighed else WARNING,
        "accumulation_steps",
        f"the last window of each epoch is partial: {count(m)} minibatches = {count(m // a)} × "
        f"{count(a)} + {count(left)}; {effect}",
        f"set accumulation_steps to {count(divisor)}, which divides {count(m)}",
        inputs=("minibatch_size", "rollout_len", "num_envs"),
        values={"minibatches": m, "accumulation_steps": a, "last_window": left},
    )


CASES = (
    Case(
        "16 = 5 × 3 + 1, weighed by samples",
        {"advanced_optimization.gradient_optimization.accumulation_steps": 3},
        INFO,
        "/advanced_optimization/gradient_optimization/accumulation_steps",
        text="16 minibatches = 5 × 3 + 1; its samples keep their weight",
    ),
    Case(
        "16 = 5 × 3 + 1, a mean of means",
        {"advanced_optimization.gradient_optimization.accumulation_steps": 3},
        WARNING,
        "/advanced_optimization/gradient_optimization/accumulation_steps",
        text="its 64 samples together have 1/3 of the weight of a whole window",
        profile="note,accumulation=mean_of_means",
    ),
    Case(
        "a quadrillion minibatches, windows of more than a trillion: said at once",
        {
            "ppo_config.rollout_len": 8 * 10**15,
            "parallel_training.num_envs": 1,
            "ppo_config.minibatch_size": 8,
            "training.ppo_requests": 8 * 10**17,
            "ppo_config.stabilization_steps": 0,
            "advanced_optimization.learning_rate_schedule": {"type": "constant"},
            "advanced_optimization.gradient_optimization.accumulation_steps": 10**12 + 7,
        },
        INFO,
        "/advanced_optimization/gradient_optimization/accumulation_steps",
        text="999 × 1,000,000,000,007 + 999,999,993,007; its samples keep",
    ),
    Case(
        "16 = 4 × 4",
        {"advanced_optimization.gradient_optimization.accumulation_steps": 4},
    ),
)
