"""CLP401: the clip threshold is dead."""

from __future__ import annotations

import numpy as np

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import STILL, Claim, Logs, Measured, within
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.keys import MAX_NORM, PLAIN
from ppodiag.confirm.unsettled import CannotSettle
from ppodiag.wording import counted, number, percent

SMALLEST = 1e-30
"""A threshold that the trainer takes in the place of 0: gradients vanish beside Adam's ε of 1e-5."""

UPDATES = 3


@experiment("CLP401")
def plan(asked: Asked) -> Trial:
    """Some updates: that nothing moves at a threshold of 0, or that nothing is clipped with the flag off."""
    threshold = asked.finding.values.get("max_grad_norm")
    if threshold is None:
        raise CannotSettle("the trainer refuses to clip to a threshold that is absent")
    if asked.context.config.clip_by_global_norm is False:
        return Trial({"run": asked.arm(UPDATES, PLAIN)}, (unclipped(float(str(threshold))),))
    arms = {"run": asked.arm(UPDATES, {**PLAIN, MAX_NORM: SMALLEST})}
    claims = (
        within(
            f"every gradient is scaled to 0 / its norm = {number(float(str(threshold)))}, so the policy "
            "does not move",
            lambda logs: float(np.nanmax(np.abs(logs["run"].of("approx_kl")))),
            0.0,
            STILL,
            f"the KL divergence of {UPDATES} updates is at most {{}} nat",
        ),
        within(
            "clipping acts on every optimizer step",
            lambda logs: float(np.nanmin(logs["run"].of("clipped_share"))),
            1.0,
            1.0,
            "{} of the optimizer steps are clipped",
            percent,
        ),
    )
    note = f"max_grad_norm is {number(SMALLEST)}, for the trainer takes no 0"
    return Trial(arms, claims, note)


def unclipped(threshold: float | None) -> Claim:
    """The claim that gradients stay as they are; with a threshold, those above it too."""

    def measure(logs: Logs) -> Measured:
        log = logs["run"]
        before, after = log.of("pg_grad_norm"), log.of("grad_norm_clipped")
        above = before > (threshold or 0.0)
        changed = int(np.sum(before[above] != after[above]))
        if not above.any():
            return Measured(f"no norm is above {number(threshold or 0.0)}, so nothing shows", None)
        norms = f"norms up to {number(float(np.nanmax(before)))}"
        return Measured(
            f"{changed} of {counted(int(above.sum()), 'update')} with {norms} changed by clipping",
            changed == 0,
        )

    said = "whatever its norm" if threshold is None else f"above {number(threshold)} too"
    return Claim(f"no gradient is clipped, {said}", measure)
