"""BS204: advantages are normalised over a handful of samples."""

from __future__ import annotations

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import Claim, equals, within
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.shape import SHAPE, tail_claim
from ppodiag.wording import count


@experiment("BS204")
def plan(asked: Asked) -> Trial:
    """One update: the samples that are left for the smallest group; gradients that are NaN where it is."""
    asked = asked.pinned()
    context = asked.context
    rollout, profile = context.rollout, context.profile
    claims: list[Claim] = []
    if profile.advantages_per == "rollout":
        claims.append(
            equals(
                f"a rollout has {count(rollout.samples)} samples",
                lambda logs: float(logs[SHAPE].all("env_steps")[0]),
                rollout.samples,
                "the log has {} env steps a rollout",
                count,
            )
        )
    else:
        group = profile.advantages_per
        smallest = rollout.smallest if group == "minibatch" else rollout.smallest_window
        claims.append(tail_claim(context, smallest, group))
        if smallest == 1 and profile.advantage_std == "unguarded":
            epochs = rollout.epochs
            claims.append(
                within(
                    "the deviation of one sample is NaN, so a step of each epoch at least has no "
                    "finite gradient",
                    lambda logs: float(logs[SHAPE].of("skipped_steps")[0]),
                    epochs,
                    epochs * rollout.windows,
                    f"{{}} steps of an update of {count(epochs)} epochs were not finite",
                    count,
                )
            )
    return Trial({SHAPE: asked.shape_arm()}, tuple(claims), asked.note)
