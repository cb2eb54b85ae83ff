"""Training ends near a peak of the learning rate.

## What it checks
A restart comes before the last optimizer step, and (λ_end − r)/(1 − r) > 0.5, where λ_end is the
ratio that this step reads: the run ends in the upper half of a cycle. In most profiles that step
reads t = N − 1, so there is a restart where N − W > P.

## Why it matters
A warm restart lifts the learning rate to its peak, and the policy gets worse before it gets
better. A run that ends soon after one is evaluated, and saved, at its worst.

## Instead
A whole number of cycles: P = (N − W)/k, rounded up, so that no cycle begins just before the end.

## When not to use
Where the checkpoint that counts is taken at the end of a cycle, and not at the end of the run.
With the KL early stop the end is not known, and this is information.

## Sources
- Loshchilov and Hutter 2017, SGDR, section 3: results are taken at the end of a cycle.
"""

import math
from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Edit, Finding, Fix
from ppodiag.rule import INFO, WARNING, rule
from ppodiag.schedule import first_restart
from ppodiag.wording import across, count, if_it_holds, percent, ratio

UPPER: Final = 0.5
"""[judgement] Height in the cycle, 0 at the floor and 1 at the peak, that counts as near a peak."""

SHORT: Final = 20
"""[judgement] A last cycle that lacks at most one part in so many counts as whole."""


@rule("LR104", "ends-near-a-peak", WARNING, ranged=True)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where the run ends in the upper half of a cycle after a restart."""
    period = ctx.config.restart_period
    if period is None or ctx.config.schedule_kind != "cosine_annealing_with_warmup":
        return
    last, schedule = ctx.run.final_tick, ctx.schedule
    if last < first_restart(schedule) or schedule.floor >= 1:
        return
    final = ctx.lr_ratio(last)
    height = (final - schedule.floor) / (1 - schedule.floor)
    if height <= UPPER:
        return
    before, into = divmod(last - schedule.origin, period)
    span = max(last + 1, ctx.run.ticks) - schedule.origin
    cycles, advised = _whole_cycles(span, period)
    missing = cycles * advised - span
    spread = across(ctx, lambda c: c.lr_ratio(c.run.final_tick), ratio)
    yield ctx.finding(
        ctx.capped(WARNING),
        "restart_period",
        f"training ends near a peak: {count(into + 1)} of {count(period)} ticks into cycle "
        f"{count(before + 1)}, at {ratio(final)} of the peak, {percent(height)} of the way up "
        f"from the floor{if_it_holds(ctx)}{spread}",
        f"set restart_period to {count(advised)}, so that {count(cycles)} whole cycle"
        f"{'s fit' if cycles > 1 else ' fits'}"
        + (f" (the last lacks {count(missing)} of its ticks)" if missing else ""),
        inputs=(
            "warmup_steps", "min_lr_ratio", "total_env_steps", "rollout_len", "num_envs", "epochs",
            "minibatch_size",
        ),
        values={"final_ratio": final, "height": height, "cycle_ticks": into + 1},
        fix=Fix(
            f"set restart_period to {advised}",
            (Edit("/advanced_optimization/learning_rate_schedule/restart_period", str(advised)),),
        ),
    )  # fmt: skip


def _whole_cycles(span: int, period: int) -> tuple[int, int]:
    """(k, P): k cycles of P ticks fill `span` ticks, the last but for a twentieth at most.

    k is the nearest to what the file has, or, where the cycles are too short to share out the
    remainder, floor(sqrt(span / 20)): then P ≥ 20·k, and rounding P up lacks k − 1 ticks at most.
    """
    cycles = max(1, round(span / period))
    length = -(-span // cycles)
    if (cycles * length - span) * SHORT > length:
        cycles = max(1, math.isqrt(span // SHORT))
        length = -(-span // cycles)
    return cycles, length


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
        "one value an update, read at its end: the last update begins a second cycle",
        {
            "advanced_optimization.learning_rate_schedule.restart_period": 1018304,
            "advanced_optimization.learning_rate_schedule.min_lr_ratio": 0.2,
        },
        WARNING,
        "/advanced_optimization/learning_rate_schedule/restart_period",
        text="1 of 1,018,304 ticks into cycle 2, at 1.00 of the peak",
        profile="sb3",
    ),
    Case(
        "the cosine counts from 0 and began again only within the warm-up",
        {
            "advanced_optimization.learning_rate_schedule.warmup_steps": 159200,
            "advanced_optimization.learning_rate_schedule.restart_period": 150000,
        },
        profile="note,cosine_origin=zero",
    ),
    Case(
        "two whole cycles",
        {
            "advanced_optimization.learning_rate_schedule.restart_period": 78880,
            "advanced_optimization.learning_rate_schedule.min_lr_ratio": 0.2,
        },
    ),
)
