"""CLP402: an unusual clip threshold."""

from __future__ import annotations

import numpy as np

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import within
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.keys import EARLY_STOP, WINDOW
from ppodiag.rules.clp402 import LOWEST
from ppodiag.wording import number, percent

UPDATES = 10

MOSTLY = 0.5
"""[judgement] Share of clipped steps above which a threshold clips most of them."""

HARDLY = 0.1
"""[judgement] Share of clipped steps below which a threshold clips next to none."""


@experiment("CLP402")
def plan(asked: Asked) -> Trial:
    """Some updates: the share of optimizer steps that are clipped."""
    threshold = asked.context.config.max_grad_norm or 0.0
    small = threshold < LOWEST
    claim = within(
        f"a threshold of {number(threshold)} clips "
        + (
            f"more than {percent(MOSTLY)} of the optimizer steps"
            if small
            else f"less than {percent(HARDLY)} of the optimizer steps, so a norm up to it passes"
        ),
        lambda logs: float(np.nanmean(logs["run"].of("clipped_share"))),
        MOSTLY if small else 0.0,
        1.0 if small else HARDLY,
        "{} of them are clipped",
        percent,
    )
    return Trial({"run": asked.arm(UPDATES, {WINDOW: 0, EARLY_STOP: False})}, (claim,))
