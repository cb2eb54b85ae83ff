"""ACC306: the run has few optimizer steps."""

from __future__ import annotations

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import equals, within
from ppodiag.confirm.course import RUN, over_sizes, shown_count
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.shape import SHAPE
from ppodiag.wording import at_most, count, counted


@experiment("ACC306")
def plan(asked: Asked) -> Trial:
    """One update where all are alike; else the whole run, up to the longest."""
    asked = asked.pinned()
    context = asked.context
    run, rollout = context.run, context.rollout
    alike = not context.config.adaptive_batch and not context.config.early_stopping
    each = rollout.epochs * rollout.windows
    if alike or context.budget.rollouts > asked.most:
        note = asked.note if alike else f"at the fixed minibatch size {count(context.size)}"
        claim = equals(
            f"{count(run.updates)} updates × {count(rollout.epochs)} epochs × {count(rollout.windows)} "
            f"= {at_most(context)}{count(run.optimizer_steps)} optimizer steps",
            lambda logs: float(logs[SHAPE].of("optimizer_steps")[0]),
            each,
            "an update takes {}",
            lambda steps: (
                f"{count(steps)}, so {counted(run.updates, 'update')} take {count(run.updates * steps)}"
            ),
        )
        return Trial({SHAPE: asked.shape_arm()}, (claim,), note)
    steps = over_sizes(context, "optimizer_steps")
    claim = within(
        f"{count(run.updates)} updates × {count(rollout.epochs)} epochs × {count(rollout.windows)} = "
        f"{shown_count(context, 'optimizer_steps')} optimizer steps",
        lambda logs: logs[RUN].last("total_optimizer_steps"),
        steps.low,
        steps.high,
        "the run takes {} optimizer steps",
        count,
    )
    return Trial({RUN: asked.arm(None)}, (claim,), asked.note)
