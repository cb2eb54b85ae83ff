"""STB602: the stabilization window takes much of the run, or all of it."""

from __future__ import annotations

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import equals
from ppodiag.confirm.course import RUN
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.keys import CONSTANT
from ppodiag.wording import count, percent


@experiment("STB602")
def plan(asked: Asked) -> Trial:
    """The whole run: its rollouts, those that are skipped, and the optimizer steps."""
    asked = asked.shortened()
    budget, window = asked.context.budget, asked.context.config.stabilization_steps
    samples = asked.context.rollout.samples
    claims = [
        equals(
            f"floor({count(window)} / {count(samples)}) = {count(budget.skipped)} of "
            f"{count(budget.rollouts)} rollouts are skipped, "
            f"{percent(budget.skipped / budget.rollouts)} of the run",
            lambda logs: len(logs[RUN]) - logs[RUN].last("updates_applied"),
            budget.skipped,
            f"{{}} of {count(budget.rollouts)} rollouts are not trained on",
            count,
        )
    ]
    if not budget.applied:
        claims.append(
            equals(
                "nothing ever trains: no optimizer step is taken",
                lambda logs: logs[RUN].last("total_optimizer_steps"),
                0,
                "the run takes {} optimizer steps",
                count,
            )
        )
    return Trial({RUN: asked.arm(None, CONSTANT)}, tuple(claims), asked.note)
