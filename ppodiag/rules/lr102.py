"""Warm-up takes much of the run.

## What it checks
W / N, the share of the run's ticks that the linear warm-up takes: more than 25% is a warning, more
than 50% an error. N is the number of ticks of the profile's learning-rate clock (minibatch steps
by default), at the initial minibatch size; where the batch adapts, the share over its range stands
beside it. With the KL early stop N is an upper bound, so the share is a lower one.

## Why it matters
In warm-up the learning rate is below its peak, on average by half. A warm-up that takes 40% of the
run spends 40% of the samples at half the intended rate, and what follows never catches up. The
usual cause is a unit: `warmup_steps` counts ticks of the clock, not environment steps.

## Instead
Let the warm-up take at most a tenth of the run: `warmup_steps` ≤ N / 10.

## When not to use
The two limits are a judgement: no published PPO setting that we know warms up for a quarter of its
run. Fine-tuning runs that are cut short on purpose may differ.

## Sources
- The note on the advanced optimization block: `warmup_steps` ramps the rate from zero.
- huggingface/accelerate issue 963: a scheduler's steps counted in another unit than was planned.
"""

from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Edit, Finding, Fix
from ppodiag.rule import ERROR, WARNING, rule
from ppodiag.wording import across, at_least, at_most, count, percent, steps

MUCH: Final = 0.25
"""[judgement] Share of the run above which warm-up is a warning."""

MOST: Final = 0.5
"""[judgement] Share of the run above which warm-up is an error."""

ADVISED: Final = 0.1
"""[judgement] Share of the run that the remedy advises."""


@rule("LR102", "warmup-takes-much-of-the-run", ERROR, ranged=True)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where W / N is above `MUCH`, and W < N."""
    warmup = ctx.config.warmup_steps
    if warmup == 0:
        return
    ticks = ctx.run.ticks
    share = warmup / ticks
    if share <= MUCH or warmup >= ticks:
        return
    advised = int(ADVISED * ticks)
    spread = across(ctx, lambda c: warmup / c.run.ticks, percent, at_least(ctx))
    yield ctx.finding(
        ERROR if share > MOST else WARNING,
        "warmup_steps",
        f"warm-up takes {at_least(ctx)}{percent(share)} of the run: warmup_steps is {count(warmup)} "
        f"of {at_most(ctx)}{steps(ctx, ticks)}{spread}",
        f"set warmup_steps to {count(advised)}"
        f"{' or less (a tenth of the run)' if advised else ''}, or train longer",
        inputs=("total_env_steps", "rollout_len", "num_envs", "epochs", "minibatch_size"),
        values={"warmup_ticks": warmup, "run_ticks": ticks, "share": share},
        fix=Fix(
            f"set warmup_steps to {advised}, a tenth of the run",
            (Edit("/advanced_optimization/learning_rate_schedule/warmup_steps", str(advised)),),
        ),
    )


CASES = (
    Case(
        "40% of 2,496 minibatch steps",
        {
            "training.ppo_requests": 20000,
            "parallel_training.num_envs": 4,
            "ppo_config.epochs": 8,
            "ppo_config.stabilization_steps": 0,
            "advanced_optimization.learning_rate_schedule.warmup_steps": 1000,
            "advanced_optimization.learning_rate_schedule.restart_period": 1496,
        },
        WARNING,
        "/advanced_optimization/learning_rate_schedule/warmup_steps",
        text="40% of the run: warmup_steps is 1,000 of 2,496 minibatch steps",
    ),
    Case(
        "60% of 2,496 minibatch steps",
        {
            "training.ppo_requests": 20000,
            "parallel_training.num_envs": 4,
            "ppo_config.epochs": 8,
            "ppo_config.stabilization_steps": 0,
            "advanced_optimization.learning_rate_schedule.warmup_steps": 1500,
            "advanced_optimization.learning_rate_schedule.restart_period": 996,
        },
        ERROR,
        "/advanced_optimization/learning_rate_schedule/warmup_steps",
        text="60% of the run",
    ),
    Case(
        "a tenth of a run of 159,360 minibatch steps",
        {"advanced_optimization.learning_rate_schedule.warmup_steps": 15936},
    ),
)
