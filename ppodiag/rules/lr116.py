"""The learning rate is stuck at zero.

## What it checks
λ(t) < 0.01 after the warm-up on more than 10% of the ticks of the run. At the initial batch size
this is possible where the clock outlasts the plan: a cosine with short, deep cycles never does it
(a cosine is below 0.01 of its height for 6.4% of a cycle), but a schedule planned at the initial
batch size and run at a smaller one does, and so does a runtime that plans in one unit and counts
in another.

## Why it matters
Rollouts are collected and nothing is learned from them. In the log it looks like a plateau.

## Instead
r ≥ 0.05, or a plan that lasts as long as the run.

## When not to use
With the KL early stop it is information, for the clock then runs more slowly.

## Sources
- The note's checklist: "LR stuck at zero".
"""

from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import WARNING, rule
from ppodiag.schedule import ticks_below
from ppodiag.wording import count, if_it_holds, number, percent

NEARLY_ZERO: Final = 0.01
"""[judgement] λ below which nothing is learned."""

LONG: Final = 0.1
"""[judgement] Share of the run above which it is more than the end of a cycle."""


@rule("LR116", "stuck-at-zero", WARNING, ranged=True)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where λ is below `NEARLY_ZERO` for more than `LONG` of the run."""
    if ctx.config.schedule_kind == "constant" or ctx.config.min_lr_ratio >= NEARLY_ZERO:
        return
    run = ctx.run
    below = ticks_below(ctx.schedule, NEARLY_ZERO, run.first_tick, run.ticks)
    share = below / (run.ticks - run.first_tick)
    if share <= LONG:
        return
    yield ctx.finding(
        ctx.capped(WARNING),
        "/advanced_optimization/learning_rate_schedule",
        f"after the warm-up the learning rate is below {percent(NEARLY_ZERO)} of its peak for "
        f"{percent(share)} of the run ({count(below)} of {count(run.ticks - run.first_tick)} ticks)"
        f"{if_it_holds(ctx)}; min_lr_ratio is {number(ctx.config.min_lr_ratio)}",
        "set min_lr_ratio to 0.05 or more, or restart_period so that the cycle lasts the whole run",
        inputs=("min_lr_ratio", "restart_period", "warmup_steps", "total_env_steps"),
        values={"share": share, "ticks": below},
    )


CASES = (
    Case(
        "a last rollout that is completed beyond T",
        {
            "advanced_optimization.learning_rate_schedule": {"type": "linear", "warmup_steps": 0},
            "training.ppo_requests": 1535,
            "ppo_config.stabilization_steps": 0,
        },
        WARNING,
        "/advanced_optimization/learning_rate_schedule",
        text="of the run",
        profile="sb3",
        others=("UNIT703",),
    ),
    Case(
        "one cosine to zero: 6.4% of it",
        {"advanced_optimization.learning_rate_schedule.min_lr_ratio": 0},
    ),
)
