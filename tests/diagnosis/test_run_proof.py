"""The aims of docs/proof-runs.md, on fewer runs."""

from __future__ import annotations

import sys

import pytest

from ppodiag.rules.loader import load_run_rules
from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "tools"))
import run_proof

RULES = load_run_rules()


def test_every_rule_has_a_symptom() -> None:
    """No rule is left out of the proof."""
    assert set(run_proof.SYMPTOMS) == set(RULES)
    assert len(RULES) == 21


def test_no_false_alarm() -> None:
    """Forty clean runs, with and without configuration, draw nothing at warning or above."""
    alarms = run_proof.false_alarms(RULES, 40)
    assert {code: loud for code, (loud, _) in alarms.items() if loud} == {}


@pytest.mark.parametrize("code", sorted(RULES))
def test_recall(code: str) -> None:
    """At the documented strength at least 95% of 20 ill runs are found; none weaker is found more."""
    symptom = run_proof.SYMPTOMS[code]
    shares = run_proof.recall(code, RULES, 20)
    assert shares[symptom.strengths.index(symptom.documented)] >= 0.95
    assert shares == sorted(shares)
