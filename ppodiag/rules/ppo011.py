"""The minibatch is larger than the rollout.

## What it checks
A fixed minibatch_size above R.

## Why it matters
No minibatch can be larger than the rollout, so every epoch is one step on all of it, and
minibatch_size says something that never happens.

## Instead
A minibatch size of at most R / 4.

## When not to use
No exception is known: three published configurations have it, and there it is true as well.

## Sources
- The definitions: B is never more than R.
"""

from collections.abc import Iterator

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Edit, Finding, Fix
from ppodiag.rule import WARNING, rule
from ppodiag.wording import count


@rule("PPO011", "minibatch-exceeds-rollout", WARNING)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where a fixed minibatch size is above R."""
    config = ctx.config
    if config.adaptive_batch:
        return
    size, samples = config.minibatch_size, ctx.rollout.samples
    if size <= samples:
        return
    yield ctx.finding(
        WARNING,
        "minibatch_size",
        f"minibatch_size {count(size)} is larger than the rollout of {count(samples)} samples "
        f"({count(config.rollout_len)} × {count(config.num_envs)} environments): each epoch is one "
        "step on all of it",
        f"set minibatch_size to {count(max(1, samples // 4))} or less",
        inputs=("rollout_len", "num_envs"),
        values={"minibatch_size": size, "rollout_samples": samples},
        fix=Fix(
            f"set minibatch_size to {samples}, which changes nothing but the number",
            (Edit("/ppo_config/minibatch_size", str(samples)),),
        ),
    )


_CASE_ONE = {
    "advanced_optimization.gradient_optimization.accumulation_steps": 1,
    "advanced_optimization.learning_rate_schedule": {"type": "constant"},
}

CASES = (
    Case(
        "2,048 of 1,024",
        {**_CASE_ONE, "ppo_config.minibatch_size": 2048},
        WARNING,
        "/ppo_config/minibatch_size",
        text="minibatch_size 2,048 is larger than the rollout of 1,024 samples",
    ),
    Case("as large as the rollout", {**_CASE_ONE, "ppo_config.minibatch_size": 1024}),
)
