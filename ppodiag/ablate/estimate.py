"""How long a study will take and how much memory, from short probes of its own arms."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass

from ppodiag.ablate.arm_plan import ArmPlan
from ppodiag.ablate.probe import Probe, Range, cost_key, probe
from ppodiag.ablate.store import Store
from ppodiag.ablate.study import Study
from ppodiag.ablate.unit import Unit
from ppodiag.config import DoesNotApply
from ppodiag.errors import UsageError


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a study takes.

    Attributes:
        seconds: of all processes, were they one after the other: by the fastest, the middle and the
            slowest update that was seen.
        jobs: processes at once.
        peak_bytes: of the largest process that was seen; None: not known here.
        units: processes in all.
        arms: that are run.
        probes: that stood for them.
        probed: seconds that the probes took.
    """

    seconds: Range
    jobs: int
    peak_bytes: int | None
    units: int
    arms: int
    probes: int
    probed: float

    @property
    def wall_seconds(self) -> Range:
        """With so many at once, where each has a core of its own."""
        low, middle, high = (seconds / self.jobs for seconds in self.seconds)
        return low, middle, high


def estimate(study: Study, jobs: int, tick: Callable[[int, int], None] | None = None) -> Estimate:
    """Time and memory of a study, by short runs; one of arms that take alike.

    Args:
        study: what is wanted.
        jobs: processes at once.
        tick: takes the number of probes done, of all.

    Raises:
        UsageError: the run's length is not known, or a probe failed.
    """
    arms = study.run_arms
    keys = {plan.name: cost_key(plan) for plan in arms}
    whole = len(set(keys.values()))
    seen: dict[str, Probe] = {}
    totals = [0.0, 0.0, 0.0]
    with tempfile.TemporaryDirectory(prefix="ppodiag-probe-") as folder:
        units = study.units(Store(folder))
        for plan in arms:
            of_arm = [unit for unit in units if unit.arm == plan.name]
            if (key := keys[plan.name]) not in seen:
                if tick is not None:
                    tick(len(seen), whole)
                largest = max(of_arm, key=lambda unit: len(unit.seeds))
                seen[key] = _known(study, plan, largest, os.path.join(folder, f"probe-{len(seen)}"))
            for unit in of_arm:
                took = _seconds(study, plan, unit, seen[key])
                # What is timed runs alone, so it counts as if it filled every job.
                share = jobs if unit.kind == "timing" else 1
                totals = [total + share * t for total, t in zip(totals, took, strict=True)]
    low, middle, high = totals
    return Estimate(
        (low, middle, high), jobs, max((p.peak_bytes or 0 for p in seen.values()), default=0) or None,
        len(units), len(arms), len(seen), sum(p.seconds for p in seen.values()),
    )  # fmt: skip


def _known(study: Study, plan: ArmPlan, unit: Unit, folder: str) -> Probe:
    try:
        _ = plan.effective.context.budget
        return probe(study, plan, unit, folder)
    except DoesNotApply:
        raise UsageError(
            "how long the run takes cannot be told: its length is not known",
            "give --total-env-steps",
        ) from None


def _seconds(study: Study, plan: ArmPlan, unit: Unit, seen: Probe) -> Range:
    """What a process takes."""
    budget = plan.effective.context.budget
    few = study.declared.timing_updates
    applied = budget.applied if unit.kind == "learning" else min(few, budget.applied)
    share = len(unit.seeds) / seen.seeds
    if unit.kind != "learning" and not study.trainer.many_seeds:
        share = 1.0
    low, middle, high = (
        seen.start + share * (applied * one + budget.skipped * other)
        for one, other in zip(seen.applied, seen.skipped, strict=True)
    )
    return low, middle, high
