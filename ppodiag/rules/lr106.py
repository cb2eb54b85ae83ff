"""A restart multiplies the learning rate at once.

## What it checks
There is at least one restart in the run, and 1/λ just before it is above 10.5: the learning rate
jumps to more than ten and a half times its value from one tick to the next.

## Why it matters
PPO's clipped objective is a trust region for small steps. Adam's moments were gathered at the
small learning rate; a step with ten times the rate in the same direction leaves the region where
the clipped ratio still restrains the policy, and the KL divergence spikes.

## Instead
r ≥ 0.2, or no restart.

## When not to use
Where the collapse after a restart is wanted and only the ends of cycles count. With the KL early
stop this is information.

## Sources
- Loshchilov and Hutter 2017, SGDR, section 3: warm restarts.
- Schulman and others 2017, Proximal Policy Optimization Algorithms, section 3: the clipped
  objective.
"""

from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import WARNING, rule
from ppodiag.wording import count, number, ratio

JUMP: Final = 10.5
"""[judgement] Factor of a restart above which it is a finding; the note's own r = 0.1 stays below."""


@rule("LR106", "restart-jump", WARNING, ranged=True)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where a restart in the run multiplies the learning rate by more than `JUMP`."""
    period = ctx.config.restart_period
    if period is None or ctx.config.schedule_kind != "cosine_annealing_with_warmup":
        return
    run, schedule = ctx.run, ctx.schedule
    restart = schedule.origin + period
    if run.ticks <= restart or restart - 1 < schedule.warmup:
        return
    before = ctx.lr_ratio(restart - 1)
    if before * JUMP >= 1:
        return
    lr = ctx.config.lr
    yield ctx.finding(
        ctx.capped(WARNING),
        "min_lr_ratio",
        f"each restart multiplies the learning rate by {count(1 / before)}: from "
        f"{number(lr * before)} ({ratio(before)} of the peak) to {number(lr)} at t = "
        f"{count(restart)}; min_lr_ratio is {number(schedule.floor)}",
        "set min_lr_ratio to 0.2 or more, or remove restart_period",
        inputs=("restart_period", "warmup_steps", "lr"),
        values={"factor": 1 / before, "restart_tick": restart},
    )


CASES = (
    Case(
        "a floor of 0.02 and two cycles",
        {
            "advanced_optimization.learning_rate_schedule.restart_period": 78880,
            "advanced_optimization.learning_rate_schedule.min_lr_ratio": 0.02,
        },
        WARNING,
        "/advanced_optimization/learning_rate_schedule/min_lr_ratio",
        text="multiplies the learning rate by 50",
    ),
    Case(
        "the note's own floor of 0.1",
        {"advanced_optimization.learning_rate_schedule.restart_period": 78880},
    ),
    Case(
        "no restart in the run",
        {"advanced_optimization.learning_rate_schedule.min_lr_ratio": 0.02},
    ),
)
