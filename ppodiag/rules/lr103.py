"""The first cosine cycle is never completed.

## What it checks
`restart_period` P is given, and fewer than 0.95·P ticks are left for the first cycle when the run
ends (0 < N − W < 0.95·P). The message gives the ratio λ that the learning rate ends at.

## Why it matters
A cosine cycle does its work at its end, where the learning rate is small. Cut off early, the run
stops at a high learning rate, and the schedule is hardly more than the warm-up. `restart_period`
is counted in ticks of the clock (minibatch steps by default), not in environment steps.

## Instead
P = (N − W)/k for k whole cycles; k = 1 is a plain cosine decay. Or leave `restart_period` out.

## When not to use
A run that is one part of a longer one, resumed with its scheduler's state.

## Sources
- The note on the advanced optimization block: the floor is applied at the end of each cycle.
- Loshchilov and Hutter 2017, SGDR, section 3: the cycle and its restart.
"""

from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Edit, Finding, Fix
from ppodiag.rule import WARNING, rule
from ppodiag.wording import across, at_most, count, if_it_holds, ratio

COMPLETE: Final = 0.95
"""[judgement] Share of a cycle that counts as the whole of it; the plan is not exact to a tick."""


@rule("LR103", "first-cycle-never-completed", WARNING, ranged=True)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where the run ends within the first cosine cycle."""
    period = ctx.config.restart_period
    if period is None or ctx.config.schedule_kind != "cosine_annealing_with_warmup":
        return
    run, schedule = ctx.run, ctx.schedule
    after_warmup = run.ticks - schedule.warmup
    elapsed = run.ticks - schedule.origin
    if after_warmup <= 0 or elapsed >= COMPLETE * period:
        return
    final = ctx.lr_ratio(run.final_tick)
    spread = across(ctx, lambda c: c.lr_ratio(c.run.final_tick), ratio)
    yield ctx.finding(
        WARNING,
        "restart_period",
        f"the first cosine cycle is never completed: the run has {at_most(ctx)}{count(elapsed)} of "
        f"its {count(period)} ticks; the learning rate ends at {ratio(final)} of its peak"
        f"{if_it_holds(ctx)}{spread}",
        f"set restart_period to {count(after_warmup)} (one cycle over all that follows the "
        "warm-up), or remove it",
        inputs=(
            "warmup_steps", "min_lr_ratio", "total_env_steps", "rollout_len", "num_envs", "epochs",
            "minibatch_size",
        ),
        values={"cycle_ticks": elapsed, "period_ticks": period, "final_ratio": final},
        fix=Fix(
            f"set restart_period to {after_warmup}, one whole cycle",
            (Edit("/advanced_optimization/learning_rate_schedule/restart_period", str(after_warmup)),),
        ),
    )  # fmt: skip


CASES = (
    Case(
        "half of a cycle",
        {"advanced_optimization.learning_rate_schedule.restart_period": 315520},
        WARNING,
        "/advanced_optimization/learning_rate_schedule/restart_period",
        text="157,760 of its 315,520 ticks; the learning rate ends at 0.55 of its peak",
    ),
    Case(
        "all but a twentieth of a cycle",
        {"advanced_optimization.learning_rate_schedule.restart_period": 166060},
    ),
    Case(
        "no period: one cycle by definition",
        {"advanced_optimization.learning_rate_schedule.restart_period": 157760},
    ),
)
