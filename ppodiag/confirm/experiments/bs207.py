"""BS207: the adaptation is rounded away."""

from __future__ import annotations

import numpy as np

from ppodiag.batch import ADDED, KEPT
from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import Claim, Logs, Measured
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.keys import LR, PLAIN
from ppodiag.confirm.log import Log
from ppodiag.wording import counted, number, percent

TINY = 1e-9
"""A learning rate at which norms scatter about one value; it has no part in the rounding."""

UPDATES = 6
"""[judgement] Updates in which some norms come near their reference."""


@experiment("BS207")
def plan(asked: Asked) -> Trial:
    """Some updates: those whose norm is nearer to its reference than that leave the size as it is."""
    asked = asked.pinned(adapts=True)
    rate = asked.context.config.adaptation_rate

    def measure(logs: Logs) -> Measured:
        log = logs["updates"]
        size, off = (
            log.of("batch_state")[1:],
            _distances(log)[1:],
        )  # the first norm is its own reference
        still = rate * size[:-1] * off < 0.5
        changed = np.diff(size) != 0
        if not still.any():
            return Measured("no norm of the run comes that near its reference", None)
        text = (
            f"of {counted(len(still), 'update')}, {int(still.sum())} have norms {percent(float(off[still].min()))} to "
            f"{percent(float(off[still].max()))} off, and the size changed after {int((still & changed).sum())} of these"
            f"; it changed after {int((~still & changed).sum())} of the others"
        )
        return Measured(text, not bool((still & changed).any()))

    size = asked.context.size
    predicted = (
        f"{number(rate)} · {number(size)} · d < 0.5 rounds to 0: at size {number(size)} a norm less than "
        f"{percent(min(0.5 / (rate * size), 1.0))} off its reference changes nothing"
    )
    note = "; ".join(part for part in (asked.note, f"lr is {number(TINY)}") if part)
    return Trial(
        {"updates": asked.arm(UPDATES, {**PLAIN, LR: TINY})}, (Claim(predicted, measure),), note
    )


def _distances(log: Log) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """|ref − g| / ref after each update but the last, at most 1, by the logged norms."""
    reference, found = None, []
    for norm in log.of("pg_grad_norm")[:-1]:
        reference = norm if reference is None else KEPT * reference + ADDED * norm
        found.append(min(abs(reference - norm) / reference, 1.0))
    return np.array(found)
