"""What is held equal between arms: environment steps, or optimizer steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from ppodiag.ablate.arms import Arm
from ppodiag.config import DoesNotApply
from ppodiag.errors import UsageError
from ppodiag.launch.effective import Effective

Match = Literal["env_steps", "optimizer_steps"]
Extra = Callable[[Arm, Effective], tuple[tuple[tuple[str, ...], Any], ...]]


def matched(match: Match) -> Extra | None:
    """What `plan_arms` is to change of each arm so that it is as long as the reference.

    With `optimizer_steps` an arm's T is the whole number of rollouts that comes nearest to the
    reference's N_opt, planned at the initial B: T' = (D' + round(N_opt / (E · G'))) · R'. Lengths that
    the file gives in ticks, such as W and P, stay as they are.

    Raises:
        UsageError: from the function: the run's length is not known, or nothing trains.
    """
    if match == "env_steps":
        return None
    wanted: list[int] = []

    def extra(arm: Arm, made: Effective) -> tuple[tuple[tuple[str, ...], Any], ...]:
        try:
            if not wanted:
                wanted.append(made.context.run.optimizer_steps)
                return ()
            plan, skipped = made.context.rollout, made.context.budget.skipped
            updates = max(1, round(wanted[0] / (plan.epochs * plan.windows)))
            return ((("training", "ppo_requests"), (skipped + updates) * plan.samples),)
        except DoesNotApply:
            raise UsageError(
                f"arm {arm.name}: its optimizer steps are not known beforehand",
                "give the run's length with --total-env-steps, or match env_steps",
            ) from None

    return extra
