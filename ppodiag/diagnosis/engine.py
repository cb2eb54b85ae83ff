"""Running the rules on one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ppodiag.config import DoesNotApply
from ppodiag.context import Context
from ppodiag.diagnosis.context import (
    NoBaseline,
    NoConfiguration,
    NotLogged,
    RunContext,
    TooShort,
)
from ppodiag.diagnosis.finding import RunFinding
from ppodiag.diagnosis.rule import RunRule
from ppodiag.runlog.run import Run


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """What the rules say of one run.

    Attributes:
        run: the log.
        context: the configuration that it was compared with; None: none.
        baseline: the run that it was compared with; None: none.
        findings: worst first, then by code.
        unchecked: code to why the rule could not judge the run.
        names: code to the rule's name.
    """

    run: Run
    context: Context | None
    baseline: Run | None
    findings: tuple[RunFinding, ...]
    unchecked: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


def diagnose_run(
    run: Run,
    rules: Mapping[str, RunRule],
    context: Context | None = None,
    baseline: Run | None = None,
) -> Diagnosis:
    """The diagnosis of a run; exceptions other than `DoesNotApply` are faults of a rule."""
    about = RunContext(run, context, baseline)
    findings: list[RunFinding] = []
    unchecked: dict[str, str] = {}
    for code, rule in rules.items():
        about.code = code
        try:
            # What a log holds may be anything; what comes of it is judged by its value.
            with np.errstate(all="ignore"):
                findings.extend(rule.check(about))
        except DoesNotApply as reason:
            unchecked[code] = why(reason)
    findings.sort(key=lambda finding: (-finding.severity, finding.code))
    names = {code: rule.name for code, rule in rules.items()}
    return Diagnosis(run, context, baseline, tuple(findings), unchecked, names)


def why(reason: DoesNotApply) -> str:
    """Why a rule could not judge a run, in words."""
    what = str(reason.args[0]) if reason.args else ""
    if isinstance(reason, NotLogged):
        return f"{what} is not logged"
    if isinstance(reason, TooShort):
        return f"too few points of {what}"
    if isinstance(reason, NoConfiguration):
        return "no configuration is given"
    if isinstance(reason, NoBaseline):
        return "no baseline is given"
    return what or "the configuration lacks what it reads"
