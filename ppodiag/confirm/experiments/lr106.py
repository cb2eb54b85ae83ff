"""LR106: a restart multiplies the learning rate."""

from __future__ import annotations

import numpy as np

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import Claim, Logs, Measured, equals
from ppodiag.confirm.course import AFTER, RUN, movement, ratios, update_ends
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.keys import ADAPTS, EARLY_STOP, SIZE
from ppodiag.context import Context
from ppodiag.norms.model import FloatArray
from ppodiag.schedule import first_restart
from ppodiag.wording import count, number


@experiment("LR106")
def plan(asked: Asked) -> Trial:
    """A run up to the first restart and a little beyond: the jump of λ, and of what the policy moves."""
    asked = asked.pinned()
    ticks = asked.context.rollout.ticks
    needed = asked.context.budget.skipped + first_restart(asked.context.schedule) // ticks + AFTER
    asked = asked.shortened(needed)
    context = asked.context
    lr, ticks = context.config.lr, context.rollout.ticks
    updates = min(first_restart(context.schedule) // ticks + AFTER, context.budget.applied)
    jump = _largest(update_ends(context, updates), context)
    fixed = {EARLY_STOP: False, ADAPTS: False, SIZE: context.size}
    claims = (
        equals(
            f"from the end of an update to that of the next, λ is multiplied by {number(jump)} at the "
            f"restart at t = {count(first_restart(context.schedule))}",
            lambda logs: _largest(ratios(logs[RUN], lr), context),
            jump,
            "the largest factor in the log is {}",
        ),
        Claim("the policy moves more in the update after it than in the one before", _moves),
    )
    return Trial({RUN: asked.arm(context.budget.skipped + updates, fixed)}, claims, asked.note)


def _largest(found: FloatArray, context: Context) -> float:
    """The largest factor between neighbours after the warm-up."""
    begin = int(-(-context.config.warmup_steps // context.rollout.ticks))
    after = found[begin:]
    return float(np.max(after[1:] / after[:-1])) if len(after) > 1 else float("nan")


def _moves(logs: Logs) -> Measured:
    log = logs[RUN]
    rate, kl = log.of("lr"), log.of("approx_kl")
    if len(rate) < AFTER + 1:
        return Measured("the run has too few updates", None)
    at = int(np.argmax(rate[-AFTER - 1 :])) + len(rate) - AFTER - 1
    before, after = movement(kl[at - 2 : at - 1]), movement(kl[at : at + 1])
    if not before > 0:
        return Measured("before it, the policy does not move at all", after > 0)
    return Measured(f"√KL goes from {before:.2g} to {after:.2g}", after > before)
