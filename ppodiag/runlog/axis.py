"""The step of each row of a table, and its columns as series."""

from __future__ import annotations

import numpy as np

from ppodiag.runlog.run import Note, Series

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ppodiag.runlog.run import StepUnit

STEP_COLUMNS: dict[str, StepUnit | None] = {
    "env_steps": "env_steps",
    "global_step": None,
    "time/total_timesteps": "env_steps",
    "num_env_steps_sampled_lifetime": "env_steps",
    "timesteps_total": "env_steps",
    "step": None,
    "update": "updates",
    "time/iterations": "updates",
    "training_iteration": "updates",
}
"""Columns taken for the step, the first that is there, and what they count."""
_FARTHEST = 2.0**62


def to_series(
    columns: Mapping[str, tuple[NDArray[np.int64], NDArray[np.float64]]], rows: int
) -> tuple[dict[str, Series], StepUnit | None, list[Note]]:
    """Tag to series, what the steps count, and notes.

    Args:
        columns: name to (row numbers, ascending; values at these rows), both of shape (points,).
        rows: rows in the table. Without a step column the row number, from 0, is the step.
    """
    notes = []
    for name, unit in STEP_COLUMNS.items():
        if name not in columns:
            continue
        at, values = columns[name]
        whole = np.isfinite(values) & (np.abs(values) < _FARTHEST) & (values == np.trunc(values))
        if not whole.all():
            lost = int((~whole).sum())
            text = f"column {name!r} is no step: {lost} of {len(values)} values are no integer"
            notes.append(Note("warning", "", text))
            continue
        notes.append(Note("info", "", f"the step is column {name!r}"))
        if len(at) < rows:
            text = f"{rows - len(at)} rows without a step in column {name!r} are set aside"
            notes.append(Note("warning", "", text))
        steps = np.zeros(rows, np.int64)
        steps[at] = values.astype(np.int64)
        has_step = np.zeros(rows, bool)
        has_step[at] = True
        return _series(columns, steps, has_step), unit, notes
    notes.append(Note("info", "", "no column is the step; the row number, from 0, is"))
    return _series(columns, np.arange(rows), np.ones(rows, bool)), None, notes


def _series(
    columns: Mapping[str, tuple[NDArray[np.int64], NDArray[np.float64]]],
    steps: NDArray[np.int64],
    has_step: NDArray[np.bool_],
) -> dict[str, Series]:
    series = {}
    for name, (at, values) in columns.items():
        if len(at) == len(steps) and has_step.all():
            series[name] = Series(name, steps, values)
            continue
        kept = has_step[at]
        if kept.any():
            series[name] = Series(name, steps[at[kept]], values[kept])
    return series
