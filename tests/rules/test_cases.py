"""Every rule's own examples, run as tests."""

from __future__ import annotations

from typing import Any

import pytest

from ppodiag.bytesize import parse_size
from ppodiag.case import Case
from ppodiag.config import parse_config
from ppodiag.context import Context
from ppodiag.evaluate import evaluate
from ppodiag.finding import Finding, Severity
from ppodiag.healthy import HEALTHY, with_changes
from ppodiag.profile import parse_profile
from ppodiag.rule_examples import lint_case
from ppodiag.rules.loader import load_module, load_rules, rule_files

RULES = load_rules()

CASES = [
    pytest.param(module.check.code, case, id=f"{module.check.code}-{number}")
    for module in map(load_module, rule_files())
    for number, case in enumerate(module.CASES)
    if case.changes is not None and module.check.stage == "config"
]

SIMULATED = [
    pytest.param(module.check.code, case, id=f"{module.check.code}-{number}")
    for module in map(load_module, rule_files())
    for number, case in enumerate(module.CASES)
    if module.check.stage == "trajectory"
]


def findings(
    config: dict[str, Any],
    profile: str = "note",
    declared: bool = True,
    memory: str = "",
    device: str = "",
) -> list[Finding]:
    """All findings of the config rules, information included."""
    context = Context(
        parse_config(config),
        parse_profile(profile),
        value=config,
        profile_declared=declared,
        memory_bytes=parse_size(memory) if memory else None,
        device=device or None,
        rules=RULES,
    )
    return evaluate(context, RULES)


def test_healthy_base_has_no_finding_at_all() -> None:
    """The base of all cases draws no finding, not even information."""
    assert [f.code for f in findings(HEALTHY)] == []


@pytest.mark.parametrize(("code", "case"), CASES)
def test_case(code: str, case: Case) -> None:
    """A bad case draws exactly its rule and those it entails by name; a good case not its rule."""
    assert case.changes is not None
    found = findings(
        with_changes(case.changes), case.profile, case.declared, case.memory, case.device
    )
    own = [f for f in found if f.code == code]
    if case.severity is None:
        assert own == []
        return
    shown = {f.code for f in found if f.severity >= Severity.WARNING}
    assert shown - {code} == set(case.others)
    assert [f.severity for f in own][:1] == [case.severity], [f.message for f in own]
    assert case.pointer in [f.pointer for f in own]
    assert any(case.text in f.message for f in own), [f.message for f in own]


@pytest.mark.parametrize(("code", "case"), SIMULATED)
def test_simulated_case(code: str, case: Case) -> None:
    """A bad simulated run draws its rule, at its place and with its numbers; a good one does not."""
    own = [d for d in lint_case(case).diagnostics if d.code == code]
    if case.severity is None:
        assert own == []
        return
    assert [(d.severity, d.pointer) for d in own] == [(case.severity, case.pointer)]
    assert case.text in own[0].message


def test_each_rule_has_bad_and_good_cases() -> None:
    """Each rule that judges configurations shows at least one bad and one good example."""
    for module in map(load_module, rule_files()):
        if module.check.stage in ("config", "trajectory"):
            severities = [case.severity for case in module.CASES]
            assert None in severities, module.__name__
            assert max(s for s in severities if s) == module.check.worst, module.__name__


def test_rules_of_one_minibatch_size_are_tried_over_the_range() -> None:
    """Exactly the rules whose condition asks for ticks, windows or groups at one size are ranged."""
    ranged = {code for code, rule in RULES.items() if rule.ranged}
    assert ranged == {
        "ACC301", "ACC302", "ACC303", "ACC304", "ACC306", "BS204", "BS207", "LR101", "LR102", "LR103",
        "LR104", "LR105", "LR106", "LR108", "LR110", "LR112", "LR113", "LR115", "LR116", "UNIT702",
    }  # fmt: skip


def test_severities_never_exceed_the_declared_worst() -> None:
    """No example finds more than the rule's `worst`, by which the fast path leaves rules out."""
    for module in map(load_module, rule_files()):
        for case in module.CASES:
            assert (case.severity or Severity.INFO) <= module.check.worst
