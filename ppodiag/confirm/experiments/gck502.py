"""GCK502: checkpointing costs time and saves hardly any memory."""

from __future__ import annotations

import numpy as np

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import Claim, Logs, Measured
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.keys import ADAPTS, CHECKPOINTING, PLAIN, SIZE
from ppodiag.wording import percent

ROUNDS = 3

UPDATES = 3
"""Of one run; the first warms the process up and is left out."""

ON, OFF = "checkpointed", "plain"

SMALL = 0.05
"""The rule's limit: a saving below it is none."""


@experiment("GCK502")
def plan(asked: Asked) -> Trial:
    """Runs with checkpointing and without, in turn, each in a process of its own: time and memory."""
    arms = {}
    for number in range(ROUNDS):
        for name, on in ((ON, True), (OFF, False)):
            changes = {**PLAIN, ADAPTS: False, SIZE: asked.context.size, CHECKPOINTING: on}
            arms[f"{name} {number + 1}"] = asked.arm(UPDATES, changes, networks=True, round=number)
    claims = [Claim("checkpointing spends time: an update takes longer with it", _time)]
    share = asked.finding.values.get("share")
    if share is not None and float(str(share)) < SMALL:
        claims.append(
            Claim(
                f"it saves {percent(max(float(str(share)), 0.0))} of the estimated memory, so less than "
                f"{percent(SMALL)} of the process's",
                _memory,
            )
        )
    return Trial(arms, tuple(claims), asked.note)


def _of(logs: Logs, column: str) -> tuple[list[float], list[float]]:
    """The median of a column over each round's updates but the first, with checkpointing and without."""
    on, off = (
        [float(np.median(logs[f"{name} {number + 1}"].of(column)[1:])) for number in range(ROUNDS)]
        for name in (ON, OFF)
    )
    return on, off


def _time(logs: Logs) -> Measured:
    on, off = _of(logs, "update_seconds")
    change = float(np.median(on) / np.median(off) - 1)
    text = f"by {percent(change)} ({min(on):.3g} to {max(on):.3g} s beside {min(off):.3g} to {max(off):.3g} s)"
    if min(on) > max(off):
        return Measured(text, True)
    return Measured(text, False if max(on) < min(off) else None)


def _memory(logs: Logs) -> Measured:
    on, off = _of(logs, "peak_memory_bytes")
    saved = float(1 - np.median(on) / np.median(off))
    return Measured(f"{percent(saved)} of the process's peak, torch included", saved < SMALL)
