"""LR107: the schedule bends in the middle of an update."""

from __future__ import annotations

from ppodiag.confirm.asked import FEW, Asked
from ppodiag.confirm.claim import Claim, Logs, Measured
from ppodiag.confirm.course import ticks_each
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.keys import ADAPTS, EARLY_STOP, SIZE, WINDOW
from ppodiag.wording import count

LENGTHS = ("warmup_steps", "restart_period")


@experiment("LR107")
def plan(asked: Asked) -> Trial:
    """Two updates: the ticks that one takes, into which the length does not go."""
    context = asked.context
    ticks = context.rollout.ticks
    fixed = {WINDOW: 0, EARLY_STOP: False, ADAPTS: False, SIZE: context.size}
    lengths = {name: int(str(v)) for name, v in asked.finding.values.items() if name in LENGTHS}
    claims = tuple(_claim(name, length, ticks) for name, length in lengths.items())
    return Trial({"updates": asked.arm(FEW, fixed)}, claims, asked.note)


def _claim(name: str, length: int, ticks: int) -> Claim:
    whole, rest = divmod(length, ticks)

    def measure(logs: Logs) -> Measured:
        found = ticks_each(logs["updates"])
        if not found > 0:
            return Measured("no update was applied", None)
        left = length % found
        return Measured(
            f"an update takes {count(found)} ticks, and {count(left)} of {count(length)} are left over",
            left != 0,
        )

    return Claim(
        f"{name} {count(length)} = {count(whole)} updates × {count(ticks)} ticks + {count(rest)}",
        measure,
    )
