"""Measures and claims about how an update is divided: minibatches, windows, and what is left over."""

from __future__ import annotations

from ppodiag.confirm.arm import Arm
from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import Claim, Logs, Measured, equals
from ppodiag.confirm.log import Log
from ppodiag.context import Context
from ppodiag.wording import count, counted

SHAPE = "shape"
"""Name of the arm that shows the division."""

WEIGHED = "weighed by samples"


def per_epoch(log: Log, column: str, epochs: int) -> float:
    """Steps of the first applied update, over its epochs; nan where none was applied."""
    return float(log.of(column)[0]) / epochs if log.updates else float("nan")


def minibatches_claim(context: Context, name: str = SHAPE) -> Claim:
    """The claim about M."""
    rollout = context.rollout
    return equals(
        f"an epoch of {count(rollout.samples)} samples in minibatches of {count(rollout.size)} has "
        f"M = {count(rollout.minibatches)}",
        lambda logs: per_epoch(logs[name], "minibatch_steps", rollout.epochs),
        rollout.minibatches,
        "the log has {} an epoch",
        lambda found: _plural(found, "minibatch", "minibatches"),
    )


def windows_claim(context: Context, name: str = SHAPE) -> Claim:
    """The claim about G."""
    rollout = context.rollout
    return equals(
        f"ceil(M / a) = ceil({count(rollout.minibatches)} / {count(rollout.accumulation)}) = "
        f"{counted(rollout.windows, 'optimizer step')} an epoch",
        lambda logs: per_epoch(logs[name], "optimizer_steps", rollout.epochs),
        rollout.windows,
        "the log has {} an epoch",
        lambda found: counted(found, "optimizer step"),
    )


def _plural(found: float, one: str, many: str) -> str:
    return f"{count(found)} {one if found == 1 else many}"


def _samples(found: float) -> str:
    return counted(found, "sample")


def tail_claim(context: Context, expected: int, group: str, name: str = SHAPE) -> Claim:
    """The claim about the samples that the last minibatch, or window, of an epoch has left.

    Args:
        context: at the size in question.
        expected: samples.
        group: minibatch or window.
        name: of the arm.
    """
    rollout = context.rollout
    whole = rollout.size if group == "minibatch" else rollout.size * rollout.accumulation
    groups = rollout.minibatches if group == "minibatch" else rollout.windows
    column = "minibatch_steps" if group == "minibatch" else "optimizer_steps"
    predicted = (
        f"{count(rollout.samples)} − {count(groups - 1)} × {count(whole)} = {counted(expected, 'sample')} "
        f"for the last {group} of an epoch"
    )

    def left(logs: Logs) -> float:
        log = logs[name]
        if not log.updates:
            return float("nan")
        number_of = per_epoch(log, column, rollout.epochs)
        size = float(log.of("minibatch_size")[0])
        samples = float(log.all("env_steps")[0])
        each = size if group == "minibatch" else size * rollout.accumulation
        return samples - (number_of - 1) * each

    return equals(predicted, left, expected, "by the counts of the log it has {}", _samples)


def weighing(asked: Asked) -> tuple[dict[str, Arm], tuple[Claim, ...]]:
    """An arm and a claim that a mean of means gives another gradient; none where samples are weighed."""
    profile = asked.context.profile
    if profile.accumulation != "mean_of_means":
        return {}, ()
    arm = asked.shape_arm(profile=f"{profile.name},accumulation=samples")

    def measure(logs: Logs) -> Measured:
        norms = [float(logs[name].of("pg_grad_norm")[0]) for name in (SHAPE, WEIGHED)]
        return Measured(
            f"norms {norms[0]:.6g} and, weighed by samples, {norms[1]:.6g}", norms[0] != norms[1]
        )

    return {WEIGHED: arm}, (
        Claim("a mean of means is another gradient than one weighed by samples", measure),
    )
