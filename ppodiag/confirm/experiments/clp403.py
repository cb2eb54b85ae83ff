"""CLP403: nothing guards against an exploding gradient."""

from __future__ import annotations

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.experiments.clp401 import unclipped
from ppodiag.confirm.keys import PLAIN

UPDATES = 6


@experiment("CLP403")
def plan(asked: Asked) -> Trial:
    """Some updates: every gradient goes into the step as it is."""
    return Trial({"run": asked.arm(UPDATES, PLAIN)}, (unclipped(None),))
