"""UNIT703: the run has few updates, or none."""

from __future__ import annotations

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import Claim, Logs, Measured, equals
from ppodiag.confirm.course import RUN
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.keys import ADAPTS, EPOCHS, PLAIN, SIZE
from ppodiag.wording import count


@experiment("UNIT703")
def plan(asked: Asked) -> Trial:
    """The whole run: its rollouts; or that there is no run."""
    rollouts, samples = asked.context.budget.rollouts, asked.context.rollout.samples
    total = asked.context.config.total_env_steps or 0
    if rollouts == 0:
        claim = Claim(
            f"floor({count(total)} / {count(samples)}) = 0 rollouts: nothing is collected", _refused
        )
        return Trial({RUN: asked.arm(None, refusal=True)}, (claim,), asked.note)
    claim = equals(
        f"{count(total)} env steps in rollouts of {count(samples)} are {count(rollouts)}",
        lambda logs: float(len(logs[RUN])),
        rollouts,
        "the log has {} rollouts",
        count,
    )
    return Trial(
        {RUN: asked.arm(None, {**PLAIN, ADAPTS: False, SIZE: samples, EPOCHS: 1})},
        (claim,),
        "an update is one step, for rollouts are counted",
    )


def _refused(logs: Logs) -> Measured:
    log = logs[RUN]
    if len(log):
        return Measured(f"the log has {len(log)} rollouts", False)
    if "nothing would be collected" in log.refused:
        return Measured("the trainer refuses it: nothing would be collected", True)
    return Measured(f"the trainer refuses it: {log.refused}", None)
