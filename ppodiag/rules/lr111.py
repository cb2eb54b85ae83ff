"""The peak learning rate is unusually high.

## What it checks
`ppo_config.lr`, the peak, for Adam: above 1e-3 information, above 3e-3 a warning, from 1e-2 an
error.

## Why it matters
Adam moves each weight by about the learning rate, whatever the gradient's size; clipping the
gradient does not change that. PPO's clipped objective bounds the ratio of the policies for small
steps only. With a large rate the KL divergence explodes within an update, the entropy collapses,
and nothing in the loss shows it.

## Instead
3e-4, the most common published value, or 2.5e-4.

## When not to use
Very large batches of simulated robots have used 2.6e-3; above that no published PPO setting is
known to us.

## Sources
- rl-baselines3-zoo, hyperparams/ppo.yml: 44 entries, 2.1e-5 to 1e-3.
- CleanRL's PPO for Isaac Gym: 2.6e-3.
"""

from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Edit, Finding, Fix
from ppodiag.rule import ERROR, INFO, WARNING, rule
from ppodiag.wording import number

LARGEST_PUBLISHED: Final = 1e-3
"""The largest learning rate among the 44 PPO entries of rl-baselines3-zoo."""

UNUSUAL: Final = 3e-3
"""[judgement] Just above the largest that any published PPO setting uses (2.6e-3)."""

FAR_OUT: Final = 1e-2
"""[judgement] Ten times the largest of the 44 entries."""


@rule("LR111", "peak-learning-rate", ERROR)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where lr is above 1e-3."""
    lr = ctx.config.lr
    if lr <= LARGEST_PUBLISHED:
        return
    times = number(lr / LARGEST_PUBLISHED)
    compared = "just above" if times == "1" else f"{times} times"
    severity = ERROR if lr >= FAR_OUT else WARNING if lr > UNUSUAL else INFO
    yield ctx.finding(
        severity,
        "lr",
        f"the peak learning rate {number(lr)} is {compared} the largest "
        f"({number(LARGEST_PUBLISHED)}) of 44 published PPO configurations",
        "set lr to 3e-4, the most common published value, and go up from there",
        values={"lr": lr, "largest_published": LARGEST_PUBLISHED},
        fix=Fix("set lr to 3e-4", (Edit("/ppo_config/lr", "3e-4"),)),
    )


CASES = (
    Case(
        "0.01",
        {"ppo_config.lr": 0.01},
        ERROR,
        "/ppo_config/lr",
        text="0.01 is 10 times the largest",
    ),
    Case("4e-3", {"ppo_config.lr": 4e-3}, WARNING, "/ppo_config/lr", text="0.004 is 4 times"),
    Case("Isaac Gym's 2.6e-3", {"ppo_config.lr": 2.6e-3}, INFO, "/ppo_config/lr", text="2.6 times"),
    Case(
        "a trifle more than that",
        {"ppo_config.lr": 0.00100001},
        INFO,
        "/ppo_config/lr",
        text="is just above the largest (0.001)",
    ),
    Case("the largest of the 44", {"ppo_config.lr": 1e-3}),
)
