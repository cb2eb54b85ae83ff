"""PPO011: the minibatch size is larger than the rollout."""

from __future__ import annotations

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.shape import SHAPE, minibatches_claim, tail_claim


@experiment("PPO011")
def plan(asked: Asked) -> Trial:
    """One update: an epoch is one minibatch of the whole rollout."""
    asked = asked.pinned()
    context = asked.context
    claims = (minibatches_claim(context), tail_claim(context, context.rollout.samples, "minibatch"))
    return Trial({SHAPE: asked.shape_arm()}, claims, asked.note)
