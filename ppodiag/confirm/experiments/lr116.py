"""LR116: the learning rate stays near 0 for long."""

from __future__ import annotations

import numpy as np

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import Claim, Logs, Measured, within
from ppodiag.confirm.course import RUN, compared, movement, ratios
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.log import Log
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
    slack = 1 / run.updates
    claims = [
        within(
            f"λ is below {percent(NEARLY_ZERO)} for {percent(share)} of the run's ticks",
            lambda logs: float(np.mean(_below(logs[RUN], lr, warmup))),
            LONG if context.config.early_stopping else max(0.0, share - slack),
            1.0 if context.config.early_stopping else share + slack,
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
