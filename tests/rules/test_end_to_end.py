"""Each rule's examples as whole files: planted one at a time, exactly its rule speaks."""

from __future__ import annotations

import pytest

from ppodiag.case import Case
from ppodiag.finding import Severity
from ppodiag.rule_examples import case_text, lint_case
from ppodiag.rules.loader import load_module, rule_files

CASES = [
    pytest.param(module.check.code, case, id=f"{module.check.code}-{number}")
    for module in map(load_module, rule_files())
    for number, case in enumerate(module.CASES)
]


@pytest.mark.parametrize(("code", "case"), CASES)
def test_planted_fault(code: str, case: Case) -> None:
    """At warning and above exactly the rule and those it entails by name; a good case is silent."""
    report = lint_case(case)
    own = [d for d in report.diagnostics if d.code == code]
    if case.severity is None:
        assert own == []
        return
    shown = {d.code for d in report.diagnostics if d.severity >= Severity.WARNING}
    assert shown - {code} == set(case.others), [(d.code, d.message) for d in report.diagnostics]
    assert own
    assert own[0].severity == case.severity
    assert any(case.text in d.message for d in own), [d.message for d in own]
    if not case.source:
        assert case.pointer in [d.pointer for d in own]


@pytest.mark.parametrize(("code", "case"), CASES)
def test_every_finding_lies_in_its_file(code: str, case: Case) -> None:
    """Spans of findings and of the inputs of their arithmetic lie in the text, in order."""
    report = lint_case(case)
    assert report.document is not None
    length = len(report.document.text)
    for d in report.diagnostics:
        for span in [d.span, *(place.span for place in d.related)]:
            assert 0 <= span.start <= span.end <= length
            assert (span.start_line, span.start_column) <= (span.end_line, span.end_column)
        assert d.message
        assert d.remedy
        assert len(d.message) <= 400


def test_every_fix_removes_its_finding() -> None:
    """Applying a case's fix takes the finding away; there are many such cases."""
    from ppodiag.fix import apply_edits, edit_offsets
    from ppodiag.full import lint_fully
    from ppodiag.options import Options
    from ppodiag.profile import parse_profile
    from ppodiag.rules.loader import fast_rules

    tried = 0
    for param in CASES:
        code, case = param.values
        report = lint_case(case)
        for d in report.diagnostics:
            if d.code != code or d.fix is None or report.document is None:
                continue
            tried += 1
            data = case_text(case)
            changed = apply_edits(data, report.document, edit_offsets(d.fix, report.document))
            assert changed is not None, code
            profile = parse_profile(case.profile) if case.profile != "note" else None
            options = Options(severity=Severity.INFO, profile=profile)
            after = lint_fully(changed, "ppo.json", options, fast_rules())
            same = [e for e in after.diagnostics if (e.code, e.pointer) == (d.code, d.pointer)]
            assert not [e for e in same if e.severity >= d.severity], (code, d.fix.title)
    assert tried >= 20
