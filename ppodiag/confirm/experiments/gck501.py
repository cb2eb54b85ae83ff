"""GCK501: dropout in a part that checkpointing recomputes."""

from __future__ import annotations

from ppodiag.confirm.arm import CHEAPEST
from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import Claim, Logs, Measured
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.keys import ADAPTS, CHECKPOINTING, NETWORKS, PLAIN, SIZE
from ppodiag.confirm.log import same_trajectory
from ppodiag.wording import number

ON, OFF = "checkpointed", "plain"


@experiment("GCK501")
def plan(asked: Asked) -> Trial:
    """An update with checkpointing and one without: the same bits, or not.

    Only the attention across replicas has dropout in the trainer, so a small one stands in.
    """
    dropout = float(str(asked.finding.values["dropout"]))
    network = {
        "enable_cross_replica_attention": True,
        "num_replicas": 2,
        "cross_replica_attention": {"feature_dim": 16, "num_heads": 1, "dropout": dropout},
    }
    fixed = {**PLAIN, NETWORKS: network, ADAPTS: False, SIZE: asked.context.size}
    arms = {
        name: asked.arm(1, {**fixed, CHECKPOINTING: on}, networks=True, env=CHEAPEST)
        for name, on in ((ON, True), (OFF, False))
    }
    preserved = asked.context.profile.checkpoint_rng == "preserved"
    predicted = (
        "the random state is preserved, so the update is the same with checkpointing and without"
        if preserved
        else "the random state is lost, so checkpointing makes another update of the same samples"
    )
    note = f"a small attention with dropout {number(dropout)} stands in for the file's networks"
    return Trial(arms, (equal_claim(predicted, preserved),), note)


def equal_claim(predicted: str, equal: bool) -> Claim:
    """The claim that the two arms are equal to the last bit, or that they are not."""

    def measure(logs: Logs) -> Measured:
        if not logs[ON].updates or not logs[OFF].updates:
            return Measured("no update was applied", None)
        same = same_trajectory(logs[ON], logs[OFF])
        norms = [float(logs[name].of("pg_grad_norm")[0]) for name in (ON, OFF)]
        text = "all that is logged is equal to the last bit" if same else "the logs differ"
        return Measured(f"{text}: norms {norms[0]:.7g} and {norms[1]:.7g}", same is equal)

    return Claim(predicted, measure)
