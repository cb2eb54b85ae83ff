"""What an update of an arm takes, from the shortest runs that tell."""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from ppodiag.ablate.arm_plan import ArmPlan, scalars
from ppodiag.ablate.study import Study
from ppodiag.ablate.unit import Unit, run_unit
from ppodiag.config import pointer_of
from ppodiag.errors import UsageError
from ppodiag.launch.effective import effective
from ppodiag.runlog import read_run

Overrides = tuple[tuple[tuple[str, ...], Any], ...]
Range = tuple[float, float, float]
"""The lowest, the middle and the highest of what was seen."""

FREE = frozenset(
    pointer_of(name)
    for name in (
        "lr", "schedule_kind", "warmup_steps", "restart_period", "min_lr_ratio", "max_grad_norm",
        "clip_by_global_norm", "stabilization_steps", "total_env_steps",
    )
)  # fmt: skip
"""Keys that decide neither how long an update takes nor how much memory: arms that differ in them alone
are probed once."""

UPDATES = 3
"""Updates of the bundled trainer's probe; the first, which is slower, does not count."""

WINDOWS = 2
"""Windows of a·B samples in a rollout of it."""

FEW, MORE = 1, 4
"""Applied updates of the two probes of a user's trainer: their difference is free of its start."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What was seen of arms that take alike.

    Attributes:
        start: seconds of a process beside its updates.
        applied, skipped: seconds of an update that trains, and of one that only collects.
        seeds: that these are for.
        peak_bytes: of the process; None: not known here.
        seconds: that the probe took.
    """

    start: float
    applied: Range
    skipped: Range
    seeds: int
    peak_bytes: int | None
    seconds: float


def cost_key(plan: ArmPlan) -> str:
    """The same for arms whose updates take alike."""
    told = {p: text for p, text in scalars(plan.effective.value).items() if p not in FREE}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def probe(study: Study, plan: ArmPlan, unit: Unit, folder: str) -> Probe:
    """Run an arm in short.

    Args:
        study: whose arm it is.
        plan: of the arm.
        unit: of its processes, one with as many seeds as any.
        folder: for logs.

    Raises:
        UsageError: the trainer failed.
        DoesNotApply: a length that is needed is not known.
    """
    if study.trainer.many_seeds:
        return _bundled(study, plan, unit, folder)
    return _users(study, plan, unit, folder)


def _bundled(study: Study, plan: ArmPlan, unit: Unit, folder: str) -> Probe:
    """One process: one epoch of short rollouts, whose log tells collecting and training apart."""
    context = plan.effective.context
    config, rollout = context.config, context.rollout
    length = max(1, min(config.sequence_length, config.rollout_len))
    wanted = math.ceil(WINDOWS * rollout.accumulation * rollout.size / config.num_envs)
    steps = min(config.rollout_len, length * math.ceil(wanted / length))
    short: Overrides = (
        (("ppo_config", "rollout_len"), steps),
        (("ppo_config", "epochs"), 1),
        (("ppo_config", "stabilization_steps"), 0),
        (("training", "ppo_requests"), UPDATES * steps * config.num_envs),
    )
    seeds = unit.seeds[:1] if _in_turn(plan) else unit.seeds
    short_unit = replace(unit, seeds=seeds, config=_text(study, plan, short), folder=folder)
    result = _run(short_unit)
    out = os.path.join(folder, f"attempt-{1 + len(result['failures'])}", "run")
    log = read_run(study.trainer.folder(out, seeds[0], len(seeds)))
    columns = {
        name: [float(v) for v in log.series[name].values]
        for name in ("rollout_seconds", "update_seconds", "minibatch_steps", "minibatch_size")
    }
    collecting = [seconds / steps for seconds in columns["rollout_seconds"]]
    training = [
        seconds / min(minibatches * size, steps * config.num_envs)
        for seconds, minibatches, size in zip(*list(columns.values())[1:], strict=True)
        if minibatches
    ]
    spent = sum(columns["rollout_seconds"]) + sum(columns["update_seconds"])
    collect = _times(_seen(collecting), config.rollout_len)
    train = _times(_seen(training), rollout.epochs * rollout.samples)
    took = result["measured"]["seconds"]
    low, middle, high = (a + b for a, b in zip(collect, train, strict=True))
    return Probe(
        max(0.0, took - spent), (low, middle, high), collect, len(seeds),
        result["measured"]["peak_process_bytes"], took,
    )  # fmt: skip


def _users(study: Study, plan: ArmPlan, unit: Unit, folder: str) -> Probe:
    """Two processes of the arm as it is, of a few updates: what one more update takes."""
    context = plan.effective.context
    skipped, samples = context.budget.skipped, context.rollout.samples
    took, peaks = [], []
    for updates in (FEW, MORE):
        length: Overrides = ((("training", "ppo_requests"), (skipped + updates) * samples),)
        result = _run(replace(unit, config=_text(study, plan, length), folder=folder))
        took.append(result["measured"]["seconds"])
        peaks.append(result["measured"]["peak_process_bytes"] or 0)
    each = max(0.0, (took[1] - took[0]) / (MORE - FEW))
    return Probe(
        max(0.0, took[0] - FEW * each), (each, each, each), (0.0, 0.0, 0.0), len(unit.seeds),
        max(peaks) or None, sum(took),
    )  # fmt: skip


def _in_turn(plan: ArmPlan) -> bool:
    """Whether the bundled trainer takes the seeds of a process one after the other."""
    drops = any(
        pointer.endswith("/dropout") and text not in ("0", "0.0")
        for pointer, text in scalars(plan.effective.value).items()
    )
    return drops or plan.effective.context.config.adaptive_batch


def _text(study: Study, plan: ArmPlan, more: Overrides) -> str:
    overrides = (*study.options.overrides, *plan.arm.overrides, *more)
    return effective(study.data, study.path, replace(study.options, overrides=overrides)).text()


def _run(unit: Unit) -> dict[str, Any]:
    result = run_unit(unit)
    if result["status"] == "failed":
        failure = result["failures"][-1]
        last = failure["tail"].strip().splitlines()[-1:] or [""]
        raise UsageError(
            f"the probe of arm {unit.arm} failed: {failure['failure']}: {last[0]}",
            "run the trainer's command by hand; --out keeps its whole output",
        )
    return result


def _seen(values: Sequence[float]) -> Range:
    """Over all but the first, where there are more."""
    told = values[1:] or values
    return min(told), median(told), max(told)


def _times(seen: Range, factor: float) -> Range:
    low, middle, high = (factor * value for value in seen)
    return low, middle, high
