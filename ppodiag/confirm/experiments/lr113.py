"""LR113: the floor between two cycles is next to nothing."""

from __future__ import annotations

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import within
from ppodiag.confirm.course import AFTER, RUN, part_moves_less, update_ends
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.keys import ADAPTS, EARLY_STOP, SIZE
from ppodiag.schedule import first_restart
from ppodiag.wording import number


@experiment("LR113")
def plan(asked: Asked) -> Trial:
    """A run up to the first restart and a little beyond: the lowest rate, and how little moves there."""
    asked = asked.pinned()
    ticks = asked.context.rollout.ticks
    needed = asked.context.budget.skipped + first_restart(asked.context.schedule) // ticks + AFTER
    asked = asked.shortened(needed)
    context = asked.context
    config, ticks = context.config, context.rollout.ticks
    restart = first_restart(context.schedule) // ticks
    updates = min(restart + AFTER, context.budget.applied)
    begin = min(-(-config.warmup_steps // ticks), restart - 1)
    lowest = float(update_ends(context, updates)[begin:].min()) * config.lr
    fixed = {EARLY_STOP: False, ADAPTS: False, SIZE: context.size}
    claims = (
        within(
            f"the floor is lr · r = {number(config.lr)} · {number(config.min_lr_ratio)} = "
            f"{number(config.lr * config.min_lr_ratio)}; the lowest rate that an update ends with is "
            f"{number(lowest)}",
            lambda logs: float(logs[RUN].of("lr")[begin:].min()),
            lowest * (1 - 1e-9),
            lowest * (1 + 1e-9),
            "the lowest in the log is {}",
        ),
        part_moves_less(
            "in that update the policy moves less than after the restart",
            (restart - 1, restart),
            (-1, 0),
        ),
    )
    return Trial({RUN: asked.arm(context.budget.skipped + updates, fixed)}, claims, asked.note)
