"""GCK503: running statistics beside a part that checkpointing recomputes."""

from __future__ import annotations

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.experiments.gck501 import OFF, ON, equal_claim
from ppodiag.confirm.keys import ADAPTS, CHECKPOINTING, PLAIN, SIZE
from ppodiag.confirm.unsettled import CannotSettle


@experiment("GCK503")
def plan(asked: Asked) -> Trial:
    """Two updates with checkpointing and two without: the same bits, the normalizers' part among them."""
    if asked.context.profile.running_statistics != "outside":
        raise CannotSettle(
            "the reference trainer has no running statistics inside a recomputed part"
        )
    fixed = {**PLAIN, ADAPTS: False, SIZE: asked.context.size}
    arms = {
        name: asked.arm(2, {**fixed, CHECKPOINTING: on}) for name, on in ((ON, True), (OFF, False))
    }
    predicted = (
        "the statistics are kept outside the recomputed part and updated once, so the updates are the "
        "same with checkpointing and without"
    )
    return Trial(arms, (equal_claim(predicted, True),), asked.note)
