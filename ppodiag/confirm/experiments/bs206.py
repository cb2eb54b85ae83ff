"""BS206: the adaptation crosses its range within a few updates."""

from __future__ import annotations

import math

import numpy as np

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import Logs, equals
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.keys import MAX_NORM, PLAIN, SIZE
from ppodiag.confirm.unsettled import CannotSettle
from ppodiag.wording import count, number

FAR_BELOW = 1e-6
"""A fixed reference that every norm is more than twice as large as."""

CLIPPING = "advanced_optimization.gradient_optimization.clip_by_global_norm"


@experiment("BS206")
def plan(asked: Asked) -> Trial:
    """A run whose norms are all far above the reference: the updates from the upper bound to the lower.

    The law's largest step does not depend on what the reference is; a fixed one makes every step the
    largest.
    """
    rate = asked.context.raw("adaptation_rate")
    if not 0 < rate < 1:
        raise CannotSettle("the trainer refuses a rate outside 0 to 1")
    config = asked.context.config
    low, high = config.min_batch_size, config.max_batch_size
    updates = math.ceil(math.log(high / low) / -math.log1p(-rate))
    profile = f"{asked.context.profile.name},batch_reference=max_grad_norm"
    changes = {**PLAIN, SIZE: high, MAX_NORM: FAR_BELOW, CLIPPING: True}
    claim = equals(
        f"ln({count(high)}/{count(low)}) / −ln(1 − {number(rate)}) = "
        f"{number(math.log(high / low) / -math.log1p(-rate))}: at its quickest the size needs "
        f"{count(updates)} updates from bound to bound",
        lambda logs: _first_at(logs, low),
        updates,
        "with norms far above the reference it takes {} updates",
        count,
    )
    return Trial({"fall": asked.arm(updates + 1, changes, profile=profile)}, (claim,), asked.note)


def _first_at(logs: Logs, low: int) -> float:
    """Index of the first update at the lower bound; inf: none."""
    at = np.flatnonzero(logs["fall"].of("batch_state") <= low)
    return float(at[0]) if len(at) else math.inf
