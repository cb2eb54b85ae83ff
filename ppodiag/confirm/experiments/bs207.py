"""BS207: the adaptation is rounded away."""

from __future__ import annotations

import numpy as np

from ppodiag.batch import ADDED, KEPT
from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import Claim, Logs, Measured
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.keys import PLAIN
from ppodiag.confirm.log import Log
from ppodiag.wording import counted, number, percent

UPDATES = 12
"""[judgement] Updates in which some norms come near their reference."""


@experiment("BS207")
def plan(asked: Asked) -> Trial:
    """Some updates: those whose norm is nearer to its reference than that leave the size as it is."""
    asked = asked.pinned(adapts=True)
    rate = asked.context.config.adaptation_rate

    def measure(logs: Logs) -> Measured:
        log = logs["updates"]
        size, off = log.of("batch_state"), _distances(log)
        still = rate * size[:-1] * off < 0.5
        changed = np.diff(size) != 0
        if not still.any():
            return Measured("no norm of the run comes that near its reference", None)
        text = (
            f"{counted(int(still.sum()), 'update')} of {len(still)} have norms {percent(float(off[still].min()))} "
            f"to {percent(float(off[still].max()))} off; the size changed after "
            f"{int((still & changed).sum())} of them"
        )
        return Measured(text, not bool((still & changed).any()))

    size = asked.context.size
    predicted = (
        f"{number(rate)} · {number(size)} · d < 0.5 rounds to 0: at size {number(size)} a norm less than "
        f"{percent(min(0.5 / (rate * size), 1.0))} off its reference changes nothing"
    )
    return Trial({"updates": asked.arm(UPDATES, PLAIN)}, (Claim(predicted, measure),), asked.note)


def _distances(log: Log) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """|ref − g| / ref after each update but the last, at most 1, by the logged norms."""
    reference, found = None, []
    for norm in log.of("pg_grad_norm")[:-1]:
        reference = norm if reference is None else KEPT * reference + ADDED * norm
        found.append(min(abs(reference - norm) / reference, 1.0))
    return np.array(found)
