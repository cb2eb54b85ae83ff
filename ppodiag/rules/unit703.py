"""The run is too short.

## What it checks
U = 0, an error: a rollout is longer than the run. U below 24, fewer updates than any of the 44
published PPO configurations has: a warning.

## Why it matters
PPO improves by one bounded step an update. With a handful of updates there is hardly anything to
see, and with none the program ends without having trained.

## Instead
A longer run or shorter rollouts.

## When not to use
Smoke tests.

## Sources
- rl-baselines3-zoo, hyperparams/ppo.yml: 44 entries, at least 24 updates.
"""

from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import ERROR, WARNING, rule
from ppodiag.wording import count

FEWEST_PUBLISHED: Final = 24
"""The fewest updates among the 44 PPO entries of rl-baselines3-zoo."""


@rule("UNIT703", "run-too-short", ERROR)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where the run has fewer than `FEWEST_PUBLISHED` updates."""
    rollouts = ctx.budget.rollouts
    if rollouts >= FEWEST_PUBLISHED:
        return
    samples, total = ctx.rollout.samples, ctx.config.total_env_steps or 0
    rollout = f"{count(ctx.config.rollout_len)} × {count(ctx.config.num_envs)} environments"
    yield ctx.finding(
        WARNING if rollouts else ERROR,
        "total_env_steps",
        f"the run has {count(rollouts)} update{'' if rollouts == 1 else 's'}: {count(total)} "
        f"environment steps in rollouts of {count(samples)} ({rollout}); "
        + (
            f"expected at least {FEWEST_PUBLISHED}, the fewest of 44 published runs"
            if rollouts
            else "a rollout is longer than the run, so nothing ever trains"
        ),
        f"train for {count(FEWEST_PUBLISHED * samples)} environment steps or more, or shorten the "
        "rollout",
        inputs=("rollout_len", "num_envs"),
        values={"updates": rollouts, "rollout_samples": samples},
        silences=("ACC306",),
    )


_CASE_FLAT = {
    "advanced_optimization.learning_rate_schedule": {"type": "constant"},
    "ppo_config.stabilization_steps": 0,
    "ppo_config.minibatch_size": 8,
}

CASES = (
    Case(
        "a rollout longer than the run",
        {**_CASE_FLAT, "training.ppo_requests": 1023},
        ERROR,
        "/training/ppo_requests",
        text="the run has 0 updates: 1,023 environment steps in rollouts of 1,024",
    ),
    Case(
        "23 updates",
        {**_CASE_FLAT, "training.ppo_requests": 23552},
        WARNING,
        "/training/ppo_requests",
        text="the run has 23 updates: 23,552 environment steps",
    ),
    Case("24 updates", {**_CASE_FLAT, "training.ppo_requests": 24576}),
)
