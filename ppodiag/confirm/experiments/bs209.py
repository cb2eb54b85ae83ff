"""BS209: the learning-rate clock runs faster the smaller the minibatches are."""

from __future__ import annotations

from ppodiag.confirm.asked import FEW, Asked
from ppodiag.confirm.claim import Claim, equals
from ppodiag.confirm.course import ticks_each
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.keys import ADAPTS, EARLY_STOP, SIZE, WINDOW
from ppodiag.context import Context
from ppodiag.wording import count, counted


@experiment("BS209")
def plan(asked: Asked) -> Trial:
    """Two updates at either bound: the ticks that one takes."""
    ends = asked.context.range_contexts[0], asked.context.range_contexts[-1]
    fixed = {ADAPTS: False, WINDOW: 0, EARLY_STOP: False}
    arms = {f"at {end.size}": asked.arm(FEW, {**fixed, SIZE: end.size}) for end in ends}
    return Trial(arms, tuple(_claim(end) for end in ends), asked.note)


def _claim(end: Context) -> Claim:
    name = f"at {end.size}"
    return equals(
        f"an update has {counted(end.rollout.ticks, 'tick')} at size {count(end.size)}",
        lambda logs: ticks_each(logs[name]),
        end.rollout.ticks,
        "it takes {}",
        lambda found: counted(found, "tick"),
    )
