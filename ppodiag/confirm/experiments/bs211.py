"""BS211: sequences fit neither rollout nor minibatch."""

from __future__ import annotations

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.shape import SHAPE, minibatches_claim


@experiment("BS211")
def plan(asked: Asked) -> Trial:
    """One update: the minibatches that whole sequences make."""
    asked = asked.pinned()
    context = asked.context
    claims = (minibatches_claim(context),)
    return Trial({SHAPE: asked.shape_arm()}, claims, asked.note)
