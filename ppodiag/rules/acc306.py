"""Few optimizer steps in the whole run.

## What it checks
N_opt below 1,000, a warning; below 7,800, fewer than in any of the 44 published PPO
configurations, information.

## Why it matters
However good the samples, a policy that takes a few hundred optimizer steps hardly moves. The
reason is usually accumulation, a large minibatch, or a run that is too short.

## Instead
More epochs or minibatches an update, less accumulation, or a longer run.

## When not to use
Fine-tuning a pre-trained policy.

## Sources
- rl-baselines3-zoo, hyperparams/ppo.yml: 44 entries, at least 7,800 steps, median 312,320.
"""

from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import INFO, WARNING, rule
from ppodiag.wording import across, at_most, count

FEW: Final = 1000
"""[judgement] Optimizer steps below which a policy hardly moves."""

FEWEST_PUBLISHED: Final = 7800
"""The fewest optimizer steps among the 44 PPO entries of rl-baselines3-zoo."""


@rule("ACC306", "few-optimizer-steps", WARNING, ranged=True)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where N_opt is below `FEWEST_PUBLISHED`."""
    run = ctx.run
    if run.optimizer_steps >= FEWEST_PUBLISHED:
        return
    few = run.optimizer_steps < FEW
    expected = (
        f"{count(FEW)}" if few else f"{count(FEWEST_PUBLISHED)}, the fewest of 44 published runs"
    )
    spread = across(ctx, lambda c: c.run.optimizer_steps, count, at_most(ctx))
    rollout = ctx.rollout
    yield ctx.finding(
        WARNING if few else INFO,
        "total_env_steps",
        f"the run has {at_most(ctx)}{count(run.optimizer_steps)} optimizer steps "
        f"({count(run.updates)} updates × {count(rollout.epochs)} epochs × "
        f"{count(rollout.windows)}){spread}; expected at least {expected}",
        "train longer, or lower accumulation_steps or minibatch_size",
        inputs=("epochs", "rollout_len", "num_envs", "minibatch_size", "accumulation_steps"),
        values={"optimizer_steps": run.optimizer_steps, "updates": run.updates},
    )


CASES = (
    Case(
        "24 updates × 10 × 4 = 960",
        {
            "training.ppo_requests": 28672,
            "ppo_config.minibatch_size": 128,
            "advanced_optimization.learning_rate_schedule": {"type": "constant"},
        },
        WARNING,
        "/training/ppo_requests",
        text="the run has 960 optimizer steps (24 updates × 10 epochs × 4)",
    ),
    Case(
        "97 updates × 10 × 8 = 7,760",
        {
            "training.ppo_requests": 103424,
            "advanced_optimization.learning_rate_schedule": {"type": "constant"},
        },
        INFO,
        "/training/ppo_requests",
        text="the run has 7,760 optimizer steps",
    ),
    Case(
        "98 updates × 10 × 8 = 7,840",
        {
            "training.ppo_requests": 104448,
            "advanced_optimization.learning_rate_schedule": {"type": "constant"},
        },
    ),
)
