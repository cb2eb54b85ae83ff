"""Unequal minibatches are averaged.

## What it checks
a > 1, and R is no multiple of B: the last minibatch of an epoch is short. Information where the
runtime weighs by samples, a warning for a mean of means, with the ratio of the weights.

## Why it matters
In a mean of means each sample of the short minibatch weighs B / (R mod B) times as much as the
others.

## Instead
A minibatch size that divides the rollout.

## When not to use
Runtimes that weigh by samples.

## Sources
- Measured: for 200 = 3 × 64 + 8 the gradient is wrong by 73%, for 257 = 4 × 64 + 1 by 157%.
"""

from collections.abc import Iterator

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import INFO, WARNING, rule
from ppodiag.wording import count, division, number


@rule("ACC303", "unequal-minibatches-averaged", WARNING, ranged=True)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where a short minibatch shares a window with whole ones."""
    rollout = ctx.rollout
    a, m = rollout.accumulation, rollout.minibatches
    if a == 1 or m == 1 or rollout.smallest == rollout.size:
        return
    tail = rollout.smallest
    weighed = ctx.profile.accumulation == "samples"
    ratio = rollout.size / tail
    effect = (
        "weighed by samples, so nothing is lost"
        if weighed
        else f"in a mean of means each of its samples weighs {count(rollout.size)}/{count(tail)} = "
        f"{number(ratio)} times as much as the others"
    )
    yield ctx.finding(
        INFO if weighed else WARNING,
        "minibatch_size",
        f"minibatches of unequal size are accumulated: {division(rollout)}; {effect}",
        "choose a minibatch size that divides the rollout",
        inputs=("accumulation_steps", "rollout_len", "num_envs"),
        values={"tail": tail, "weight_ratio": ratio},
    )


CASES = (
    Case(
        "1,024 = 9 × 112 + 16, windows of two",
        {
            "ppo_config.minibatch_size": 112,
            "advanced_optimization.learning_rate_schedule": {"type": "linear"},
        },
        INFO,
        "/ppo_config/minibatch_size",
        text="1,024 = 9 × 112 + 16; weighed by samples",
    ),
    Case(
        "the same in a mean of means",
        {
            "ppo_config.minibatch_size": 112,
            "advanced_optimization.learning_rate_schedule": {"type": "linear"},
        },
        WARNING,
        "/ppo_config/minibatch_size",
        text="weighs 112/16 = 7 times as much",
        profile="note,accumulation=mean_of_means",
    ),
    Case("equal minibatches", {}, profile="note,accumulation=mean_of_means"),
)
