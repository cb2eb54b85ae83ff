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
    advised = max(samples // 4, min(ctx.size, samples))
    yield ctx.finding(
        WARNING,
        "max_batch_size",
        f"at max_batch_size {count(high)} the whole rollout of {count(samples)} samples is one "
        f"minibatch: {ctx.rollout.epochs} steps an update on the same data, in the place of "
        f"{count(ctx.rollout.epochs * ctx.rollout.minibatches)}",
        f"set max_batch_size to {count(advised)} or less",
        inputs=("rollout_len", "num_envs", "epochs"),
        values={"max": high, "rollout_samples": samples},
        fix=Fix(
            f"set max_batch_size to {advised}",
            (Edit("/advanced_optimization/adaptive_batch_size/max_batch_size", str(advised)),),
        )
        if advised < samples
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
        text="the whole rollout of 1,024 samples is one minibatch",
        others=("LR103",),
    ),
    Case(
        "two minibatches are left",
        {**_CASE_ON, "advanced_optimization.adaptive_batch_size.max_batch_size": 1023},
    ),
)
