"""LR102: a large share of the run is warm-up."""

from __future__ import annotations

import numpy as np

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import Claim, Logs, Measured
from ppodiag.confirm.course import RUN, first_steps, over_sizes, ratios
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.context import Interval
from ppodiag.wording import at_least, count, percent


@experiment("LR102")
def plan(asked: Asked) -> Trial:
    """The whole run: the ticks of its clock up to the peak and in all, and how little it moves at first."""
    asked = asked.pinned().shortened()
    context = asked.context
    warmup, lr = context.config.warmup_steps, context.config.lr
    ticks = over_sizes(context, "ticks")
    share = Interval(warmup / ticks.high, min(warmup / ticks.low, 1.0))
    arms, slow = first_steps(asked)

    def measure(logs: Logs) -> Measured:
        log = logs[RUN]
        if not log.updates:
            return Measured("no update was applied", None)
        at = int(np.argmax(ratios(log, lr)))
        after = log.of("tick")
        before = after[at - 1] if at else 0.0
        behind = after[min(at + 1, len(after) - 1)]
        low, high = before / after[-1], behind / after[-1]
        text = (
            f"the highest λ is read between ticks {count(before)} and {count(behind)} of "
            f"{count(after[-1])}: {percent(low)} to {percent(high)} of the run"
        )
        return Measured(text, bool(low <= share.high and share.low <= high))

    hedge = at_least(context)
    planned = (
        f"{count(warmup)}/{count(context.run.ticks)} = {hedge}{percent(warmup / context.run.ticks)}"
    )
    predicted = f"W/N = {planned}"
    if context.range_contexts:
        rest = percent(share.low) if hedge else f"{percent(share.low)} to {percent(share.high)}"
        predicted += f" ({hedge}{rest} over the batch range)"
    return Trial({RUN: asked.arm(None), **arms}, (Claim(predicted, measure), slow), asked.note)
