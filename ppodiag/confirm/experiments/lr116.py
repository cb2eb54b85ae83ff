"""LR116: the learning rate stays near 0 for long."""

from __future__ import annotations

import numpy as np

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import Claim, Logs, Measured, within
from ppodiag.confirm.course import (
    RUN,
    compared,
    depends_on_gradients,
    movement,
    ratios,
    update_ends,
)
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.log import Log
from ppodiag.context import Context
from ppodiag.rules.lr116 import LONG, NEARLY_ZERO
from ppodiag.schedule import lr_ratio, ticks_below
from ppodiag.wording import percent


@experiment("LR116")
def plan(asked: Asked) -> Trial:
    """The whole run: the share of its updates that read next to nothing, and that hardly anything moves."""
    asked = asked.pinned().shortened()
    context = asked.context
    lr, run, warmup = context.config.lr, context.run, context.config.warmup_steps
    below = ticks_below(context.schedule, NEARLY_ZERO, run.first_tick, run.ticks)
    share = below / (run.ticks - run.first_tick)
    ends = update_ends(context, run.updates)
    known = not depends_on_gradients(context)
    at_ends = float(np.mean((ends < NEARLY_ZERO) & _after(context, run.updates)))
    claims = [
        within(
            f"λ is below {percent(NEARLY_ZERO)} for {percent(share)} of the run's ticks"
            + (f", and at the end of {percent(at_ends)} of its updates" if known else ""),
            lambda logs: float(np.mean(_below(logs[RUN], lr, warmup))),
            at_ends if known else LONG,
            at_ends if known else 1.0,
            "it is so at the end of {} of the updates",
            percent,
        )
    ]
    if float(lr_ratio(context.schedule, run.final_tick)) >= 0:

        def moves(logs: Logs) -> Measured:
            log = logs[RUN]
            low = _below(log, lr, warmup)
            kl = log.of("approx_kl")
            return compared(movement(kl[low]), movement(kl[~low]), "of what it moves in the others")

        claims.append(Claim("the policy moves less in these updates than in the others", moves))
    return Trial({RUN: asked.arm(None)}, tuple(claims), asked.note)


def _below(log: Log, lr: float, warmup: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Of each applied update, whether it ends with a λ next to nothing after the warm-up."""
    return np.asarray((ratios(log, lr) < NEARLY_ZERO) & (log.of("tick") > warmup))


def _after(context: Context, updates: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Of each of the first applied updates, whether it ends after the warm-up."""
    ends = context.run.first_tick + context.rollout.ticks * np.arange(1, updates + 1)
    return np.asarray(ends > context.config.warmup_steps)
