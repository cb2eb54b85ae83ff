"""BS210: the switch of the adaptation does nothing."""

from __future__ import annotations

import numpy as np

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import Claim, Logs, Measured
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.keys import PLAIN
from ppodiag.wording import count, number

UPDATES = 4


@experiment("BS210")
def plan(asked: Asked) -> Trial:
    """Some updates: the size stays, whatever the norm does."""
    size = asked.context.size

    def measure(logs: Logs) -> Measured:
        sizes = np.unique(logs["updates"].of("minibatch_size"))
        norms = logs["updates"].of("pg_grad_norm")
        text = (
            f"sizes {', '.join(count(s) for s in sizes)}, while the norm goes from "
            f"{number(float(np.nanmin(norms)))} to {number(float(np.nanmax(norms)))}"
        )
        return Measured(text, sizes.tolist() == [size])

    claim = Claim(f"every update uses {count(size)} samples a minibatch", measure)
    return Trial({"updates": asked.arm(UPDATES, PLAIN)}, (claim,), asked.note)
