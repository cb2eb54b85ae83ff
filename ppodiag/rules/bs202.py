"""The upper bound of the batch size exceeds the rollout.

## What it checks
With adaptation enabled: max_batch_size > R, the samples in a rollout.

## Why it matters
No minibatch is larger than the rollout, so part of the range does nothing, while the adaptation
still moves its state there: the size then stays at R until the state has come all the way back.

## Instead
max_batch_size ≤ R / 4, so that an epoch keeps several minibatches.

## When not to use
No exception is known.

## Sources
- The definitions: a minibatch is drawn from one rollout.
"""

from collections.abc import Iterator

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Edit, Finding, Fix
from ppodiag.rule import WARNING, rule
from ppodiag.wording import count


@rule("BS202", "max-exceeds-rollout", WARNING)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where max_batch_size is above R."""
    if not ctx.config.adaptive_batch:
        return
    high, samples = ctx.config.max_batch_size, ctx.rollout.samples
    if high <= samples:
        return
    advised = max(samples // 4, ctx.size)
    # Lower than min_batch_size, or the rollout itself, would be another fault in this one's place.
    mends = (
        ctx.config.min_batch_size < advised < samples and ctx.at(advised).rollout.minibatches > 1
    )
    yield ctx.finding(
        WARNING,
        "max_batch_size",
        f"max_batch_size {count(high)} exceeds the rollout of {count(samples)} samples "
        f"({count(ctx.config.rollout_len)} × {count(ctx.config.num_envs)} environments)",
        f"set max_batch_size to {count(advised)} or less"
        if mends
        else "lower minibatch_size and both bounds together, or collect longer rollouts",
        inputs=("rollout_len", "num_envs"),
        values={"max": high, "rollout_samples": samples},
        fix=Fix(
            f"set max_batch_size to {advised}",
            (Edit("/advanced_optimization/adaptive_batch_size/max_batch_size", str(advised)),),
        )
        if mends
        else None,
        silences=("BS203",),
    )


_CASE_ON = {
    "advanced_optimization.adaptive_batch_size": {
        "enable": True,
        "min_batch_size": 512,
        "max_batch_size": 2048,
        "adaptation_rate": 0.1,
    },
    "ppo_config.minibatch_size": 512,
}

CASES = (
    Case(
        "twice the rollout",
        _CASE_ON,
        WARNING,
        "/advanced_optimization/adaptive_batch_size/max_batch_size",
        text="max_batch_size 2,048 exceeds the rollout of 1,024 samples (128 × 8 environments)",
        others=("ACC304", "LR103"),
    ),
    Case(
        "the whole range lies above the rollout",
        {
            **_CASE_ON,
            "ppo_config.minibatch_size": 2048,
            "advanced_optimization.adaptive_batch_size.min_batch_size": 2048,
            "advanced_optimization.adaptive_batch_size.max_batch_size": 4096,
        },
        WARNING,
        "/advanced_optimization/adaptive_batch_size/max_batch_size",
        text="max_batch_size 4,096 exceeds the rollout of 1,024 samples",
        others=("ACC301", "LR103"),
    ),
    Case(
        "as large as the rollout is another rule's",
        {**_CASE_ON, "advanced_optimization.adaptive_batch_size.max_batch_size": 1024},
    ),
)
