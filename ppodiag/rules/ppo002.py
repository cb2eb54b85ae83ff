"""An unusual GAE lambda.

## What it checks
gae_lambda outside 0.8 to 1.0.

## Why it matters
Below 0.8 the advantages lean on a value function that is still wrong.

## Instead
set gae_lambda to 0.95

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

LOWEST: Final = 0.8
"""The smallest among the 44 PPO entries of rl-baselines3-zoo."""

HIGHEST: Final = 1.0
"""The largest among the 44 PPO entries of rl-baselines3-zoo."""


@rule("PPO002", "gae-lambda-unusual", INFO)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where the value is outside the published range."""
    value = ctx.config.gae_lambda
    if LOWEST <= value <= HIGHEST:
        return
    yield ctx.finding(
        INFO,
        "gae_lambda",
        f"gae_lambda is {value:.15g}; 44 published PPO configurations have {LOWEST:g} to {HIGHEST:g}",
        "set gae_lambda to 0.95",
        inputs=(),
        values={"gae_lambda": value},
    )


CASES = (
    Case(
        "outside",
        {"ppo_config.gae_lambda": 0.5},
        INFO,
        "/ppo_config/gae_lambda",
        text="gae_lambda is 0.5;",
    ),
    Case("at the end of the range", {"ppo_config.gae_lambda": 1}),
)
