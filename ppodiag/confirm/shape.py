"""Measures and claims about how an update is divided: minibatches, windows, and what is left over."""

from __future__ import annotations

from ppodiag.confirm.claim import Claim, Logs, equals
from ppodiag.confirm.log import Log
from ppodiag.context import Context
from ppodiag.wording import count

SHAPE = "shape"
"""Name of the arm that shows the division."""


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
        "the log has {} minibatches an epoch",
        count,
    )


def windows_claim(context: Context, name: str = SHAPE) -> Claim:
    """The claim about G."""
    rollout = context.rollout
    return equals(
        f"ceil(M / a) = ceil({count(rollout.minibatches)} / {count(rollout.accumulation)}) = "
        f"{count(rollout.windows)} optimizer steps an epoch",
        lambda logs: per_epoch(logs[name], "optimizer_steps", rollout.epochs),
        rollout.windows,
        "the log has {} optimizer steps an epoch",
        count,
    )


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
        f"{count(rollout.samples)} − {count(groups - 1)} × {count(whole)} = {count(expected)} samples "
        f"are left for the last {group} of an epoch"
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

    return equals(
        predicted, left, expected, "by the log's counts, {} samples are left for it", count
    )
