"""A minibatch of the whole rollout is within reach.

## What it checks
With adaptation enabled: at max_batch_size an epoch is a single minibatch, M = 1.

## Why it matters
Minibatches then lose their purpose: every step of an epoch sees the same samples, E steps an
update are all that is left, and the update resembles full-batch gradient descent on stale data.

## Instead
max_batch_size ≤ R / 4.

## When not to use
Where few, large steps are wanted; use fewer epochs then.

## Sources
- The definitions: M = ceil(R / B).
"""

from collections.abc import Iterator

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Edit, Finding, Fix
from ppodiag.rule import WARNING, rule
from ppodiag.wording import count


@rule("BS203", "whole-rollout-minibatch", WARNING)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where adaptation can reach one minibatch an epoch."""
    if not ctx.config.adaptive_batch:
        return
    high, samples = ctx.config.max_batch_size, ctx.rollout.samples
    if ctx.at(min(high, samples)).rollout.minibatches > 1:
        return
    steps, epochs = ctx.rollout.minibatches, ctx.rollout.epochs
    instead = f", in the place of {count(epochs * steps)}" if steps > 1 else ""
    advised = max(samples // 4, ctx.size)
    # Down to min_batch_size, or to the rollout itself, would be another fault in this one's place.
    mends = (
        ctx.config.min_batch_size < advised < samples and ctx.at(advised).rollout.minibatches > 1
    )
    yield ctx.finding(
        WARNING,
        "max_batch_size",
        f"at max_batch_size {count(high)} the whole rollout of {count(samples)} samples is one "
        f"minibatch: {count(epochs)} steps an update on the same data{instead}",
        f"set max_batch_size to {count(advised)} or less"
        if mends
        else "lower minibatch_size and both bounds together, or collect longer rollouts",
        inputs=("rollout_len", "num_envs", "epochs"),
        values={"max": high, "rollout_samples": samples},
        fix=Fix(
            f"set max_batch_size to {advised}",
            (Edit("/advanced_optimization/adaptive_batch_size/max_batch_size", str(advised)),),
        )
        if mends
        else None,
    )


_CASE_ON = {
    "advanced_optimization.adaptive_batch_size": {
        "enable": True,
        "min_batch_size": 256,
        "max_batch_size": 1024,
        "adaptation_rate": 0.1,
    },
    "ppo_config.minibatch_size": 256,
}

CASES = (
    Case(
        "the bound is the rollout",
        _CASE_ON,
        WARNING,
        "/advanced_optimization/adaptive_batch_size/max_batch_size",
        text="one minibatch: 10 steps an update on the same data, in the place of 40",
        others=("LR103",),
    ),
    Case(
        "two minibatches are left",
        {**_CASE_ON, "advanced_optimization.adaptive_batch_size.max_batch_size": 1023},
    ),
)
