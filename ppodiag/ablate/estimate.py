"""How long a study will take and how much memory, from a short probe of its own arms."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace

from ppodiag.ablate.store import Store
from ppodiag.ablate.study import Study
from ppodiag.ablate.unit import Unit, run_unit
from ppodiag.config import DoesNotApply
from ppodiag.errors import UsageError
from ppodiag.launch.effective import effective

PROBE_UPDATES = (1, 4)
"""Applied updates of the two probes of an arm: their difference is free of what starting costs."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a study takes.

    Attributes:
        seconds: of all processes, were they one after the other.
        jobs: processes at once.
        peak_bytes: of the largest process; None: not known here.
        units: processes in all.
        probed: seconds that the probes took.
    """

    seconds: float
    jobs: int
    peak_bytes: int | None
    units: int
    probed: float

    @property
    def wall_seconds(self) -> float:
        """With so many at once, where each has a core of its own."""
        return self.seconds / self.jobs


def estimate(study: Study, jobs: int, tick: Callable[[int, int], None] | None = None) -> Estimate:
    """Time and memory of a study, by running every arm for a few updates.

    Args:
        study: what is wanted.
        jobs: processes at once.
        tick: takes the number of probes done, of all.

    Raises:
        UsageError: the run's length is not known, or a probe failed.
    """
    arms = study.run_arms
    seconds = probed = 0.0
    peak: int | None = None
    with tempfile.TemporaryDirectory(prefix="ppodiag-probe-") as folder:
        store = Store(folder)
        units = study.units(store)
        for done, plan in enumerate(arms):
            if tick is not None:
                tick(done, len(arms))
            of_arm = [unit for unit in units if unit.arm == plan.name]
            learning = [unit for unit in of_arm if unit.kind == "learning"]
            first = max(of_arm, key=lambda unit: len(unit.seeds))
            try:
                context = plan.effective.context
                skipped, samples = context.budget.skipped, context.rollout.samples
                updates = context.budget.rollouts - skipped
            except DoesNotApply:
                raise UsageError(
                    "how long the run takes cannot be told: its length is not known",
                    "give --total-env-steps",
                ) from None
            took = []
            for few in PROBE_UPDATES:
                steps = (("training", "ppo_requests"), (skipped + few) * samples)
                options = replace(
                    study.options,
                    overrides=(*study.options.overrides, *plan.arm.overrides, steps),
                )
                text = effective(study.data, study.path, options).text()
                result = run_unit(replace(first, config=text, folder=os.path.join(folder, "probe")))
                if result["status"] == "failed":
                    raise _failed(first, result["failures"][-1])
                measured = result["measured"]
                took.append(measured["seconds"])
                if measured["peak_process_bytes"]:
                    peak = max(peak or 0, measured["peak_process_bytes"])
            probed += sum(took)
            each = max(0.0, (took[1] - took[0]) / (PROBE_UPDATES[1] - PROBE_UPDATES[0]))
            start = max(0.0, took[0] - PROBE_UPDATES[0] * each)
            share = each / len(first.seeds)
            for unit in learning:
                seconds += start + updates * share * len(unit.seeds)
            timed = len(of_arm) - len(learning)
            # What is timed runs alone, so it counts as if it filled every job.
            seconds += timed * (start + study.declared.timing_updates * each) * jobs
    return Estimate(seconds, jobs, peak, len(units), probed)


def _failed(unit: Unit, failure: dict[str, str]) -> UsageError:
    last = failure["tail"].strip().splitlines()[-1:] or [""]
    return UsageError(
        f"the probe of arm {unit.arm} failed: {failure['failure']}: {last[0]}",
        "run the trainer's command by hand; --out keeps its whole output",
    )
