"""The floor of the learning rate is negligible.

## What it checks
A restart comes before the last optimizer step, 0 < r < 0.01, and lr · r < 1e-6.

## Why it matters
The end of each cycle trains with a rate at which nothing moves: rollouts are collected and thrown
away, again in each cycle.

## Instead
r of 0.05 to 0.2.

## When not to use
A single cycle to (nearly) zero at the end of the run is a usual choice; this rule is silent there.

## Sources
- A judgement; the smallest constant learning rate among the 44 PPO entries of rl-baselines3-zoo is
  2.1e-5.
"""

from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Edit, Finding, Fix
from ppodiag.rule import WARNING, rule
from ppodiag.schedule import first_restart
from ppodiag.wording import number

SMALL_RATIO: Final = 0.01
"""[judgement] Floor ratio below which the floor may be negligible."""

SMALL_LR: Final = 1e-6
"""[judgement] Learning rate that moves nothing; a twentieth of the smallest published one."""

ADVISED: Final = 0.1


@rule("LR113", "floor-negligible", WARNING, ranged=True)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where a repeated floor is positive and negligible."""
    config = ctx.config
    period = config.restart_period
    if period is None or config.schedule_kind != "cosine_annealing_with_warmup":
        return
    r, lr = config.min_lr_ratio, config.lr
    if not 0 < r < SMALL_RATIO or lr * r >= SMALL_LR:
        return
    if ctx.run.final_tick < first_restart(ctx.schedule):
        return
    yield ctx.finding(
        WARNING,
        "min_lr_ratio",
        f"the floor of each cycle is negligible: lr · min_lr_ratio = {number(lr)} · {number(r)} = "
        f"{number(lr * r)}, below {number(SMALL_LR)}",
        f"set min_lr_ratio to {ADVISED} (a floor of {number(lr * ADVISED)})",
        inputs=("lr", "restart_period"),
        values={"floor": lr * r},
        fix=Fix(
            f"set min_lr_ratio to {ADVISED}",
            (Edit("/advanced_optimization/learning_rate_schedule/min_lr_ratio", str(ADVISED)),),
        ),
    )


CASES = (
    Case(
        "two cycles down to 3e-7",
        {
            "advanced_optimization.learning_rate_schedule.restart_period": 78880,
            "advanced_optimization.learning_rate_schedule.min_lr_ratio": 0.001,
        },
        WARNING,
        "/advanced_optimization/learning_rate_schedule/min_lr_ratio",
        text="0.0003 · 0.001 = 3e-07",
        others=("LR106",),
    ),
    Case(
        "one cycle",
        {"advanced_optimization.learning_rate_schedule.min_lr_ratio": 0.001},
    ),
    Case(
        "a floor of zero is meant",
        {
            "advanced_optimization.learning_rate_schedule.restart_period": 78880,
            "advanced_optimization.learning_rate_schedule.min_lr_ratio": 0,
        },
    ),
)
