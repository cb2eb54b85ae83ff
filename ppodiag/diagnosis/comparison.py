"""A log beside the configuration: counts, the rollout's length, the learning rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ppodiag.config import DoesNotApply
from ppodiag.diagnosis.clocks import predicted_rates
from ppodiag.diagnosis.context import MOST, RunContext
from ppodiag.norms.model import Replay
from ppodiag.wording import count, number, percent


@dataclass(frozen=True, slots=True)
class Row:
    """One thing, as it was logged and as the file has it.

    Attributes:
        name: what.
        logged, planned: in words; empty where not known.
        agrees: None where they cannot be compared.
    """

    name: str
    logged: str
    planned: str
    agrees: bool | None


def compare(about: RunContext) -> tuple[Row, ...]:
    """What the log and the configuration say of the same things; nothing without a configuration."""
    if about.context is None:
        return ()
    rows = [
        _updates(about),
        _rollout(about),
        _env_steps(about),
        *_learning_rate(about),
        _sizes(about),
    ]
    return tuple(row for row in rows if row is not None)


def basis(about: RunContext) -> str:
    """What the plan takes from the log, in words; empty where it takes nothing that matters."""
    if about.context is None or not about.has("pg_grad_norm"):
        return ""
    try:
        trajectory = about.forecast
        parts = []
        if about.config.adaptive_batch:
            sizes = trajectory.size_of(0)
            parts.append(f"norms, which make its minibatch size {_range(sizes.min(), sizes.max())}")
    except DoesNotApply:
        return ""
    source = trajectory.source
    if isinstance(source, Replay) and source.minibatches is not None:
        parts.append("minibatch steps")
    return f"planned: the file's, replayed with the logged {' and '.join(parts)}" if parts else ""


def _updates(about: RunContext) -> Row | None:
    logged = len(about.update_steps)
    if not logged:
        return None
    try:
        planned = about.forecast.updates
    except DoesNotApply:
        return Row("updates", count(logged), "", None)
    return Row("updates", count(logged), count(planned), logged == planned)


def _rollout(about: RunContext) -> Row | None:
    gap = about.step_gap
    if gap is None:
        return None
    assert about.context is not None
    config, samples = about.config, about.context.rollout.samples
    length = f"{count(samples)} samples ({count(config.rollout_len)} × {count(config.num_envs)})"
    if gap == samples:
        return Row("steps between updates", count(gap), length, True)
    words = length
    if gap == config.rollout_len:
        words += ", counted in steps of one environment"
    elif gap == 1:
        words += "; the log counts updates"
    return Row("steps between updates", count(gap), words, gap in (config.rollout_len, 1) or False)


def _env_steps(about: RunContext) -> Row | None:
    steps = about.update_steps
    if len(steps) < 2 or about.step_gap in (None, 1):
        return None
    # By differences: a log may begin anywhere.
    covered = int(steps[-1] - steps[0] + round(about.step_gap or 0))
    begin = int(steps[0] - round(about.step_gap or 0))
    text = count(covered) + (f", from step {count(begin)} on" if begin > 0 else "")
    total = about.config.total_env_steps
    if total is None:
        return Row("steps covered", text, "", None)
    assert about.context is not None
    envs, planned = about.config.num_envs, count(total)
    samples = about.context.rollout.samples
    if about.step_gap == about.config.rollout_len and samples != about.config.rollout_len:
        # The log counts the steps of one environment, the file those of all.
        planned += f"; {count(covered)} × {count(envs)} environments = {count(covered * envs)}"
        return Row("steps covered", text, planned, abs(covered * envs - total) <= samples)
    return Row("steps covered", text, planned, abs(covered - total) <= (about.step_gap or 0))


def _learning_rate(about: RunContext) -> list[Row]:
    if not about.has("lr"):
        return []
    logged = about.column("lr").values
    try:
        planned = predicted_rates(about.forecast)
    except DoesNotApply:
        return []
    both = min(len(logged), len(planned))
    if not both or not np.isfinite(logged).any():
        return []
    rows = []
    for name, of in (("first", 0), ("last", both - 1)):
        one, other = float(logged[of]), float(planned[of])
        rows.append(
            Row(
                f"{name} learning rate",
                number(one),
                number(other),
                bool(np.isclose(one, other, 1e-3)),
            )
        )
    top = float(np.nanmax(np.abs(logged[:both]))) or 1.0
    with np.errstate(all="ignore"):
        error = float(np.sqrt(np.nanmean((logged[:both] - planned[:both]) ** 2))) / top
    rows.append(
        Row("lr, RMS difference", f"{percent(error)} of the logged peak", "0%", error < 0.02)
    )
    return rows


def _sizes(about: RunContext) -> Row | None:
    if not about.has("minibatch_size"):
        return None
    values = about.column("minibatch_size").values
    values = values[np.isfinite(values) & (values >= 1) & (values <= MOST)]
    if not len(values):
        return None
    text = _range(values.min(), values.max())
    config = about.config
    try:
        if config.adaptive_batch:
            low, high = config.min_batch_size, config.max_batch_size
            planned = f"{count(low)} to {count(high)}"
        else:
            low = high = about.context.size if about.context else 0
            planned = count(low)
    except DoesNotApply:
        return Row("minibatch size", text, "", None)
    return Row("minibatch size", text, planned, bool(values.min() >= low and values.max() <= high))


def _range(low: float, high: float) -> str:
    return count(low) if low == high else f"{count(low)} to {count(high)}"
