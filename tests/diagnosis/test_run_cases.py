"""Every run rule's own examples, run as tests; healthy runs draw nothing."""

from __future__ import annotations

import pytest

from ppodiag.diagnosis.engine import diagnose_run
from ppodiag.diagnosis.examples import diagnose_case
from ppodiag.diagnosis.rule import RunCase
from ppodiag.diagnosis.synthetic import healthy_run
from ppodiag.finding import Severity
from ppodiag.rules.loader import load_module, load_run_rules, run_rule_files

RULES = load_run_rules()

CASES = [
    pytest.param(module.check.code, case, id=f"{module.check.code}-{number}")
    for module in map(load_module, run_rule_files())
    for number, case in enumerate(module.CASES)
]


@pytest.mark.parametrize(("code", "case"), CASES)
def test_case(code: str, case: RunCase) -> None:
    """A planted symptom draws its rule and those named with it; a good case draws nothing of it."""
    found = diagnose_case(case, RULES).findings
    own = [f for f in found if f.code == code]
    if case.severity is None:
        assert own == []
        return
    shown = {f.code for f in found if f.severity >= Severity.WARNING}
    assert shown - {code} == set(case.others), [(f.code, f.message) for f in found]
    assert [f.severity for f in own][:1] == [case.severity], [f.message for f in own]
    assert case.text in own[0].message, own[0].message
    assert own[0].next
    assert own[0].causes


def test_each_rule_has_bad_and_good_cases() -> None:
    """Each rule shows a bad example of its worst severity, and a good one."""
    for module in map(load_module, run_rule_files()):
        severities = [case.severity for case in module.CASES]
        assert None in severities, module.__name__
        assert max(s for s in severities if s) == module.check.worst, module.__name__


@pytest.mark.parametrize("seed", range(30))
def test_healthy_runs_draw_no_warning(seed: int) -> None:
    """Thirty healthy runs of 40 to 400 updates draw no warning."""
    found = diagnose_run(healthy_run(seed, updates=40 + 12 * seed).as_run(), RULES).findings
    assert [f.message for f in found if f.severity >= Severity.WARNING] == []
