"""BS208: nothing holds the minibatch size between its bounds."""

from __future__ import annotations

import math

import numpy as np

from ppodiag.batch import swing, window_samples
from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import Claim, Logs, Measured
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.keys import ADAPTS, LR, PLAIN, SIZE
from ppodiag.confirm.log import Log
from ppodiag.confirm.unsettled import CannotSettle
from ppodiag.context import Context
from ppodiag.swing_limits import swings
from ppodiag.wording import number, percent

PINNED = 0.5
"""Share of the updates at a bound from which the size counts as driven there, as in RUN922."""

FEWEST = 20
"""[judgement] Updates that show where the size goes."""

DOUBT = 0.1
"""[judgement] By how much a measured share of noise may be off."""

LONG = 3.0
"""[judgement] Times in which a deviation could grow across the range, after which it should be there."""

TINY = 1e-9
"""A learning rate that leaves the weights where they are."""

LOW, HIGH = "norm at min", "norm at max"


@experiment("BS208")
def plan(asked: Asked) -> Trial:
    """A run as long as may be: whether the size swings or lies at a bound in its second half.

    The weights are held, so that the share of noise is one number, which two runs at the bounds tell.
    """
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
        share = _noise(logs, context)
        said = "unknown" if share is None else percent(share)
        text = (
            f"{percent(at_bound)} of the second half's updates at a bound, the size "
            f"{'swings' if swinging else 'does not swing'}; share of noise: {said}"
        )
        if (at_bound > PINNED or swinging) and (fixed or (share or 0.0) >= critical - DOUBT):
            return Measured(text, True)
        if share is not None and share < critical and not fixed:
            return Measured(f"{text}, too little to tell", None)
        ends = context.config.max_batch_size / context.config.min_batch_size
        long_enough = log.updates > LONG * math.log(ends) / (rate / 2)
        clear = long_enough and share is not None and share > critical + DOUBT
        return Measured(text, False if clear else None)

    predicted = (
        f"nothing holds the size against the fixed reference "
        f"{number(context.config.max_grad_norm or 0)}: most updates come to a bound"
        if fixed
        else f"the loop gain is 4.5 · {number(rate)} = {number(4.5 * rate)} × the share of noise; from a "
        f"share of {percent(min(critical, 1.0))} on the size swings, or lies at its bounds"
    )
    still = {**PLAIN, LR: TINY}
    arm = asked.arm(min(asked.most, context.budget.applied), still)
    arms = {
        name: asked.arm(1, {**still, ADAPTS: False, SIZE: end.size})
        for name, end in ((LOW, context.range_contexts[0]), (HIGH, context.range_contexts[-1]))
    }
    note = f"lr is {number(TINY)}, so that weights and norms stay and the feedback is seen alone"
    return Trial({"run": arm, **arms}, (Claim(predicted, measure),), note)


def _second_half(log: Log, context: Context) -> tuple[float, bool]:
    """Share of the updates at a bound, and whether the size swings."""
    size = log.of("minibatch_size")[log.updates // 2 :]
    samples, config = context.rollout.samples, context.config
    ends = min(config.min_batch_size, samples), min(config.max_batch_size, samples)
    deviation, flips = (float(found[0]) for found in swing(size.astype(np.int64)[:, None]))
    return float(np.mean(np.isin(size, ends))), swings(deviation, flips)


def _noise(logs: Logs, context: Context) -> float | None:
    """The share of noise in the squared norm at the initial size; None: it cannot be told.

    By the norms of the fresh weights at both bounds: E‖g‖² = ‖G‖² + tr Σ/n over windows of n samples.
    """
    config, samples = context.config, context.rollout.samples
    ends = (context.range_contexts[0].size, context.range_contexts[-1].size, context.size)
    low, high, here = (
        float(window_samples(config.accumulation_steps, size, samples)) for size in ends
    )
    squares = [float(logs[name].of("pg_grad_norm")[0]) ** 2 for name in (LOW, HIGH)]
    if low == high:
        return None
    noise = (squares[0] - squares[1]) / (1 / low - 1 / high)
    signal = squares[0] - noise / low
    if signal + noise / here <= 0:
        return None
    return min(max(noise / here / (signal + noise / here), 0.0), 1.0)
