"""Warm-up never ends.

## What it checks
W ≥ N: the linear warm-up wants at least as many ticks of the learning-rate clock as the run has. N
is counted at the initial minibatch size and is an upper bound where the KL early stop may cut
updates.

## Why it matters
The learning rate climbs for the whole run and never reaches its peak; whatever follows the
warm-up, the cosine and its floor, never happens. The usual cause is a unit: `warmup_steps` written
in environment steps, or copied from a longer run.

## Instead
W ≤ N / 10.

## When not to use
A run that is cut off on purpose and resumed with its scheduler's state.

## Sources
- The note on the advanced optimization block: `warmup_steps` is the length of the linear ramp.
"""

from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Edit, Finding, Fix
from ppodiag.rule import ERROR, rule
from ppodiag.wording import across, at_most, count, ratio, steps

ADVISED: Final = 0.1
"""[judgement] Share of the run that the remedy advises."""


@rule("LR101", "warmup-never-ends", ERROR, ranged=True)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where W ≥ N."""
    warmup = ctx.config.warmup_steps
    if warmup == 0:
        return
    run = ctx.run
    if warmup < run.ticks:
        return
    advised = int(ADVISED * run.ticks)
    highest = _highest(ctx)
    yield ctx.finding(
        ERROR,
        "warmup_steps",
        f"warm-up never ends: warmup_steps is {count(warmup)}, the run has {at_most(ctx)}"
        f"{steps(ctx, run.ticks)}; the learning rate gets to {at_most(ctx)}{ratio(highest)} of "
        f"its peak{across(ctx, _highest, ratio, at_most(ctx))}",
        f"set warmup_steps to {count(advised)}"
        f"{' or less (a tenth of the run)' if advised else ''}, or train longer",
        inputs=("total_env_steps", "rollout_len", "num_envs", "epochs", "minibatch_size"),
        values={"warmup_ticks": warmup, "run_ticks": run.ticks, "final_ratio": highest},
        fix=Fix(
            f"set warmup_steps to {advised}, a tenth of the run",
            (Edit("/advanced_optimization/learning_rate_schedule/warmup_steps", str(advised)),),
        ),
        silences=("LR102", "LR103", "LR104", "LR112"),
    )


def _highest(ctx: Context) -> float:
    """The highest λ that warm-up reaches: at its end, or where the run ends before."""
    warmup, final = ctx.config.warmup_steps, ctx.run.final_tick
    return max(ctx.lr_ratio(min(final, warmup - 1)), ctx.lr_ratio(min(final, warmup)))


CASES = (
    Case(
        "as long as the run",
        {"advanced_optimization.learning_rate_schedule.warmup_steps": 159360},
        ERROR,
        "/advanced_optimization/learning_rate_schedule/warmup_steps",
        text="warmup_steps is 159,360, the run has 159,360 minibatch steps",
    ),
    Case(
        "with the KL early stop the peak is still farther off",
        {
            "advanced_optimization.learning_rate_schedule.warmup_steps": 318720,
            "kl_regularization.early_stopping": {"enable": True, "kl_threshold": 0.1},
        },
        ERROR,
        "/advanced_optimization/learning_rate_schedule/warmup_steps",
        text="has at most 159,360 minibatch steps; the learning rate gets to at most 0.50 of its",
    ),
    Case(
        "one tick shorter than the run is another rule's",
        {"advanced_optimization.learning_rate_schedule.warmup_steps": 159359},
    ),
)
