"""The learning-rate clock moves with the batch size.

## What it checks
With adaptation enabled, a schedule, and a clock that counts minibatch or optimizer steps: K(min) /
K(max) > 1.5. K is the ticks of one update.

## Why it matters
A smaller batch has more steps an update, so the schedule runs faster: the gradient norm decides,
through the batch size, when the warm-up ends and which learning rate the run ends with.

## Instead
A schedule that counts updates or environment steps, or a narrow range.

## When not to use
Where that is intended; it is information.

## Sources
- The definitions: K = E · ceil(R / B).
"""

from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.config import DoesNotApply
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import INFO, rule
from ppodiag.wording import across, at_least, count, number, percent

MUCH: Final = 1.5
"""[judgement] Ratio of the ticks an update at both bounds from which the clock's pace matters."""


@rule("BS209", "clock-moves-with-the-batch", INFO)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where the ticks of an update differ much over the range."""
    config = ctx.config
    if not ctx.wants_info or not config.adaptive_batch or not config.has_schedule:
        return
    if ctx.profile.one_lr_per_update:
        return
    sizes = ctx.range_contexts
    most, least = sizes[0].rollout.ticks, sizes[-1].rollout.ticks
    if most <= MUCH * least:
        return
    warmup = config.warmup_steps
    share = ""
    if warmup:
        try:
            spread = across(ctx, lambda c: warmup / c.run.ticks, percent, at_least(ctx))
            share = spread.replace("; ", "; the warm-up takes ", 1)
        except DoesNotApply:
            share = ""
    yield ctx.finding(
        INFO,
        "/advanced_optimization/adaptive_batch_size",
        f"the learning-rate clock moves with the batch: an update has {count(most)} ticks at size "
        f"{count(sizes[0].size)} and {count(least)} at {count(sizes[-1].size)}, a ratio of "
        f"{number(most / least)}{share}",
        "narrow the range, or count the schedule in updates or environment steps",
        inputs=("min_batch_size", "max_batch_size", "warmup_steps", "rollout_len", "epochs"),
        values={"ticks_at_min": most, "ticks_at_max": least},
    )


_CASE_ON = {
    "advanced_optimization.adaptive_batch_size": {
        "enable": True,
        "min_batch_size": 32,
        "max_batch_size": 128,
        "adaptation_rate": 0.1,
    }
}

CASES = (
    Case(
        "320 ticks an update at 32, 80 at 128",
        _CASE_ON,
        INFO,
        "/advanced_optimization/adaptive_batch_size",
        text="320 ticks at size 32 and 80 at 128, a ratio of 4; the warm-up takes 0.5% to 2.0%",
    ),
    Case(
        "a constant learning rate",
        {**_CASE_ON, "advanced_optimization.learning_rate_schedule": {"type": "constant"}},
    ),
    Case("a clock that counts updates", _CASE_ON, profile="cleanrl"),
)
