"""The minibatch does not divide the rollout.

## What it checks
A fixed minibatch size, below R, with R mod B ≠ 0: the last minibatch of an epoch is short.

## Why it matters
The short minibatch makes a noisier step at the same learning rate, once an epoch. Some runtimes
drop it, and with it some samples.

## Instead
A minibatch size that divides the rollout.

## When not to use
Harmless where the remainder is nearly a whole minibatch.

## Sources
- Stable-Baselines3 warns of the same.
"""

import math
from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import INFO, rule
from ppodiag.wording import count

REACH: Final = 4096
"""Sizes below the present one among which the remedy looks for a divisor of the rollout."""


@rule("PPO007", "minibatch-does-not-divide-rollout", INFO)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where the last minibatch of an epoch is short."""
    config = ctx.config
    if config.adaptive_batch or config.sequence_length > 1:
        return
    samples, size = ctx.rollout.samples, config.minibatch_size
    if size > samples or samples % size == 0:
        return
    reach = range(size, max(0, size - REACH), -1)
    divisor = next((d for d in reach if samples % d == 0), math.gcd(samples, size))
    yield ctx.finding(
        INFO,
        "minibatch_size",
        f"minibatch_size {count(size)} does not divide the rollout: {count(samples)} = "
        f"{count(samples // size)} × {count(size)} + {count(samples % size)}",
        f"set minibatch_size to {count(divisor)}, or a multiple of it that divides {count(samples)}",
        inputs=("rollout_len", "num_envs"),
        values={"remainder": samples % size},
    )


CASES = (
    Case(
        "1,024 = 10 × 96 + 64",
        {
            "ppo_config.minibatch_size": 96,
            "advanced_optimization.learning_rate_schedule": {"type": "constant"},
        },
        INFO,
        "/ppo_config/minibatch_size",
        text="1,024 = 10 × 96 + 64",
    ),
    Case("16 minibatches of 64", {}),
)
