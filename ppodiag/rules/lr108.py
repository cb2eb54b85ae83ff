"""A degenerate cosine cycle.

## What it checks
P = 1, an error; else P < min(20, 10·K), a warning: too few ticks to form a cosine.

## Why it matters
With P = 1 every tick is the first of a cycle: the phase is always 0, the learning rate always at
its peak, and the schedule does nothing at all. With a handful of ticks the cosine is a coarse
staircase.

## Instead
P of at least ten updates; one cycle over the run is the usual choice.

## When not to use
Never with P = 1: write `"type": "constant"`.

## Sources
- pytorch/pytorch issue 47561: a cosine schedule with T_0 = 1.
"""

from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import ERROR, WARNING, rule
from ppodiag.wording import count, steps

FEW_TICKS: Final = 20
"""[judgement] Ticks below which a cosine is a staircase."""

FEW_UPDATES: Final = 10
"""[judgement] Updates that are enough however few ticks they have."""


@rule("LR108", "degenerate-cycle", ERROR, ranged=True)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where P is 1, or below `FEW_TICKS` ticks and `FEW_UPDATES` updates."""
    period = ctx.config.restart_period
    if period is None or ctx.config.schedule_kind != "cosine_annealing_with_warmup":
        return
    if period >= FEW_TICKS:
        return
    ticks = ctx.rollout.ticks
    advised = FEW_UPDATES * ticks
    if period == 1:
        yield ctx.finding(
            ERROR,
            "restart_period",
            "restart_period is 1: every tick begins a cycle, so after the warm-up the learning "
            "rate is always at its peak and min_lr_ratio never counts",
            f"set restart_period to {count(advised)} or more, or use type constant",
            inputs=("min_lr_ratio", "epochs", "minibatch_size"),
            values={"period_ticks": 1},
            silences=("LR104", "LR105", "LR106", "LR107"),
        )
    elif period < FEW_UPDATES * ticks:
        yield ctx.finding(
            WARNING,
            "restart_period",
            f"a cycle of {steps(ctx, period)} is too short for a cosine: expected at least "
            f"{min(FEW_TICKS, advised)}",
            f"set restart_period to {count(max(FEW_TICKS, advised))} or more",
            inputs=("epochs", "rollout_len", "num_envs", "minibatch_size"),
            values={"period_ticks": period, "update_ticks": ticks},
        )


CASES = (
    Case(
        "a period of 1",
        {"advanced_optimization.learning_rate_schedule.restart_period": 1},
        ERROR,
        "/advanced_optimization/learning_rate_schedule/restart_period",
        text="every tick begins a cycle",
    ),
    Case(
        "nine updates of one tick each",
        {
            "advanced_optimization.learning_rate_schedule.restart_period": 9,
            "advanced_optimization.learning_rate_schedule.warmup_steps": 30,
            "advanced_optimization.learning_rate_schedule.min_lr_ratio": 0.5,
        },
        WARNING,
        "/advanced_optimization/learning_rate_schedule/restart_period",
        text="a cycle of 9 updates is too short for a cosine: expected at least 10",
        profile="cleanrl",
        others=("LR104", "LR110"),
    ),
    Case(
        "twenty ticks",
        {"advanced_optimization.learning_rate_schedule.restart_period": 20},
        profile="cleanrl",
    ),
)
