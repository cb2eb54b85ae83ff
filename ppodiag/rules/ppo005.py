"""The rollout is short beside the horizon.

## What it checks
rollout_len·(1 − gamma) below 0.05: the rollout covers less than a twentieth of the discounting
horizon 1/(1 − gamma).

## Why it matters
Nearly all of each return is then the value function's estimate at the cut, and the advantages say
little about the actions.

## Instead
A longer rollout or a smaller gamma.

## When not to use
Environments with very many copies, such as Isaac Gym's, do it with success.

## Sources
- Schulman and others 2016, High-Dimensional Continuous Control Using GAE.
"""

import math
from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import INFO, rule
from ppodiag.wording import count, number

SHORT: Final = 0.05
"""[judgement] Share of the horizon below which a rollout says little."""


@rule("PPO005", "rollout-short-beside-the-horizon", INFO)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where the rollout covers less than `SHORT` of the horizon."""
    config = ctx.config
    # 500 × (1 − 0.9999) is 0.04999…9 in binary: rounded, so that the exact limit is inside.
    share = round(config.rollout_len * (1 - config.gamma), 9)
    if share >= SHORT or config.gamma >= 1:
        return
    yield ctx.finding(
        INFO,
        "rollout_len",
        f"the rollout is short beside the horizon: {count(config.rollout_len)} steps of "
        f"1/(1 − {config.gamma}) = {count(1 / (1 - config.gamma))}, a share of {number(share)}",
        f"set rollout_len to {count(math.ceil(round(SHORT / (1 - config.gamma), 6)))} or more, or lower gamma",
        inputs=("gamma",),
        values={"share": share},
    )


CASES = (
    Case(
        "128 of 10,000 steps",
        {"ppo_config.gamma": 0.9999},
        INFO,
        "/ppo_config/rollout_len",
        text="128 steps of 1/(1 − 0.9999) = 10,000, a share of 0.0128",
    ),
    Case("128 of 1,000", {"ppo_config.gamma": 0.999}),
    Case(
        "500 of 10,000, exactly a twentieth",
        {
            "ppo_config.gamma": 0.9999,
            "ppo_config.rollout_len": 500,
            "ppo_config.minibatch_size": 50,
        },
    ),
)
