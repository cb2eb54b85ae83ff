"""What a reader returns: the series of a run, what they mean, and what was not read."""

from __future__ import annotations

from dataclasses import dataclass

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    import numpy as np
    from numpy.typing import NDArray

    FileKind = Literal["tensorboard", "csv", "jsonl"]
    StepUnit = Literal["env_steps", "updates"]
    Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One logged quantity, in the order in which it was logged.

    Attributes:
        tag: the name in the log.
        steps: shape (points,), int64, the log's own step; `Run.step_unit` says of what, where known.
        values: shape (points,), float64; NaN and infinities are values, absent points are absent.
        wall_times: shape (points,), float64, seconds since 1970; None where the log has none.
    """

    tag: str
    steps: NDArray[np.int64]
    values: NDArray[np.float64]
    wall_times: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that a reader did with a log, or could not do.

    Attributes:
        severity: `error`: values were lost or are doubtful; `warning`: values were set aside for a
            reason that a person should know; `info`: how the log was understood.
        place: where: `line 7`, `lines 3 to 9`, `byte 1024`, after a file's name and `: ` where the
            run is a folder; empty for the whole.
        message: what was read or not, with numbers.
    """

    severity: Severity
    place: str
    message: str


@dataclass(frozen=True, slots=True, eq=False)
class Canonical:
    """A known quantity, under the one name that this project has for it.

    Attributes:
        column: the canonical name, one of `ppodiag.runlog.tags.COLUMNS`.
        series: the values in the column's unit; `series.tag` is the tag in the log.
        unit: the column's unit.
        averaging: over what each point was averaged by the trainer.
        trainer: whose name it is, or `mapping` where the caller named the tag.
        factor: what the logged values were multiplied with, −1 for a negated quantity.
    """

    column: str
    series: Series
    unit: str
    averaging: str
    trainer: str
    factor: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """The log of one training run.

    Attributes:
        path: the file or folder as it was given.
        kind: the format that was read.
        series: tag to series; never empty.
        canonical: canonical column to series, for the columns that the log has.
        notes: what was understood and what was not, the most serious first.
        trainer: the trainer whose tags these are, or None.
        step_unit: what the steps count, or None where the log does not tell.
        beside: a folder with event files beside a damaged table; empty where there is none.
    """

    path: str
    kind: FileKind
    series: Mapping[str, Series]
    canonical: Mapping[str, Canonical]
    notes: tuple[Note, ...]
    trainer: str | None
    step_unit: StepUnit | None
    beside: str = ""

    @property
    def columns(self) -> dict[str, Series]:
        """Canonical column to series."""
        return {name: found.series for name, found in self.canonical.items()}
