"""PPO007: the minibatch size does not divide the rollout."""

from __future__ import annotations

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.shape import SHAPE, minibatches_claim, tail_claim


@experiment("PPO007")
def plan(asked: Asked) -> Trial:
    """One update: its minibatches, and what is left for the last one."""
    asked = asked.pinned()
    context = asked.context
    claims = (
        minibatches_claim(context),
        tail_claim(context, context.rollout.smallest, "minibatch"),
    )
    return Trial({SHAPE: asked.shape_arm()}, claims, asked.note)
