"""BS208: nothing holds the minibatch size between its bounds."""

from __future__ import annotations

import numpy as np

from ppodiag.batch import swing, window_samples
from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import Claim, Logs, Measured
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.keys import EARLY_STOP, WINDOW
from ppodiag.confirm.log import Log
from ppodiag.confirm.unsettled import CannotSettle
from ppodiag.context import Context
from ppodiag.errors import UsageError
from ppodiag.norms.fit import fit_models
from ppodiag.swing_limits import swings
from ppodiag.wording import number, percent

PINNED = 0.5
"""Share of the updates at a bound from which the size counts as driven there, as in RUN922."""

FEWEST = 20
"""[judgement] Updates that show where the size goes."""

DOUBT = 0.1
"""[judgement] By how much a fitted share of noise may be off."""


@experiment("BS208")
def plan(asked: Asked) -> Trial:
    """A run as long as may be: whether the size swings or lies at a bound in its second half."""
    context = asked.context
    if "rate" not in asked.finding.values:
        raise CannotSettle("the trainer refuses a reference that is absent")
    if context.budget.applied < FEWEST:
        raise CannotSettle(f"the run has fewer than {FEWEST} updates, too few to tell")
    rate = context.config.adaptation_rate
    fixed = context.profile.batch_reference == "max_grad_norm"
    critical = 0.5 if fixed else 1 / (4.5 * rate)

    def measure(logs: Logs) -> Measured:
        log = logs["run"]
        at_bound, swinging = _second_half(log, context)
        share = _noise(log, context)
        said = "unknown" if share is None else percent(share)
        text = (
            f"{percent(at_bound)} of the second half's updates at a bound, the size "
            f"{'swings' if swinging else 'does not swing'}; share of noise: {said}"
        )
        if at_bound > PINNED or swinging:
            return Measured(text, True)
        clear = share is not None and share > critical + DOUBT
        return Measured(text, False if clear else None)

    predicted = (
        f"the fixed reference {number(context.config.max_grad_norm or 0)} does not hold it: from a noise "
        f"share of {percent(critical)} on most updates are at a bound"
        if fixed
        else f"the loop gain is 4.5 · {number(rate)} = {number(4.5 * rate)} × the share of noise; from a "
        f"share of {percent(min(critical, 1.0))} on the size swings, or lies at its bounds"
    )
    arm = asked.arm(min(asked.most, context.budget.applied), {WINDOW: 0, EARLY_STOP: False})
    return Trial({"run": arm}, (Claim(predicted, measure),), asked.note)


def _second_half(log: Log, context: Context) -> tuple[float, bool]:
    """Share of the updates at a bound, and whether the size swings."""
    size = log.of("minibatch_size")[log.updates // 2 :]
    samples, config = context.rollout.samples, context.config
    ends = min(config.min_batch_size, samples), min(config.max_batch_size, samples)
    deviation, flips = (float(found[0]) for found in swing(size.astype(np.int64)[:, None]))
    return float(np.mean(np.isin(size, ends))), swings(deviation, flips)


def _noise(log: Log, context: Context) -> float | None:
    """The share of noise in the squared norm that a fit of the run finds; None: it cannot be told."""
    config, samples = context.config, context.rollout.samples
    window = window_samples(config.accumulation_steps, log.of("minibatch_size"), samples)
    initial = window_samples(config.accumulation_steps, context.size, samples)
    try:
        fits = fit_models(log.of("pg_grad_norm"), np.asarray(window / initial, float))
    except UsageError:
        return None
    return next(
        (f.model.share for f in fits if f.model.name == "noise" and f.model.share_known), None
    )
