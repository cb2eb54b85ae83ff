"""STB603: two stabilization windows, of which one counts."""

from __future__ import annotations

import numpy as np

from ppodiag.confirm.asked import FEW, Asked
from ppodiag.confirm.claim import equals
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.keys import CONSTANT, OTHER_WINDOW
from ppodiag.confirm.log import Log
from ppodiag.wording import count


@experiment("STB603")
def plan(asked: Asked) -> Trial:
    """A run with a second window that would skip two rollouts more: the first rollout that is trained on."""
    context = asked.context
    samples, window = context.rollout.samples, context.config.stabilization_steps
    skipped = window // samples
    other = (skipped + FEW) * samples
    claim = equals(
        f"only ppo_config's {count(window)} counts: floor({count(window)} / {count(samples)}) = "
        f"{count(skipped)} rollouts are skipped, and not the {count(skipped + FEW)} of the second window",
        lambda logs: _skipped(logs["second window"]),
        skipped,
        "{} rollouts are skipped",
        count,
    )
    updates = asked.from_first_update(1)
    arm = asked.arm(updates, {**CONSTANT, OTHER_WINDOW: other})
    note = f"statistics_stabilization.stabilization_steps is {count(other)}, so that it would show"
    return Trial({"second window": arm}, (claim,), note)


def _skipped(log: Log) -> float:
    """Rollouts before the first that is trained on; all of them where none is."""
    at = np.flatnonzero(log.applied)
    return float(at[0]) if len(at) else float(len(log))
