"""What an experiment reads of a run: the columns of its log, one entry a rollout."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ppodiag.ablate.machine_tags import of_machine
from ppodiag.norms.model import FloatArray
from ppodiag.runlog import read_run


@dataclass(frozen=True, eq=False)
class Log:
    """A run's log, or why there is none.

    Attributes:
        columns: name, as docs/reference-trainer-logs.md has it, to values of every rollout, shape
            (rollouts,); nan where the trainer had no value.
        refused: what the trainer said where it refused the configuration; empty where it trained.
    """

    columns: Mapping[str, FloatArray] = field(default_factory=dict)
    refused: str = ""

    def __len__(self) -> int:
        return len(self.columns.get("env_steps", ()))

    def all(self, name: str) -> FloatArray:
        """A column over all rollouts; nan throughout where the log lacks it."""
        found = self.columns.get(name)
        return np.full(len(self), np.nan) if found is None else found

    def of(self, name: str) -> FloatArray:
        """A column over the rollouts whose update was applied."""
        return self.all(name)[self.applied]

    @property
    def applied(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Of each rollout, whether it was trained on, by the counter of applied updates."""
        return np.asarray(np.diff(self.all("updates_applied"), prepend=0.0) > 0)

    @property
    def updates(self) -> int:
        """Applied updates."""
        return int(self.applied.sum())

    def last(self, name: str) -> float:
        """The last value of a column; nan where there is none."""
        values = self.all(name)
        return float(values[-1]) if len(values) else float("nan")

    def cut(self, rollouts: int) -> Log:
        """The first rollouts alone."""
        return Log({name: v[:rollouts] for name, v in self.columns.items()}, self.refused)

    def trajectory(self) -> dict[str, list[float]]:
        """All columns that do not depend on the machine."""
        return {n: v.tolist() for n, v in sorted(self.columns.items()) if not of_machine(n)}


def read_log(folder: str) -> Log:
    """The log that the reference trainer wrote to a folder; an empty one where it wrote none.

    Raises:
        UsageError: it cannot be read.
    """
    if not os.path.exists(os.path.join(folder, "log.jsonl")):
        return Log()
    run = read_run(folder)
    steps = run.series["env_steps"].steps
    columns = {}
    for tag, series in run.series.items():
        values = np.full(len(steps), np.nan)
        values[np.searchsorted(steps, series.steps)] = series.values
        columns[tag] = values
    return Log(columns)


def log_of_rows(rows: Sequence[Mapping[str, float | bool | None]]) -> Log:
    """The log of rows as the trainer makes them; what is null in a row is nan."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return Log(
        {
            name: np.array([np.nan if row.get(name) is None else row[name] for row in rows], float)
            for name in names
        }
    )


def same_trajectory(one: Log, other: Log) -> bool:
    """Whether two runs are equal to the last bit, but for what depends on the machine."""
    first, second = one.trajectory(), other.trajectory()
    return first.keys() == second.keys() and all(
        np.array_equal(first[name], second[name], equal_nan=True) for name in first
    )
