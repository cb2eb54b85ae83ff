"""ACC302: the last window of an epoch is partial."""

from __future__ import annotations

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.shape import SHAPE, minibatches_claim, tail_claim, weighing, windows_claim


@experiment("ACC302")
def plan(asked: Asked) -> Trial:
    """One update: its minibatches and windows, and what is left for the last one."""
    asked = asked.pinned()
    context = asked.context
    claims = (
        minibatches_claim(context),
        windows_claim(context),
        tail_claim(context, context.rollout.smallest_window, "window"),
    )
    arms, weighed = weighing(asked)
    return Trial({SHAPE: asked.shape_arm(), **arms}, (*claims, *weighed), asked.note)
