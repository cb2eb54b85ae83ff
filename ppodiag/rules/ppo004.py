"""An unusual number of epochs.

## What it checks
epochs outside 1 to 20.

## Why it matters
Each further pass over the same rollout is further from its policy; after twenty the clipped
objective has no gradient left for most samples.

## Instead
set epochs to 4 to 10

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

LOWEST: Final = 1
"""The smallest among the 44 PPO entries of rl-baselines3-zoo."""

HIGHEST: Final = 20
"""The largest among the 44 PPO entries of rl-baselines3-zoo."""


@rule("PPO004", "epochs-unusual", INFO)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where the value is outside the published range."""
    value = ctx.config.epochs
    if LOWEST <= value <= HIGHEST:
        return
    yield ctx.finding(
        INFO,
        "epochs",
        f"epochs is {value:.15g}; 44 published PPO configurations have {LOWEST:g} to {HIGHEST:g}",
        "set epochs to 4 to 10",
        inputs=(),
        values={"epochs": value},
    )


CASES = (
    Case(
        "outside",
        {"ppo_config.epochs": 32},
        INFO,
        "/ppo_config/epochs",
        text="epochs is 32;",
        others=("LR104",),
    ),
    Case("at the end of the range", {"ppo_config.epochs": 20}),
)
