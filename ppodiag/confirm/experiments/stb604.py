"""STB604: the normalizers see few samples before the first update."""

from __future__ import annotations

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import equals
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.keys import CONSTANT
from ppodiag.confirm.log import Log
from ppodiag.wording import count


@experiment("STB604")
def plan(asked: Asked) -> Trial:
    """A run up to its first update: the samples that were collected until then."""
    context = asked.context
    samples, skipped = context.rollout.samples, context.budget.skipped
    seen = (skipped + 1) * samples
    claim = equals(
        f"the first update comes after ({count(skipped)} + 1) × {count(samples)} = {count(seen)} samples",
        lambda logs: _first(logs["run"]),
        seen,
        "the log has its first update at {} env steps",
        count,
    )
    arm = asked.arm(asked.from_first_update(1), CONSTANT)
    return Trial({"run": arm}, (claim,), asked.note)


def _first(log: Log) -> float:
    """Env steps at the first applied update; nan where there is none."""
    found = log.of("env_steps")
    return float(found[0]) if len(found) else float("nan")
