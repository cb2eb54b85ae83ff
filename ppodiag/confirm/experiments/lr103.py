"""LR103: the run ends within the first cosine cycle."""

from __future__ import annotations

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import equals, within
from ppodiag.confirm.course import RUN, final_claim, over_sizes, rises
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.context import Context
from ppodiag.wording import count, counted


@experiment("LR103")
def plan(asked: Asked) -> Trial:
    """The whole run: how far its clock gets in the cycle, and the λ that it ends with."""
    asked = asked.pinned().shortened()
    context = asked.context
    schedule, lr = context.schedule, context.config.lr
    ticks = over_sizes(context, "ticks")
    low, high = (max(0.0, end - schedule.origin) for end in (ticks.low, ticks.high))
    claims = (
        within(
            f"{_ticks(context, low, high)} of the cycle's {count(schedule.period)} ticks are run",
            lambda logs: max(0.0, logs[RUN].last("tick") - schedule.origin),
            low,
            high,
            "{} of it are run",
            lambda found: counted(found, "tick"),
        ),
        final_claim(context, lr),
        equals(
            "no cycle ends, so λ never rises again after its peak",
            lambda logs: float(rises(logs[RUN], lr)),
            0.0,
            "{} of λ after a fall",
            lambda found: counted(found, "rise"),
        ),
    )
    return Trial({RUN: asked.arm(None)}, claims, asked.note)


def _ticks(context: Context, low: float, high: float) -> str:
    """The ticks of the cycle that are run, in words."""
    if context.config.early_stopping:
        return f"at most {count(high)}"
    return count(high) if low == high else f"{count(low)} to {count(high)}"
