"""Diagnosing a run rule's own examples, as a user's run would be diagnosed."""

from __future__ import annotations

from collections.abc import Mapping

from ppodiag.config import parse_config
from ppodiag.context import Context
from ppodiag.diagnosis.engine import Diagnosis, diagnose_run
from ppodiag.diagnosis.rule import RunCase, RunRule
from ppodiag.diagnosis.synthetic import healthy_run
from ppodiag.healthy import with_changes
from ppodiag.profile import parse_profile


def diagnose_case(case: RunCase, rules: Mapping[str, RunRule]) -> Diagnosis:
    """The diagnosis of the run that a case plants."""
    run = healthy_run(0)
    if case.plant is not None:
        run = case.plant(run)
    context = None
    if case.config is not None:
        value = with_changes(case.config)
        context = Context(parse_config(value), parse_profile("note"), value=value)
    baseline = None
    if case.baseline is not None:
        baseline = case.baseline(healthy_run(1)).as_run("baseline")
    return diagnose_run(run.as_run(), rules, context, baseline)
