"""LR108: a cosine cycle of hardly any ticks."""

from __future__ import annotations

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import equals, within
from ppodiag.confirm.course import ratios, rises, ticks_each
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.keys import ADAPTS, EARLY_STOP, SIZE, WARMUP, WINDOW
from ppodiag.wording import count, counted, ratio

CYCLES = 3


@experiment("LR108")
def plan(asked: Asked) -> Trial:
    """A few updates without warm-up: how often the cycle begins anew, or that it never leaves the peak."""
    asked = asked.pinned()
    context = asked.context
    period, ticks, lr = context.schedule.period, context.rollout.ticks, context.config.lr
    fixed = {WARMUP: 0, WINDOW: 0, EARLY_STOP: False, ADAPTS: False, SIZE: context.size}
    updates = min(max(4, -(-CYCLES * period // ticks) + 1), asked.most)
    arm = {"updates": asked.arm(updates, fixed)}
    if period == 1:
        claim = equals(
            "every tick begins a cycle, so λ = 1 at every step",
            lambda logs: float(ratios(logs["updates"], lr).min()),
            1.0,
            "the lowest λ in the log is {}",
            ratio,
        )
        return Trial(arm, (claim,), asked.note)
    restarts = (updates * ticks - 1) // period
    claims = (
        equals(
            f"an update has {count(ticks)} of the cycle's {count(period)} ticks",
            lambda logs: ticks_each(logs["updates"]),
            ticks,
            "an update takes {}",
            lambda found: counted(found, "tick"),
        ),
        within(
            f"{count(updates)} updates see {count(restarts)} restarts",
            lambda logs: float(rises(logs["updates"], lr)),
            restarts - 1,
            restarts,
            "{} of λ after a fall",
            lambda found: counted(found, "rise"),
        ),
    )
    return Trial(arm, claims, asked.note)
