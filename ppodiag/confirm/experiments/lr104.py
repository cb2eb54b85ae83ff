"""LR104: the run ends soon after a restart."""

from __future__ import annotations

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import within
from ppodiag.confirm.course import (
    RUN,
    depends_on_gradients,
    final_claim,
    part_moves_less,
    rises,
)
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.schedule import first_restart
from ppodiag.wording import count, counted, ratio

WATCHED = 5
"""[judgement] Updates before the restart and at the end whose movement is compared."""


@experiment("LR104")
def plan(asked: Asked) -> Trial:
    """The whole run: its restarts, the λ that it ends with, and that the policy moves more again."""
    asked = asked.pinned().shortened()
    context = asked.context
    lr, schedule, run = context.config.lr, context.schedule, context.run
    restarts = (run.final_tick - first_restart(schedule)) // schedule.period + 1
    claims = [
        within(
            f"a cycle of {count(schedule.period)} ticks begins anew {count(restarts)} times"
            if restarts > 1
            else f"a cycle of {count(schedule.period)} ticks ends, and another begins",
            lambda logs: float(rises(logs[RUN], lr)),
            0 if depends_on_gradients(context) else 1,
            restarts,
            "{} of λ after a fall",
            lambda found: counted(found, "rise"),
        ),
        final_claim(context, lr),
    ]
    lowest = (run.final_tick - schedule.origin) % schedule.period + 1
    into = -(-lowest // context.rollout.ticks)
    if not depends_on_gradients(context) and schedule.period >= context.rollout.ticks:
        few = max(1, min(WATCHED, int(into) - 1))
        end = run.updates - int(into)
        claims.append(
            part_moves_less(
                f"before the last restart, at λ down to {ratio(schedule.floor)}, the policy moves less "
                "than at the end",
                (max(0, end - few), end),
                (-few, 0),
            )
        )
    return Trial({RUN: asked.arm(None)}, tuple(claims), asked.note)
