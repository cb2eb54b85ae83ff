"""Nothing guards against an exploding gradient.

## What it checks
No clipping, and a > 1 or lr > 1e-3.

## Why it matters
An occasional huge gradient goes into Adam's moments unhindered and spoils many steps after it.
Accumulation sums gradients and a large learning rate multiplies them, so both need the guard more.

## Instead
clip_by_global_norm true with max_grad_norm 0.5.

## When not to use
Optimizers with a clipping of their own.

## Sources
- The note's checklist: "gradient explosion despite clipping".
"""

from collections.abc import Iterator
from typing import Final

from ppodiag.case import ABSENT, Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import WARNING, rule
from ppodiag.wording import number

HIGH_LR: Final = 1e-3
"""The largest learning rate among the 44 PPO entries of rl-baselines3-zoo."""


@rule("CLP403", "explosion-has-no-guard", WARNING)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where nothing clips and accumulation or a high learning rate wants it."""
    config = ctx.config
    if config.clipping or (config.accumulation_steps == 1 and config.lr <= HIGH_LR):
        return
    reasons = []
    if config.accumulation_steps > 1:
        reasons.append(f"gradients of {config.accumulation_steps} minibatches are accumulated")
    if config.lr > HIGH_LR:
        reasons.append(f"lr {number(config.lr)} is above {number(HIGH_LR)}")
    flag = "clip_by_global_norm"
    stated = flag in config.given
    yield ctx.finding(
        WARNING,
        flag if stated else "/advanced_optimization/gradient_optimization",
        f"nothing guards against an exploding gradient: no clipping, while {' and '.join(reasons)}",
        'set clip_by_global_norm to true, with "max_grad_norm": 0.5 in ppo_config',
        inputs=("accumulation_steps", "lr", "max_grad_norm"),
    )


CASES = (
    Case(
        "accumulation without clipping",
        {
            "advanced_optimization.gradient_optimization.clip_by_global_norm": False,
            "ppo_config.max_grad_norm": ABSENT,
        },
        WARNING,
        "/advanced_optimization/gradient_optimization/clip_by_global_norm",
        text="gradients of 2 minibatches are accumulated",
    ),
    Case(
        "a high learning rate without clipping, no block at all",
        {
            "ppo_config.lr": 0.002,
            "ppo_config.max_grad_norm": ABSENT,
            "advanced_optimization": {},
        },
        WARNING,
        "/advanced_optimization/gradient_optimization",
        text="no clipping, while lr 0.002 is above 0.001",
    ),
    Case(
        "no accumulation and a usual learning rate",
        {
            "advanced_optimization.gradient_optimization.clip_by_global_norm": False,
            "advanced_optimization.gradient_optimization.accumulation_steps": 1,
            "ppo_config.max_grad_norm": ABSENT,
        },
    ),
)
