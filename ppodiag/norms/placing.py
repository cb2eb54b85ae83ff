"""Which update each row of a recorded run belongs to, as far as its steps tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ppodiag.norms.model import FloatArray, IntArray

if TYPE_CHECKING:
    from ppodiag.runlog.run import StepUnit

MOST_UPDATES = 10_000_000
"""Updates that a record can span."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is known of the run that a record is replayed in.

    Attributes:
        samples: R, environment steps of a rollout.
        skipped: D, rollouts without an update before the first one.
    """

    samples: int
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Placing:
    """Where the rows of a record belong.

    Attributes:
        rows: indices of the rows that are used, shape (used,).
        updates: the update of each, from 0 at the record's first, ascending, shape (used,).
        notes: what was assumed or set aside.
    """

    rows: IntArray
    updates: IntArray
    notes: tuple[str, ...] = ()

    def mean(self, values: FloatArray) -> FloatArray:
        """Mean of the finite values of each update, nan where there is none; shape (updates,)."""
        chosen = values[self.rows]
        known = np.isfinite(chosen)
        length = int(self.updates[-1]) + 1
        sums = np.bincount(self.updates[known], chosen[known], length)
        counts = np.bincount(self.updates[known], minlength=length)
        return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)

    def last(self, values: FloatArray) -> FloatArray:
        """The last finite value of each update, nan where there is none; shape (updates,)."""
        chosen = values[self.rows]
        known = np.isfinite(chosen)
        found = np.full(int(self.updates[-1]) + 1, np.nan)
        found[self.updates[known]] = chosen[known]
        return found


def place(steps: IntArray, unit: StepUnit | None, plan: Plan) -> Placing:
    """The update of each row.

    Rows with one step are of one update. Rows that later ones went back before are superseded. The
    distance of two updates is 1 where the steps count updates, R where all distances are multiples of
    it, else the most common one. Where nothing fits each row is an update, and a note says so.

    Args:
        steps: the log's step of each row, shape (rows,), at least one row.
        unit: what the steps count; None: not known.
        plan: the run that the record is replayed in.
    """
    notes = []
    rows = _not_superseded(steps)
    if len(rows) < len(steps):
        notes.append(
            f"{len(steps) - len(rows):,} rows are left out: the run went back before their steps"
        )
    there, number = np.unique(steps[rows], return_inverse=True)
    if len(there) < len(rows):
        notes.append(
            f"{len(rows):,} rows stand at {len(there):,} steps: the norms of one step are averaged"
        )
    spacing, said = _spacing(np.diff(there), unit, plan.samples)
    notes += said
    updates = np.arange(len(there)) if spacing is None else (there - there[0]) // spacing
    span = int(updates[-1]) + 1
    if span > len(there):
        notes.append(
            f"norms are known of {len(there):,} of the {span:,} updates that the record "
            "spans; at the others the batch size stays"
        )
    return Placing(rows, updates[number], (*notes, *_beginning(int(there[0]), unit, plan)))


def _not_superseded(steps: IntArray) -> IntArray:
    """Rows whose step lies before all steps that the log went back to later on."""
    lowest = np.full(len(steps), np.iinfo(np.int64).max)
    back = np.flatnonzero(np.diff(steps) < 0) + 1
    lowest[back - 1] = steps[back]
    return np.flatnonzero(steps < np.minimum.accumulate(lowest[::-1])[::-1])


def _spacing(
    gaps: IntArray, unit: StepUnit | None, samples: int
) -> tuple[int | None, tuple[str, ...]]:
    """Distance of two updates in steps of the log, and what there is to say; None: each row is one."""
    if not len(gaps):
        return 1, ()
    notes: tuple[str, ...] = ()
    if unit == "updates":
        spacing = 1
    elif np.all(gaps % samples == 0):
        spacing = samples
    else:
        values, counts = np.unique(gaps, return_counts=True)
        spacing = int(values[np.argmax(counts)])
        if unit == "env_steps":
            notes = (
                f"the rows are {spacing:,} env steps apart and the plan's rollouts have "
                f"{samples:,}: each row is taken for one update",
            )
    if np.all(gaps % spacing == 0) and int(gaps.sum()) // spacing < MOST_UPDATES:
        return spacing, notes
    return None, (
        f"the distances of the steps, {gaps.min():,} to {gaps.max():,}, do not tell which "
        "update a row belongs to: each is taken for the next one",
    )


def _beginning(first: int, unit: StepUnit | None, plan: Plan) -> tuple[str, ...]:
    """A note where the record begins later than the run."""
    latest = {"updates": plan.skipped + 1, "env_steps": (plan.skipped + 2) * plan.samples}
    if unit is None or first <= latest[unit]:
        return ()
    words = "update" if unit == "updates" else "env step"
    return (f"the record begins at {words} {first:,}; its first row is taken for the first update",)
