"""ACC304: a window is the whole rollout."""

from __future__ import annotations

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.shape import SHAPE, minibatches_claim, windows_claim


@experiment("ACC304")
def plan(asked: Asked) -> Trial:
    """One update: a single optimizer step an epoch."""
    asked = asked.pinned()
    context = asked.context
    claims = (minibatches_claim(context), windows_claim(context))
    return Trial({SHAPE: asked.shape_arm()}, claims, asked.note)
