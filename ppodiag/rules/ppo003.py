"""An unusual clip range.

## What it checks
clip_ratio outside 0.1 to 0.4.

## Why it matters
A narrow range stops learning after one epoch; a wide one bounds nothing.

## Instead
set clip_ratio to 0.2

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

LOWEST: Final = 0.1
"""The smallest among the 44 PPO entries of rl-baselines3-zoo."""

HIGHEST: Final = 0.4
"""The largest among the 44 PPO entries of rl-baselines3-zoo."""


@rule("PPO003", "clip-ratio-unusual", INFO)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where the value is outside the published range."""
    value = ctx.config.clip_ratio
    if LOWEST <= value <= HIGHEST:
        return
    yield ctx.finding(
        INFO,
        "clip_ratio",
        f"clip_ratio is {value:.15g}; 44 published PPO configurations have {LOWEST:g} to {HIGHEST:g}",
        "set clip_ratio to 0.2",
        inputs=(),
        values={"clip_ratio": value},
    )


CASES = (
    Case(
        "outside",
        {"ppo_config.clip_ratio": 0.05},
        INFO,
        "/ppo_config/clip_ratio",
        text="clip_ratio is 0.05;",
    ),
    Case("at the end of the range", {"ppo_config.clip_ratio": 0.4}),
)
