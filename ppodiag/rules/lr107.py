"""The schedule has a kink in the middle of an update.

## What it checks
W where the warm-up ends within the run, or P where a restart falls into it, is not a multiple of
K, the ticks of one update: the peak or a restart falls between two minibatches of one update.
Silent for clocks that keep one learning rate for a whole update.

## Why it matters
It does little harm. But a logged learning rate, one value an update, then shows neither the peak
nor the restart exactly, and a forecast and a log seem to differ.

## Instead
Round W and P to whole updates.

## When not to use
Where the batch adapts or updates stop early, K changes in the run and no rounding helps for long.

## Sources
- A judgement on the definitions.
"""

from collections.abc import Iterator

from ppodiag.case import Case
from ppodiag.config import DoesNotApply
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import INFO, rule
from ppodiag.schedule import first_restart
from ppodiag.wording import count


@rule("LR107", "kink-in-mid-update", INFO)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where W or P is no multiple of K."""
    config = ctx.config
    if ctx.profile.one_lr_per_update or not config.has_schedule:
        return
    ticks = ctx.rollout.ticks
    odd = []
    if config.warmup_steps % ticks and _in_run(ctx, config.warmup_steps):
        odd.append(("warmup_steps", config.warmup_steps))
    period = config.restart_period
    cosine = config.schedule_kind == "cosine_annealing_with_warmup"
    if cosine and period is not None and period % ticks and _in_run(ctx, None):
        odd.append(("restart_period", period))
    if not odd:
        return
    seen = " and ".join(
        f"{name} is {count(length)} = {length / ticks:.2f} updates" for name, length in odd
    )
    advised = " and ".join(
        f"{name} to {count(max(1, round(length / ticks)) * ticks)}" for name, length in odd
    )
    yield ctx.finding(
        INFO,
        odd[0][0],
        f"the schedule has a kink in mid-update: {seen}, at {count(ticks)} ticks an update",
        f"set {advised} (whole updates)",
        inputs=(*(name for name, _ in odd[1:]), "epochs", "rollout_len", "minibatch_size"),
        values={"update_ticks": ticks, **dict(odd)},
    )


def _in_run(ctx: Context, tick: int | None) -> bool:
    """Whether a tick (None: the first restart) falls into the run; assumed where it is unknown."""
    try:
        return ctx.run.ticks > (first_restart(ctx.schedule) if tick is None else tick)
    except DoesNotApply:
        return True


CASES = (
    Case(
        "ten and a half updates of warm-up",
        {"advanced_optimization.learning_rate_schedule.warmup_steps": 1680},
        INFO,
        "/advanced_optimization/learning_rate_schedule/warmup_steps",
        text="warmup_steps is 1,680 = 10.50 updates, at 160 ticks an update",
    ),
    Case(
        "a warm-up that outlasts the run has no kink in it",
        {"advanced_optimization.learning_rate_schedule.warmup_steps": 159370},
    ),
    Case(
        "whole updates",
        {"advanced_optimization.learning_rate_schedule.warmup_steps": 3200},
    ),
    Case(
        "a clock with one value an update",
        {"advanced_optimization.learning_rate_schedule.warmup_steps": 7},
        profile="sb3",
    ),
)
