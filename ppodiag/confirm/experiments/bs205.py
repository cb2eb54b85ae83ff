"""BS205: one learning rate for a wide range of minibatch sizes."""

from __future__ import annotations

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import Claim, Logs, Measured
from ppodiag.confirm.course import compared, movement
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.shape import minibatches_claim
from ppodiag.wording import count

LOW, HIGH = "at min", "at max"


@experiment("BS205")
def plan(asked: Asked) -> Trial:
    """Two updates at either bound: the minibatches of an epoch, and how far the policy moves."""
    low, high = asked.context.range_contexts[0], asked.context.range_contexts[-1]
    arms = {LOW: asked.shape_arm(low.size), HIGH: asked.shape_arm(high.size)}

    def measure(logs: Logs) -> Measured:
        own, other = (movement(logs[name].of("approx_kl")) for name in (HIGH, LOW))
        return compared(own, other, f"of what it moves at size {count(low.size)}")

    claims = (
        minibatches_claim(low, LOW),
        minibatches_claim(high, HIGH),
        Claim(
            f"at the same lr the policy moves less in an update at size {count(high.size)} than at "
            f"{count(low.size)}",
            measure,
        ),
    )
    return Trial(arms, claims, asked.note)
