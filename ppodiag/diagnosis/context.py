"""What a rule about runs is given: the log, the configuration, and the run that it implies."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np

from ppodiag.config import DoesNotApply, PPOConfig
from ppodiag.context import Context
from ppodiag.diagnosis.finding import RunFinding
from ppodiag.finding import Severity
from ppodiag.norms.model import FloatArray, IntArray
from ppodiag.runlog.run import Run, Series
from ppodiag.trajectory import Trajectory

IGNORED = 3
"""[judgement] First updates that no rule judges: a run settles."""

FEWEST = 10
"""[judgement] Points that a rule needs after those."""

PER_UPDATE = ("lr", "approx_kl", "pg_grad_norm", "value_loss", "policy_loss", "clip_fraction")
"""Columns that trainers log once an update, the best first."""


COUNTS = ("minibatch_size", "minibatch_steps", "optimizer_steps")
"""Columns of whole numbers from 1."""

MOST = 1e15
"""The largest number that a size or a count can be."""


class NotLogged(DoesNotApply):
    """The rule reads a column that the log does not have."""


class TooShort(DoesNotApply):
    """The log has too few points for the rule."""


class NoConfiguration(DoesNotApply):
    """The rule compares the log with a configuration, and none was given."""


class NoBaseline(DoesNotApply):
    """The rule compares the log with another run, and none was given."""


class RunContext:
    """One run, with what it is compared with.

    Attributes:
        run: the log.
        context: the configuration under its profile; None: none was given.
        baseline: another run to compare with; None: none was given.
        code: of the rule that is running.
    """

    def __init__(
        self, run: Run, context: Context | None = None, baseline: Run | None = None
    ) -> None:
        self.run = run
        self.context = context
        self.baseline = baseline
        self.code = ""

    # The log --------------------------------------------------------------------------------

    def has(self, column: str) -> bool:
        """Whether the log has a value in a canonical column."""
        return column in self.run.columns and len(self.run.columns[column]) > 0

    def column(self, name: str) -> Series:
        """A canonical column, whole.

        Raises:
            NotLogged: the log does not have it.
        """
        if not self.has(name):
            raise NotLogged(name)
        return self.run.columns[name]

    def settled(self, name: str, fewest: int = FEWEST) -> Series:
        """A canonical column without its first three points and without what is not finite.

        Of sizes and counts only what can be one is kept: from 1 to 10^15.

        Raises:
            NotLogged: the log does not have it.
            TooShort: fewer than `fewest` points remain.
        """
        whole = self.column(name)
        steps, values = whole.steps[IGNORED:], whole.values[IGNORED:]
        known = np.isfinite(values)
        if name in COUNTS:
            known &= (values >= 1) & (values <= MOST)
        if known.sum() < fewest:
            raise TooShort(name)
        return Series(whole.tag, steps[known], values[known])

    def together(self, *names: str) -> tuple[IntArray, list[FloatArray]]:
        """Settled columns at the steps that all of them have: steps, and the values of each.

        Raises:
            NotLogged, TooShort: as `settled`, or too few steps in common.
        """
        parts = [self.settled(name) for name in names]
        common = parts[0].steps
        for part in parts[1:]:
            common = np.intersect1d(common, part.steps)
        if len(common) < FEWEST:
            raise TooShort(names[0])
        values = [_at(part, common) for part in parts]
        return common, values

    @cached_property
    def update_steps(self) -> IntArray:
        """The steps at which updates were logged; empty where no such column is there."""
        for name in PER_UPDATE:
            if self.has(name):
                return self.run.columns[name].steps
        return np.zeros(0, dtype=np.int64)

    @cached_property
    def step_gap(self) -> float | None:
        """The median distance of two updates, in steps of the log; None: fewer than two."""
        gaps = np.diff(self.update_steps)
        return float(np.median(gaps)) if len(gaps) else None

    @property
    def settling(self) -> str:
        """A clause on the first updates, which most rules leave out; empty where none is judged after."""
        if len(self.update_steps) <= IGNORED:
            return ""
        return f"; of the first {IGNORED} only the learning rate is judged"

    # The configuration ----------------------------------------------------------------------

    @property
    def config(self) -> PPOConfig:
        """The configuration.

        Raises:
            NoConfiguration: none was given.
        """
        if self.context is None:
            raise NoConfiguration
        return self.context.config

    @cached_property
    def forecast(self) -> Trajectory:
        """What the configuration implies, with the norms, sizes and early stops that the run logged.

        Raises:
            NoConfiguration: none was given.
            DoesNotApply: it cannot be simulated.
        """
        from ppodiag.closed_loop import simulate_run
        from ppodiag.errors import UsageError
        from ppodiag.norms.recorded import replay_of

        if self.context is None:
            raise NoConfiguration
        source = replay_of(self.run) if self.has("pg_grad_norm") else None
        try:
            return simulate_run(self.context, source)
        except UsageError as error:
            raise DoesNotApply(error.message) from None

    # Findings -------------------------------------------------------------------------------

    def finding(
        self,
        severity: Severity,
        message: str,
        *,
        ranges: Iterable[tuple[int, int]] = (),
        columns: Iterable[str] = (),
        causes: Iterable[str] = (),
        next: str = "",
        values: dict[str, Any] | None = None,
    ) -> RunFinding:
        """A finding of the rule that is running; see `RunFinding`."""
        return RunFinding(
            self.code, severity, message, tuple(ranges), tuple(columns), tuple(causes), next,
            values or {},
        )  # fmt: skip


def _at(series: Series, steps: IntArray) -> FloatArray:
    """The last value at each of these steps."""
    order = np.argsort(series.steps, kind="stable")
    place = np.searchsorted(series.steps[order], steps, side="right") - 1
    return np.asarray(series.values[order][place])


def stretches(steps: IntArray, mask: Any, fewest: int = 1) -> list[tuple[int, int]]:
    """(first, last) step of each run of True of at least `fewest` points."""
    found, begin = [], None
    flags = np.asarray(mask, dtype=bool)
    for index, flag in enumerate([*flags.tolist(), False]):
        if flag and begin is None:
            begin = index
        elif not flag and begin is not None:
            if index - begin >= fewest:
                found.append((int(steps[begin]), int(steps[index - 1])))
            begin = None
    return found


def span_text(ranges: Iterable[tuple[int, int]], most: int = 3) -> str:
    """`steps 1,000 to 2,000 and 3,000`, with the number of those that are left out."""
    parts = [f"{a:,}" if a == b else f"{a:,} to {b:,}" for a, b in ranges]
    if not parts:
        return "no step"
    shown = parts[:most]
    more = f" and {len(parts) - most:,} more" if len(parts) > most else ""
    return f"step{'s' if len(parts) > 1 or ' to ' in parts[0] else ''} {', '.join(shown)}{more}"
