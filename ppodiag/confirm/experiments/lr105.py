"""LR105: a cosine cycle is shorter than an update."""

from __future__ import annotations

from dataclasses import replace

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import equals, within
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.keys import ADAPTS, EARLY_STOP, SIZE, WARMUP, WINDOW
from ppodiag.context import Context
from ppodiag.schedule import lr_ratio
from ppodiag.wording import count, counted, number, ratio


@experiment("LR105")
def plan(asked: Asked) -> Trial:
    """One update without warm-up: the ticks that it takes, and the λ that its last step reads."""
    asked = asked.pinned()
    context = asked.context
    period, ticks, lr = context.schedule.period, context.rollout.ticks, context.config.lr
    fixed = {WARMUP: 0, WINDOW: 0, EARLY_STOP: False, ADAPTS: False, SIZE: context.size}
    claims = (
        equals(
            f"an update has {counted(ticks, 'tick')}, {number(ticks / period)} cycles of {count(period)}",
            lambda logs: logs["update"].last("tick"),
            ticks,
            "the first update takes {}",
            lambda found: counted(found, "tick"),
        ),
        within(
            "so λ falls and rises again within it, and the λ of its last step is that of a tick in "
            f"cycle {count((ticks - 1) // period + 1)}: {ratio(_last(context, ticks))}",
            lambda logs: logs["update"].last("lr") / lr,
            _last(context, ticks) - 1e-9,
            _last(context, ticks) + 1e-9,
            "its last step reads λ = {}",
            ratio,
        ),
    )
    return Trial({"update": asked.arm(1, fixed)}, claims, asked.note)


def _last(context: Context, ticks: int) -> float:
    """λ of the update's last tick, the first cycle beginning at tick 0."""
    schedule = replace(context.schedule, warmup=0, origin=0)
    tick = ticks - 1
    if context.profile.clock == "env_step":
        tick = ticks if context.profile.update_tick == "last" else 0
    return float(lr_ratio(schedule, tick))
