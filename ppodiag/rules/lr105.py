"""A restart inside one update.

## What it checks
P < K: the cosine cycle is shorter than the ticks of one update (K = epochs × minibatches for the
default clock; the samples of a rollout where the clock counts environment steps).

## Why it matters
The learning rate swings between peak and floor within one update, on one batch of data, again and
again. That is no annealing; it is a periodic noise in the step size. A clock that keeps one value
for an update samples that noise once in each. The usual cause is a `restart_period` written in
updates or epochs.

## Instead
P ≥ 10 updates, that is 10·K ticks.

## When not to use
No published setting does this on purpose.

## Sources
- A judgement on the definitions: an annealing cycle spans updates.
"""

from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import ERROR, rule
from ppodiag.wording import count, steps

ADVISED: Final = 10
"""[judgement] Updates that a cycle should last at least."""


@rule("LR105", "restart-inside-one-update", ERROR, ranged=True)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where P < K."""
    period = ctx.config.restart_period
    if period is None or ctx.config.schedule_kind != "cosine_annealing_with_warmup":
        return
    rollout = ctx.rollout
    if period >= rollout.ticks:
        return
    what, product = "rollout", ""
    if not ctx.profile.one_lr_per_update:
        what = "update"
        epochs = "1 epoch" if rollout.epochs == 1 else f"{count(rollout.epochs)} epochs"
        product = f" ({epochs} × {count(rollout.ticks // rollout.epochs)})"
    yield ctx.finding(
        ERROR,
        "restart_period",
        f"the learning rate restarts inside each {what}: restart_period is {count(period)}, one "
        f"{what} has {steps(ctx, rollout.ticks)}{product}",
        f"set restart_period to {count(ADVISED * rollout.ticks)} or more ({ADVISED} updates)",
        inputs=("epochs", "rollout_len", "num_envs", "minibatch_size", "accumulation_steps"),
        values={"period_ticks": period, "update_ticks": rollout.ticks},
        silences=("LR107", "LR108") if period > 1 else ("LR107",),
    )


CASES = (
    Case(
        "a cycle of 100 minibatches, an update of 160",
        {
            "advanced_optimization.learning_rate_schedule.restart_period": 100,
            "advanced_optimization.learning_rate_schedule.min_lr_ratio": 0.2,
        },
        ERROR,
        "/advanced_optimization/learning_rate_schedule/restart_period",
        text="restart_period is 100, one update has 160 minibatch steps (10 epochs × 16)",
    ),
    Case(
        "windows of two: an update of 80 optimizer steps",
        {
            "advanced_optimization.learning_rate_schedule.restart_period": 50,
            "advanced_optimization.learning_rate_schedule.min_lr_ratio": 0.2,
        },
        ERROR,
        "/advanced_optimization/learning_rate_schedule/restart_period",
        text="restart_period is 50, one update has 80 optimizer steps (10 epochs × 8)",
        profile="torch-optimizer-step",
    ),
    Case(
        "a cycle of one update",
        {
            "advanced_optimization.learning_rate_schedule.restart_period": 160,
            "advanced_optimization.learning_rate_schedule.min_lr_ratio": 0.2,
        },
    ),
)
