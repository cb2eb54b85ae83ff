"""UNIT702: another schedule is longer than the run."""

from __future__ import annotations

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import Claim, equals, within
from ppodiag.confirm.course import RUN, over_sizes, shown_count
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.unsettled import CannotSettle
from ppodiag.wording import count, number


@experiment("UNIT702")
def plan(asked: Asked) -> Trial:
    """The whole run: its minibatch steps, and the coefficient that it ends with."""
    if asked.finding.pointer.endswith("kl_ref_decay_steps"):
        raise CannotSettle("the reference trainer has no reference policy")
    asked = asked.pinned().shortened()
    config = asked.context.config
    schedule = config.entropy_schedule
    length = config.entropy_decay_minibatches if schedule else config.kl_warmup_minibatches
    wanted = int(length or 0)
    steps = over_sizes(asked.context, "minibatch_steps")
    claims: list[Claim] = [
        within(
            f"the run has {shown_count(asked.context, 'minibatch_steps')} minibatch steps of the "
            f"{count(wanted)}",
            lambda logs: logs[RUN].last("total_minibatch_steps"),
            steps.low,
            steps.high,
            "it takes {}",
            count,
        )
    ]
    block = asked.context.value["ppo_config"].get("entropy_schedule", {})
    if not schedule:
        boost = float(config.entropy_warmup_coef or 0.0)
        claims.append(
            equals(
                f"so the boosted coefficient {number(boost)} still holds at the end",
                lambda logs: logs[RUN].last("entropy_coef"),
                boost,
                "the last update uses {}",
            )
        )
    elif "final" in block and block.get("initial", config.entropy_coef) > block["final"]:
        final = float(block["final"])
        claims.append(
            within(
                f"so the entropy coefficient does not come down to its final {number(final)}",
                lambda logs: logs[RUN].last("entropy_coef"),
                final * (1 + 1e-9) + 1e-15,
                float("inf"),
                "the last update uses {}",
            )
        )
    return Trial({RUN: asked.arm(None)}, tuple(claims), asked.note)
