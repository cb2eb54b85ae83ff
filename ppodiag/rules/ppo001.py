"""An unusual discount factor.

## What it checks
gamma outside 0.9 to 0.9999.

## Why it matters
Below 0.9 the policy looks fewer than ten steps ahead; above 0.9999 the returns of a rollout are
hardly discounted and their variance is large.

## Instead
set gamma to 0.99

## When not to use
Tasks that are known to want it; it is information.

## Sources
- rl-baselines3-zoo, hyperparams/ppo.yml: the ranges of 44 entries.
"""

from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import INFO, rule

LOWEST: Final = 0.9
"""The smallest among the 44 PPO entries of rl-baselines3-zoo."""

HIGHEST: Final = 0.9999
"""The largest among the 44 PPO entries of rl-baselines3-zoo."""


@rule("PPO001", "gamma-unusual", INFO)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where the value is outside the published range."""
    value = ctx.config.gamma
    if LOWEST <= value <= HIGHEST:
        return
    yield ctx.finding(
        INFO,
        "gamma",
        f"gamma is {value:.15g}; 44 published PPO configurations have {LOWEST:g} to {HIGHEST:g}",
        "set gamma to 0.99",
        inputs=(),
        values={"gamma": value},
    )


CASES = (
    Case("outside", {"ppo_config.gamma": 0.8}, INFO, "/ppo_config/gamma", text="gamma is 0.8;"),
    Case("at the end of the range", {"ppo_config.gamma": 0.9}),
)
