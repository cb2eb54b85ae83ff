"""The scores of one arm, and what stands for runs that failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ppodiag.errors import UsageError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

Direction = Literal["higher", "lower"]
"""Which scores are the better ones."""


@dataclass(frozen=True, slots=True, eq=False)
class ArmScores:
    """One score for each run of an arm; made by `arm_scores`.

    Column s is the same seed in every task and in every arm.

    Attributes:
        name: of the arm.
        values: shape (tasks, seeds), in the unit of the metric; nan where the run failed and nothing stands for it
            yet.
        failed: shape (tasks, seeds); True: the run crashed or its score is not finite.
        censored: shape (tasks, seeds); True: the run ended before what was waited for; `values` has its horizon.
    """

    name: str
    values: FloatArray
    failed: BoolArray
    censored: BoolArray

    @property
    def tasks(self) -> int:
        """Number of tasks."""
        return int(self.values.shape[0])

    @property
    def seeds(self) -> int:
        """Number of seeds of each task."""
        return int(self.values.shape[1])

    @property
    def failures(self) -> int:
        """Number of runs that failed."""
        return int(self.failed.sum())


def arm_scores(
    name: str,
    values: ArrayLike,
    failed: ArrayLike | None = None,
    censored: ArrayLike | None = None,
) -> ArmScores:
    """The scores of an arm, checked and of one shape.

    Args:
        name: of the arm.
        values: shape (seeds,), one task, or (tasks, seeds). A score that is not finite is a failed run.
        failed: same shape; True: the run failed, and its value does not count. None: none did.
        censored: same shape; True: the value is a horizon that was not reached. None: none is.

    Raises:
        UsageError: another number of axes, no run at all, or masks of another shape.
    """
    table = _table(values, np.float64, f"scores of arm {name!r}")
    masks = [
        np.zeros(table.shape, np.bool_)
        if mask is None
        else _table(mask, np.bool_, f"{what} of arm {name!r}")
        for mask, what in ((failed, "failures"), (censored, "censored runs"))
    ]
    for mask in masks:
        if mask.shape != table.shape:
            raise UsageError(
                f"arm {name!r} has scores of shape {table.shape} and a mask of shape {mask.shape}",
                "give both the same shape, (seeds,) or (tasks, seeds)",
            )
    lost = masks[0] | ~np.isfinite(table)
    return ArmScores(name, np.where(lost, np.nan, table), lost, masks[1] & ~lost)


def fill_failures(
    arms: Sequence[ArmScores], better: Direction, worst: float | None = None
) -> tuple[ArmScores, ...]:
    """The arms with the worst outcome in the place of every failed run.

    The worst outcome of a task is the worst score that any finished run of any of these arms has in it, and `worst`
    where that is worse still. Without a declared `worst` a crash therefore costs no less than the worst run seen, and
    may cost less than it should.

    Args:
        arms: all arms of the comparison, same number of tasks.
        better: which scores are better.
        worst: declared beforehand: what a run gets that shows nothing; unit of the metric.

    Raises:
        UsageError: no run of a task has finished, and no `worst` is declared.
    """
    if not any(arm.failures for arm in arms):
        return tuple(arms)
    pooled = np.concatenate([arm.values for arm in arms], axis=1)
    sign = 1.0 if better == "higher" else -1.0
    seen = np.where(np.isfinite(pooled), sign * pooled, np.inf).min(axis=1)
    floor = seen if worst is None else np.minimum(seen, sign * worst)
    if not np.isfinite(floor).all():
        task = int(np.flatnonzero(~np.isfinite(floor))[0])
        raise UsageError(
            f"no run of task {task} finished in any arm, so no score can stand for a failed run",
            "declare the worst outcome of the metric, or read the errors of the runs",
        )
    return tuple(
        replace(arm, values=np.where(arm.failed, sign * floor[:, None], arm.values)) for arm in arms
    )


def require_paired(reference: ArmScores, arm: ArmScores) -> None:
    """Nothing where both arms have the same tasks and seeds.

    Raises:
        UsageError: their shapes differ.
    """
    if reference.values.shape != arm.values.shape:
        raise UsageError(
            f"arm {arm.name!r} has (tasks, seeds) = {arm.values.shape}, "
            f"its reference {reference.name!r} {reference.values.shape}",
            "paired seeds need the same runs in both: finish the missing ones, or compare the seeds that both have",
        )


def _table(values: ArrayLike, kind: type[Any], what: str) -> NDArray[Any]:
    table = np.array(values, dtype=kind)
    if table.ndim == 1:
        table = table[None, :]
    if table.ndim != 2 or not table.size:
        raise UsageError(
            f"{what} have shape {np.shape(values)}",
            "give (seeds,) or (tasks, seeds), at least one run",
        )
    return table
