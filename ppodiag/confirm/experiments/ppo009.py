"""PPO009: the lowest entropy that is asked for is out of reach."""

from __future__ import annotations

import math

import numpy as np

from ppodiag.confirm.arm import OWN
from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import within
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.keys import PLAIN, REPLICAS
from ppodiag.confirm.unsettled import CannotSettle
from ppodiag.wording import count, number

UPDATES = 3


@experiment("PPO009")
def plan(asked: Asked) -> Trial:
    """Some updates of an environment with as many actions: the highest entropy of the fresh policy."""
    largest = asked.finding.values.get("largest")
    if largest is None:
        raise CannotSettle("the reference trainer has neither of the two penalties")
    actions = round(math.exp(float(str(largest))))
    lowest = float(str(asked.finding.values["entropy_min"]))
    claim = within(
        f"no policy over {count(actions)} actions has an entropy above ln {count(actions)} = "
        f"{number(float(str(largest)))}, so none gets to {number(lowest)}",
        lambda logs: float(np.nanmax(logs["run"].of("entropy"))),
        0.0,
        min(float(str(largest)) * (1 + 1e-6), lowest),
        "the highest entropy in the log, of a fresh policy, is {}",
        lambda value: f"{value:.6g}",
    )
    arm = asked.arm(UPDATES, {**PLAIN, REPLICAS: actions}, env=OWN)
    return Trial({"run": arm}, (claim,), asked.note)
