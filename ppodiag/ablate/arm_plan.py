"""What is known of an arm before it runs: its exact difference, its steps, its findings."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ppodiag.ablate.arms import Arm, Arms
from ppodiag.config import FIELDS, DoesNotApply, PPOConfig, pointer_of
from ppodiag.context import Context
from ppodiag.diagnostic import Diagnostic
from ppodiag.finding import Severity
from ppodiag.full import lint_document
from ppodiag.launch.effective import Effective, effective
from ppodiag.options import Options
from ppodiag.rules.loader import load_rules
from ppodiag.schedule import lr_ratio_mean
from ppodiag.source.reader import read_document

ABSENT = "absent"

_UNUSED = ("given",)
"""Fields that say where a value came from, and not what it is."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding of an arm.

    Attributes:
        code, severity, message: of the linter.
        expected: the arm's own override brings it: the reference has none of this code at this place.
    """

    code: str
    severity: str
    message: str
    expected: bool


@dataclass(frozen=True, slots=True)
class ArmPlan:
    """An arm, ready to be run.

    Attributes:
        arm: what it changes.
        effective: the configuration that the trainer is handed.
        differences: (pointer, the reference's value, its own) of every key that differs.
        already_off: it trains what the reference trains, and is not run.
        total_env_steps: T; None: the file has none, and the user's trainer knows its own.
        minibatch_steps: N_mb, planned at the initial B; None: not known.
        optimizer_steps: N_opt, likewise.
        mean_lr: the mean learning rate over the run's ticks, likewise.
        hedge: what these figures assume; empty: they are exact.
        findings: warnings and errors.
        gone: codes of the reference's findings that it does not have.
    """

    arm: Arm
    effective: Effective
    differences: tuple[tuple[str, str, str], ...]
    already_off: bool
    total_env_steps: int | None
    minibatch_steps: int | None
    optimizer_steps: int | None
    mean_lr: float | None
    hedge: str
    findings: tuple[Finding, ...]
    gone: tuple[str, ...]

    @property
    def name(self) -> str:
        """The arm's."""
        return self.arm.name


def plan_arms(
    arms: Arms,
    data: bytes,
    path: str,
    options: Options,
    extra: Callable[[Arm, Effective], tuple[tuple[tuple[str, ...], Any], ...]] | None = None,
) -> tuple[ArmPlan, ...]:
    """Every arm's plan, the reference's first.

    Args:
        arms: the arms.
        data, path: the configuration's file.
        options: profile and overrides that count for all arms.
        extra: further overrides of an arm, such as another length of its run.

    Raises:
        UsageError: the file cannot be read.
    """
    plans: list[ArmPlan] = []
    base: tuple[Effective, Mapping[tuple[str, str], Diagnostic]] | None = None
    for arm in arms.all:
        chosen = replace(options, overrides=options.overrides + arm.overrides)
        made, found = _read(data, path, chosen)
        if extra is not None and (more := extra(arm, made)):
            chosen = replace(chosen, overrides=chosen.overrides + more)
            made, found = _read(data, path, chosen)
        base = base or (made, found)
        plans.append(_plan(arm, made, found, *base, first=not plans))
    return tuple(plans)


def _read(
    data: bytes, path: str, options: Options
) -> tuple[Effective, dict[tuple[str, str], Diagnostic]]:
    document = read_document(data, path, options.format)
    made = effective(data, path, options)
    report = lint_document(
        document, replace(options, severity=Severity.WARNING), load_rules(), others=False
    )
    return made, {(d.code, d.pointer): d for d in report.diagnostics}


def _plan(
    arm: Arm,
    made: Effective,
    found: Mapping[tuple[str, str], Diagnostic],
    base: Effective,
    base_found: Mapping[tuple[str, str], Diagnostic],
    *,
    first: bool,
) -> ArmPlan:
    context = made.context
    return ArmPlan(
        arm,
        made,
        differences(base.value, made.value),
        not first and same_training(base, made),
        _known(lambda: context.config.total_env_steps),
        _known(lambda: int(context.run.minibatch_steps)),
        _known(lambda: int(context.run.optimizer_steps)),
        _known(lambda: context.config.lr * lr_ratio_mean(context.schedule, *context.run.reads)),
        _hedge(context),
        tuple(
            Finding(d.code, d.severity.word, d.message, key not in base_found)
            for key, d in sorted(found.items(), key=lambda item: (-item[1].severity, item[0]))
        ),
        tuple(sorted({code for code, _ in base_found} - {code for code, _ in found})),
    )


def _known(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except DoesNotApply:
        return None


def _hedge(context: Context) -> str:
    """What the planned steps rest on."""
    config = context.config
    parts = []
    if _known(lambda: config.adaptive_batch):
        parts.append(f"planned at the initial B of {_known(lambda: context.size)}")
    if _known(lambda: config.early_stopping):
        parts.append("at most: updates may stop early")
    return ", ".join(parts)


def same_training(one: Effective, other: Effective) -> bool:
    """Whether two configurations train the same: equal values, or such as mean the same."""
    if one.context.profile != other.context.profile:
        return False
    pointers = {pointer_of(name) for name in FIELDS}
    return _meaning(one.context.config) == _meaning(other.context.config) and _rest(
        one.value, pointers
    ) == _rest(other.value, pointers)


def _meaning(config: PPOConfig) -> list[Any]:
    """What the fields come to; a field that cannot be read is equal to itself alone."""
    names = [name for name in PPOConfig.__dataclass_fields__ if name not in _UNUSED]
    found = {name: _field(config, name) for name in names}
    clipping = _known(lambda: config.clipping)
    found["clip_by_global_norm"] = clipping
    if not clipping:
        found["max_grad_norm"] = None
    if not found["adaptive_batch"]:
        found["min_batch_size"] = found["max_batch_size"] = found["adaptation_rate"] = None
    if found["schedule_kind"] == "constant":
        found["restart_period"] = found["min_lr_ratio"] = None
    return list(found.items())


def _field(config: PPOConfig, name: str) -> Any:
    return _known(lambda: getattr(config, name))


def _rest(value: Mapping[str, Any], known: set[str]) -> dict[str, str]:
    """The scalars of a configuration that no field holds."""
    return {pointer: text for pointer, text in scalars(value).items() if pointer not in known}


def scalars(value: object, pointer: str = "") -> dict[str, str]:
    """Every scalar, empty block and empty list by its JSON pointer, as JSON."""
    if isinstance(value, Mapping) and value:
        return {
            p: t
            for key, below in value.items()
            for p, t in scalars(below, f"{pointer}/{_escaped(str(key))}").items()
        }
    if isinstance(value, Sequence) and not isinstance(value, str) and value:
        return {
            p: t
            for i, below in enumerate(value)
            for p, t in scalars(below, f"{pointer}/{i}").items()
        }
    return {} if value == {} else {pointer: json.dumps(value)}


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def differences(
    one: Mapping[str, Any], other: Mapping[str, Any]
) -> tuple[tuple[str, str, str], ...]:
    """(pointer, value in the one, value in the other) of every scalar that differs."""
    left, right = scalars(one), scalars(other)
    return tuple(
        (pointer, left.get(pointer, ABSENT), right.get(pointer, ABSENT))
        for pointer in dict.fromkeys([*left, *right])
        if left.get(pointer) != right.get(pointer)
    )
