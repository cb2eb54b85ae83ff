"""The mean learning rate is far below the peak.

## What it checks
The mean of λ(t) over the ticks of the run is below 0.4.

## Why it matters
A comparison with a constant learning rate of the same `lr` is then a comparison with a much
smaller one: what looks like an effect of the schedule may be an effect of the mean.

## Instead
Report the effective mean beside the peak, or compare with a constant rate of that mean.

## When not to use
Nothing is wrong with such a schedule; it is information.

## Sources
- A judgement; a single cosine to zero has a mean of 0.5.
"""

from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import INFO, rule
from ppodiag.schedule import lr_ratio_mean
from ppodiag.wording import across, if_it_holds, number, ratio

LOW: Final = 0.4
"""[judgement] Mean of λ below which the peak says little."""


@rule("LR112", "mean-far-below-peak", INFO, ranged=True)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where the mean of λ over the run is below `LOW`."""
    if not ctx.config.has_schedule:
        return
    mean = _mean(ctx)
    if mean >= LOW:
        return
    lr = ctx.config.lr
    yield ctx.finding(
        ctx.capped(INFO),
        "/advanced_optimization/learning_rate_schedule",
        f"the mean learning rate is {ratio(mean)} of the peak, {number(lr * mean)} of {number(lr)}"
        f"{if_it_holds(ctx)}{across(ctx, _mean, ratio)}",
        f"report the effective mean, and compare with a constant {number(lr * mean)}",
        inputs=("lr", "warmup_steps", "restart_period", "min_lr_ratio", "total_env_steps"),
        values={"mean_ratio": mean, "mean_lr": lr * mean},
    )


def _mean(ctx: Context) -> float:
    return lr_ratio_mean(ctx.schedule, *ctx.run.reads)


CASES = (
    Case(
        "planned at batch size 64, run at 16: the last three quarters stay at the floor",
        {
            "advanced_optimization.learning_rate_schedule": {
                "type": "cosine_annealing_with_warmup",
                "warmup_steps": 1600,
                "min_lr_ratio": 0.1,
            },
            "advanced_optimization.adaptive_batch_size": {
                "enable": True,
                "min_batch_size": 16,
                "max_batch_size": 64,
                "adaptation_rate": 0.1,
            },
        },
        INFO,
        "/advanced_optimization/learning_rate_schedule",
        text="0.21 to 0.55 over minibatch sizes 16 to 64",
    ),
    Case(
        "a single cosine to zero has a mean of a half",
        {"advanced_optimization.learning_rate_schedule.min_lr_ratio": 0},
    ),
)
