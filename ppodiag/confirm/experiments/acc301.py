"""ACC301: a window is longer than an epoch."""

from __future__ import annotations

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.shape import SHAPE, minibatches_claim, windows_claim


@experiment("ACC301")
def plan(asked: Asked) -> Trial:
    """One update: its minibatches and optimizer steps."""
    asked = asked.pinned()
    context = asked.context
    claims = (minibatches_claim(context), windows_claim(context))
    return Trial({SHAPE: asked.shape_arm()}, claims, asked.note)
