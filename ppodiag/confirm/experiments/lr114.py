"""LR114: the unit of the clock decides, and is not declared."""

from __future__ import annotations

from dataclasses import replace

from ppodiag.confirm.asked import FEW, Asked
from ppodiag.confirm.claim import Claim, equals
from ppodiag.confirm.course import ticks_each
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.keys import ADAPTS, EARLY_STOP, SIZE, WINDOW
from ppodiag.wording import count, counted

CLOCKS = ("minibatch", "optimizer_step")


@experiment("LR114")
def plan(asked: Asked) -> Trial:
    """Two updates under each of the two clocks: the ticks of an update, and so of the run."""
    context = asked.context
    fixed = {WINDOW: 0, EARLY_STOP: False, ADAPTS: False, SIZE: context.size}
    name = context.profile.name
    arms, claims = {}, []
    for clock in CLOCKS:
        arms[clock] = asked.arm(FEW, fixed, profile=f"{name},clock={clock}")
        claims.append(_claim(asked, clock))
    return Trial(arms, tuple(claims), asked.note)


def _claim(asked: Asked, clock: str) -> Claim:
    context = asked.context.under(replace(asked.context.profile, clock=clock))
    ticks, updates = context.rollout.ticks, context.budget.applied
    return equals(
        f"counted in {context.profile.tick_unit}s an update has {counted(ticks, 'tick')}, the run "
        f"{count(updates)} × {count(ticks)} = {count(updates * ticks)}, the warm-up "
        f"{count(context.config.warmup_steps)} of them",
        lambda logs: ticks_each(logs[clock]),
        ticks,
        "an update takes {}",
        lambda found: counted(found, "tick"),
    )
