"""Too few samples for a scale.

## What it checks
D ≥ 1 and (D + 1)·R below 200: the statistics that the first update uses come from fewer samples
than that.

## Why it matters
The relative error of a standard deviation is about 1/sqrt(2·samples): 7% at 100 samples, 5% at
200. The scale of observations and rewards is still moving when training begins.

## Instead
A longer window.

## When not to use
Observations of a known scale.

## Sources
- The standard error of a standard deviation of normal samples, s/sqrt(2n).
"""

import math
from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import INFO, rule
from ppodiag.wording import count, percent

ENOUGH: Final = 200
"""[judgement] Samples at which the relative error of a deviation is 5%."""


@rule("STB604", "too-few-samples-for-a-scale", INFO)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where the normalizers see fewer than `ENOUGH` samples before the first update."""
    if ctx.config.stabilization_steps == 0:
        return
    skipped, samples = ctx.budget.skipped, ctx.rollout.samples
    seen = (skipped + 1) * samples
    if skipped == 0 or seen >= ENOUGH or ctx.budget.applied == 0:
        return
    yield ctx.finding(
        INFO,
        "stabilization_steps",
        f"the first update's statistics come from ({skipped} + 1) × {count(samples)} = {count(seen)} "
        f"samples: the relative error of a deviation is about {percent(1 / math.sqrt(2 * seen))}",
        f"set stabilization_steps to {count((-(-ENOUGH // samples) - 1) * samples)} or more",
        inputs=("rollout_len", "num_envs"),
        values={"samples": seen},
    )


_CASE_SMALL = {
    "training.ppo_requests": 64000,
    "parallel_training.num_envs": 1,
    "ppo_config.rollout_len": 64,
    "ppo_config.minibatch_size": 16,
    "advanced_optimization.learning_rate_schedule": {"type": "constant"},
}

CASES = (
    Case(
        "two rollouts of 64",
        {**_CASE_SMALL, "ppo_config.stabilization_steps": 64},
        INFO,
        "/ppo_config/stabilization_steps",
        text="(1 + 1) × 64 = 128 samples: the relative error of a deviation is about 6.2%",
    ),
    Case(
        "no update ever uses them",
        {**_CASE_SMALL, "training.ppo_requests": 64, "ppo_config.stabilization_steps": 64},
    ),
    Case("four rollouts of 64", {**_CASE_SMALL, "ppo_config.stabilization_steps": 192}),
)
