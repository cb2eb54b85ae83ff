"""LR110: the first optimizer step, or the whole first update, has a learning rate of 0."""

from __future__ import annotations

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import STILL, Claim, equals, within
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.keys import (
    ACCUMULATION,
    ADAPTS,
    EARLY_STOP,
    EPOCHS,
    SIZE,
    WARMUP,
    WINDOW,
)
from ppodiag.wording import count, counted, number

SHORT = 4
"""W of the runs: λ(0) is 0/W whatever W is, and the step after it is long enough to be seen."""


@experiment("LR110")
def plan(asked: Asked) -> Trial:
    """Two updates: the policy does not move where the rate is 0, and moves where it is not.

    Where only the first optimizer step is concerned, an update is two epochs of one step each: what the
    second step sees is what the first one did.
    """
    asked = asked.pinned()
    context = asked.context
    fixed: dict[str, object] = {EARLY_STOP: False, ADAPTS: False, SIZE: context.size, WARMUP: SHORT}
    rollout, whole = context.rollout, context.profile.one_lr_per_update
    note = f"W is {SHORT}, for λ(0) = 0/W whatever W is"
    if whole:
        steps = rollout.epochs * rollout.windows
        what = f"all {counted(steps, 'optimizer step')} of the first update have"
    else:
        fixed |= {SIZE: rollout.samples, ACCUMULATION: 1, EPOCHS: 2}
        note += "; an update is two epochs of one optimizer step, so that the first is seen alone"
        what = "the first optimizer step has"
    if context.profile.skipped_updates == "paused":
        fixed[WINDOW] = 0
    warmup = context.config.warmup_steps
    claims: tuple[Claim, ...] = (
        within(
            f"{what} λ(0) = 0/{count(warmup)} = 0, so the policy does not move",
            lambda logs: abs(float(logs["updates"].of("approx_kl")[0])),
            0.0,
            STILL,
            "KL divergence within the first update: {} nat",
        ),
        within(
            "at the rates after it, it moves",
            lambda logs: abs(float(logs["updates"].of("approx_kl")[1])),
            STILL,
            float("inf"),
            "within the second: {} nat",
        ),
    )
    if whole:
        rate = equals(
            "the learning rate of the first update is 0",
            lambda logs: float(logs["updates"].of("lr")[0]),
            0.0,
            "the log has {}",
            number,
        )
        claims = (rate, *claims)
    return Trial({"updates": asked.arm(2, fixed)}, claims, note)
