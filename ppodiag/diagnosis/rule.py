"""Rules about the log of a run: how one is declared, and its examples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ppodiag.diagnosis.context import RunContext
from ppodiag.diagnosis.finding import RunFinding
from ppodiag.diagnosis.synthetic import SyntheticRun
from ppodiag.finding import Severity

Check = Callable[[RunContext], Iterator[RunFinding]]

Plant = Callable[[SyntheticRun], SyntheticRun]
"""What a case does to a healthy run."""

INFO, WARNING, ERROR = Severity.INFO, Severity.WARNING, Severity.ERROR


@dataclass(frozen=True, slots=True)
class RunRule:
    """One symptom.

    Attributes:
        code: RUN and a number, also the file's name.
        name: the symptom in a few words with hyphens.
        worst: the highest severity that it can have.
        check: yields findings; raises `DoesNotApply` where the run cannot be judged.
        columns: canonical columns that it reads, the needed ones.
        needs_config: whether it compares with a configuration.
    """

    code: str
    name: str
    worst: Severity
    check: Check
    columns: tuple[str, ...] = ()
    needs_config: bool = False
    stage: str = "run"
    ranged: bool = False


def run_rule(
    code: str, name: str, worst: Severity, *columns: str, needs_config: bool = False
) -> Callable[[Check], RunRule]:
    """A decorator that makes a rule of a check; see `RunRule` for the arguments."""

    def declare(check: Check) -> RunRule:
        return RunRule(code, name, worst, check, columns, needs_config)

    return declare


@dataclass(frozen=True, slots=True)
class RunCase:
    """An example of a rule about runs, and a test of it.

    Attributes:
        title: what the example shows.
        plant: what it does to the healthy synthetic run of `healthy_run(0)`; None: nothing.
        severity: what this rule says of it; None: nothing (a good case).
        text: a piece that the message must contain.
        config: dotted key to value over the healthy configuration, which the run is compared with;
            None: no configuration is given.
        baseline: what is done to a second healthy run, the baseline; None: none is given.
        others: codes of other rules, at warning and above, that the same change entails.
    """

    title: str
    plant: Plant | None = None
    severity: Severity | None = None
    text: str = ""
    config: Mapping[str, Any] | None = None
    baseline: Plant | None = None
    others: tuple[str, ...] = ()
