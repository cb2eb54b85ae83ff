"""BS202: the upper bound of the minibatch size exceeds the rollout."""

from __future__ import annotations

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import equals, within
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.keys import PLAIN, SIZE
from ppodiag.wording import count


@experiment("BS202")
def plan(asked: Asked) -> Trial:
    """One update that begins at the upper bound: the state is there, the minibatch is the rollout."""
    config, samples = asked.context.config, asked.context.rollout.samples
    high = config.max_batch_size
    claims = (
        equals(
            f"the state moves up to max_batch_size {count(high)}",
            lambda logs: float(logs["bound"].of("batch_state")[0]),
            high,
            "begun there, the state is {}",
            count,
        ),
        within(
            f"a minibatch has no more than the {count(samples)} samples of a rollout",
            lambda logs: float(logs["bound"].of("minibatch_size").max()),
            1,
            samples,
            "its minibatches have {} samples",
            count,
        ),
    )
    return Trial({"bound": asked.arm(1, {**PLAIN, SIZE: high})}, claims, asked.note)
