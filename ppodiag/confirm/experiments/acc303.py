"""ACC303: the last minibatch of an epoch is short."""

from __future__ import annotations

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.shape import SHAPE, minibatches_claim, tail_claim, weighing


@experiment("ACC303")
def plan(asked: Asked) -> Trial:
    """One update: its minibatches, and what is left for the last one."""
    asked = asked.pinned()
    context = asked.context
    claims = (
        minibatches_claim(context),
        tail_claim(context, context.rollout.smallest, "minibatch"),
    )
    arms, weighed = weighing(asked)
    return Trial({SHAPE: asked.shape_arm(), **arms}, (*claims, *weighed), asked.note)
