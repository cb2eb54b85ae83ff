"""BS203: a minibatch of the whole rollout is within reach."""

from __future__ import annotations

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import equals
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.shape import SHAPE
from ppodiag.wording import count


@experiment("BS203")
def plan(asked: Asked) -> Trial:
    """One update at the upper bound: a single minibatch an epoch."""
    context = asked.context.at(
        min(asked.context.config.max_batch_size, asked.context.rollout.samples)
    )
    epochs = context.rollout.epochs
    claim = equals(
        f"at size {count(context.size)} an update has {count(epochs)} epochs × 1 minibatch",
        lambda logs: float(logs[SHAPE].of("minibatch_steps")[0]),
        epochs,
        "the log has {} minibatch steps in an update",
        count,
    )
    return Trial({SHAPE: asked.shape_arm(context.size)}, (claim,), asked.note)
