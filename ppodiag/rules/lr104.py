"""Training ends near a peak of the learning rate.

## What it checks
There is at least one restart in the run, and (λ_end − r)/(1 − r) > 0.5, where λ_end is the ratio
that the last optimizer step reads: the run ends in the upper half of a cycle.

## Why it matters
A warm restart lifts the learning rate to its peak, and the policy gets worse before it gets
better. A run that ends soon after one is evaluated, and saved, at its worst.

## Instead
A whole number of cycles: P = (N − W)/k.

## When not to use
Where the checkpoint that counts is taken at the end of a cycle, and not at the end of the run.
With the KL early stop the end is not known, and this is information.

## Sources
- Loshchilov and Hutter 2017, SGDR, section 3: results are taken at the end of a cycle.
"""

from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Edit, Finding, Fix
from ppodiag.rule import INFO, WARNING, rule
from ppodiag.wording import across, count, if_it_holds, percent, ratio

UPPER: Final = 0.5
"""[judgement] Height within the cycle, 0 at the floor and 1 at the peak, above which it is near a peak."""


@rule("LR104", "ends-near-a-peak", WARNING, ranged=True)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where the run ends in the upper half of a cycle after a restart."""
    period = ctx.config.restart_period
    if period is None or ctx.config.schedule_kind != "cosine_annealing_with_warmup":
        return
    run, schedule = ctx.run, ctx.schedule
    elapsed = run.ticks - schedule.origin
    if elapsed <= period or schedule.floor >= 1:
        return
    final = ctx.lr_ratio(run.final_tick)
    height = (final - schedule.floor) / (1 - schedule.floor)
    if height <= UPPER:
        return
    cycles = max(1, round(elapsed / period))
    advised = max(1, elapsed // cycles)
    spread = across(ctx, lambda c: c.lr_ratio(c.run.final_tick), ratio)
    into = (run.ticks - 1 - schedule.origin) % period + 1
    yield ctx.finding(
        ctx.capped(WARNING),
        "restart_period",
        f"training ends near a peak: {count(into)} of {count(period)} ticks into cycle "
        f"{count((elapsed - 1) // period + 1)}, at {ratio(final)} of the peak, {percent(height)} of "
        f"the way up from the floor{if_it_holds(ctx)}{spread}",
        f"set restart_period to {count(advised)}, so that {cycles} whole cycle"
        f"{'s fit' if cycles > 1 else ' fits'}",
        inputs=(
            "warmup_steps", "min_lr_ratio", "total_env_steps", "rollout_len", "num_envs", "epochs",
            "minibatch_size",
        ),
        values={"final_ratio": final, "height": height, "cycle_ticks": into},
        fix=Fix(
            f"set restart_period to {advised}",
            (Edit("/advanced_optimization/learning_rate_schedule/restart_period", str(advised)),),
        ),
    )  # fmt: skip


CASES = (
    Case(
        "a quarter into the second cycle",
        {
            "advanced_optimization.learning_rate_schedule.restart_period": 126080,
            "advanced_optimization.learning_rate_schedule.min_lr_ratio": 0.2,
        },
        WARNING,
        "/advanced_optimization/learning_rate_schedule/restart_period",
        text="31,680 of 126,080 ticks into cycle 2, at 0.88 of the peak",
    ),
    Case(
        "with the KL early stop the end is not known: information",
        {
            "advanced_optimization.learning_rate_schedule.restart_period": 126080,
            "advanced_optimization.learning_rate_schedule.min_lr_ratio": 0.2,
            "kl_regularization.early_stopping": {"enable": True, "kl_threshold": 0.1},
        },
        INFO,
        "/advanced_optimization/learning_rate_schedule/restart_period",
        text="if no update stops early",
    ),
    Case(
        "two whole cycles",
        {
            "advanced_optimization.learning_rate_schedule.restart_period": 78880,
            "advanced_optimization.learning_rate_schedule.min_lr_ratio": 0.2,
        },
    ),
)
