"""LR112: the mean learning rate is far below the peak."""

from __future__ import annotations

import numpy as np

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import Claim, Logs, Measured, within
from ppodiag.confirm.course import RUN, compared, movement, ratios
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.keys import CONSTANT
from ppodiag.confirm.log import Log
from ppodiag.context import Context, Interval
from ppodiag.schedule import lr_ratio_mean
from ppodiag.wording import ratio

CONTROL = "constant"


@experiment("LR112")
def plan(asked: Asked) -> Trial:
    """The whole run and one at a constant rate: the mean of λ, and how far the policy moves."""
    asked = asked.shortened()
    context = asked.context
    lr = context.config.lr
    mean = context.over_range(_mean) or Interval(_mean(context), _mean(context))
    slack = 0.01 + 1 / context.budget.applied
    claims = (
        within(
            f"the mean of λ is {ratio(mean.low)}"
            + ("" if mean.low == mean.high else f" to {ratio(mean.high)} over the batch range"),
            lambda logs: _measured_mean(logs[RUN], lr),
            mean.low - slack,
            mean.high + slack,
            "its mean over the updates of the log is {}",
            ratio,
        ),
        Claim("so the policy moves less in an update than at a constant lr", _moves),
    )
    arms = {RUN: asked.arm(None), CONTROL: asked.arm(None, CONSTANT)}
    return Trial(arms, claims, asked.note)


def _mean(context: Context) -> float:
    return lr_ratio_mean(context.schedule, *context.run.reads)


def _measured_mean(log: Log, lr: float) -> float:
    """The mean of λ over the updates' ends, each with the one before, by its ticks."""
    found = ratios(log, lr)
    if not len(found):
        return float("nan")
    middle = (np.concatenate([[found[0]], found[:-1]]) + found) / 2
    return float(np.average(middle, weights=np.maximum(np.diff(log.of("tick"), prepend=0.0), 1)))


def _moves(logs: Logs) -> Measured:
    own, other = (movement(logs[name].of("approx_kl")) for name in (RUN, CONTROL))
    return compared(own, other, "of what it moves at a constant lr")
