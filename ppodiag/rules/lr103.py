"""The first cosine cycle is never completed.

## What it checks
`restart_period` P is given, the warm-up ends within the run, and the first cycle has fewer than
0.95·P ticks in it: 0 < N − W < 0.95·P, or N < 0.95·P for a profile whose cosine counts from t = 0.
The message gives the ratio λ that the learning rate ends at.

## Why it matters
A cosine cycle does its work at its end, where the learning rate is small. Cut off early, the run
stops at a high learning rate, and the schedule is hardly more than the warm-up. `restart_period`
is counted in ticks of the clock (minibatch steps by default), not in environment steps.

## Instead
P = (N − W)/k for k whole cycles (N/k where the cosine counts from 0); k = 1 is a plain cosine
decay. Or leave `restart_period` out: then the one cycle is what follows the warm-up, and the learning
rate stays at its floor where the run outlasts the plan. Where the batch adapts, leaving it out is the
only way: the run has another number of ticks at every size, and a whole cycle of the planned ones
begins anew, at the peak, when there are more.

## When not to use
A run that is one part of a longer one, resumed with its scheduler's state.

## Sources
- The note on the advanced optimization block: the floor is applied at the end of each cycle.
- Loshchilov and Hutter 2017, SGDR, section 3: the cycle and its restart.
"""

from collections.abc import Iterator
from typing import Final

from ppodiag.case import ABSENT, Case
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
    elapsed = run.ticks - schedule.origin
    if run.ticks <= schedule.warmup or elapsed >= COMPLETE * period:
        return
    whole = max(elapsed, run.final_tick + 1 - schedule.origin)
    stretch = "all that follows the warm-up" if schedule.origin else "the whole run"
    moves = ctx.over_range(lambda c: c.run.ticks)
    varies = moves is not None and moves.low != moves.high
    final = ctx.lr_ratio(run.final_tick)
    spread = across(ctx, lambda c: c.lr_ratio(c.run.final_tick), ratio)
    yield ctx.finding(
        WARNING,
        "restart_period",
        f"the first cosine cycle is never completed: the run has {at_most(ctx)}{count(elapsed)} of "
        f"its {count(period)} ticks; the learning rate ends at {ratio(final)} of its peak"
        f"{if_it_holds(ctx)}{spread}",
        f"remove restart_period: one cycle over {stretch}, and none begins anew as the batch moves"
        if varies
        else f"set restart_period to {count(whole)} (one cycle over {stretch}), or remove it",
        inputs=(
            "warmup_steps", "min_lr_ratio", "total_env_steps", "rollout_len", "num_envs", "epochs",
            "minibatch_size",
        ),
        values={"cycle_ticks": elapsed, "period_ticks": period, "final_ratio": final},
        fix=None
        if varies
        else Fix(
            f"set restart_period to {whole}, one whole cycle",
            (Edit("/advanced_optimization/learning_rate_schedule/restart_period", str(whole)),),
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
        {"advanced_optimization.learning_rate_schedule.restart_period": 166063},
    ),
    Case(
        "a tick more than that",
        {"advanced_optimization.learning_rate_schedule.restart_period": 166064},
        WARNING,
        "/advanced_optimization/learning_rate_schedule/restart_period",
        text="157,760 of its 166,064 ticks",
    ),
    Case(
        "a cosine that counts from 0 has all of the run, the warm-up too",
        {"advanced_optimization.learning_rate_schedule.restart_period": 318720},
        WARNING,
        "/advanced_optimization/learning_rate_schedule/restart_period",
        text="159,360 of its 318,720 ticks",
        profile="note,cosine_origin=zero",
    ),
    Case(
        "no period: one cycle by definition",
        {"advanced_optimization.learning_rate_schedule.restart_period": ABSENT},
    ),
)
