"""LR101: the learning rate still rises when the run ends."""

from __future__ import annotations

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import within
from ppodiag.confirm.course import RUN, first_steps, over_sizes, ratios, shown_count, span
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.context import Context, Interval
from ppodiag.wording import at_most, count, ratio


@experiment("LR101")
def plan(asked: Asked) -> Trial:
    """The whole run: its ticks, the highest λ if bounded, how little the policy moves at first."""
    asked = asked.pinned().shortened()
    context = asked.context
    warmup, lr = context.config.warmup_steps, context.config.lr
    ticks = over_sizes(context, "ticks")
    highest = _highest(context)
    arms, slow = first_steps(asked)
    clock = within(
        f"the clock gets to N = {shown_count(context, 'ticks')} of W = {count(warmup)} ticks",
        lambda logs: logs[RUN].last("tick"),
        ticks.low,
        min(ticks.high, warmup),
        "it stands at {} when the run ends",
        count,
    )
    top = within(
        f"the highest λ of the run is {at_most(context)}"
        + (ratio(highest.high) if at_most(context) else span(highest)),
        lambda logs: float(ratios(logs[RUN], lr).max()) if logs[RUN].updates else float("nan"),
        highest.low - 1e-9,
        highest.high + 1e-9,
        "the highest λ in the log is {}",
        ratio,
    )
    says_nothing = bool(at_most(context)) and highest.high >= 1.0  # λ is at most 1 in every run
    claims = (clock, slow) if says_nothing else (clock, top, slow)
    return Trial({RUN: asked.arm(None), **arms}, claims, asked.note)


def _highest(context: Context) -> Interval:
    """The λ that the warm-up gets to: at its end, or where the run ends before."""
    ends = over_sizes(context, "final_tick")
    warmup = context.config.warmup_steps

    def at(tick: float) -> float:
        last = int(tick)
        return max(context.lr_ratio(min(last, warmup - 1)), context.lr_ratio(min(last, warmup)))

    return Interval(at(ends.low), at(ends.high))
