"""STB601: the stabilization window defers nothing."""

from __future__ import annotations

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import equals
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.keys import CONSTANT
from ppodiag.wording import count


@experiment("STB601")
def plan(asked: Asked) -> Trial:
    """One rollout: it is trained on."""
    samples = asked.context.rollout.samples
    claim = equals(
        f"floor({count(asked.context.config.stabilization_steps)} / {count(samples)}) = 0 rollouts are "
        "skipped: the first is trained on",
        lambda logs: float(logs["rollout"].all("updates_applied")[0]),
        1,
        f"after the first rollout of {count(samples)} samples {{}} update is applied",
        count,
    )
    return Trial({"rollout": asked.arm(1, CONSTANT)}, (claim,), asked.note)
