"""LR111: the peak learning rate is high."""

from __future__ import annotations

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import Claim, Logs, Measured
from ppodiag.confirm.course import compared, movement
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.keys import ADAPTS, LR, PLAIN, SIZE
from ppodiag.wording import number

USUAL = 3e-4
"""The most common of the published rates, and the rule's advice."""

UPDATES = 4


@experiment("LR111")
def plan(asked: Asked) -> Trial:
    """The first updates at this rate and at 3e-4: how far the policy moves."""
    lr = asked.context.config.lr
    fixed = {**PLAIN, ADAPTS: False, SIZE: asked.context.size}
    arms = {
        "peak": asked.arm(UPDATES, fixed),
        "usual": asked.arm(UPDATES, {**fixed, LR: USUAL}),
    }

    def measure(logs: Logs) -> Measured:
        usual, peak = (movement(logs[name].of("approx_kl")) for name in ("usual", "peak"))
        return compared(usual, peak, f"of what it moves at {number(lr)}")

    predicted = f"{number(lr)} is {number(lr / USUAL)} times 3e-4: at 3e-4 the policy moves less in an update"
    return Trial(arms, (Claim(predicted, measure),), asked.note)
