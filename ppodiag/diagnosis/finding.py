"""What a rule says of a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ppodiag.finding import Severity


@dataclass(frozen=True, slots=True)
class RunFinding:
    """One symptom in a run's log, with the numbers that show it.

    Attributes:
        code: the rule, for example `RUN912`.
        severity: how bad it is.
        message: what is seen where, what was expected, the numbers between.
        ranges: (first, last) step of each stretch that shows it, as the log counts steps.
        columns: canonical columns that show it, the first one most.
        causes: what it may come from, the most probable first.
        next: the command or setting that would tell the causes apart.
        values: the numbers by name.
    """

    code: str
    severity: Severity
    message: str
    ranges: tuple[tuple[int, int], ...] = ()
    columns: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    next: str = ""
    values: dict[str, Any] = field(default_factory=dict)
