"""What rules say at chosen configurations, to the word: `words/` has a file a family.

Each entry shows one thing (`shows`, with its arithmetic) and holds all that its rule says: severity,
pointer, message, remedy, the numbers by name, the edits that mend it and the echoes that it silences.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ppodiag.case import ABSENT, Case
from ppodiag.rule_examples import lint_case
from tests.rules.test_cases import RULES, findings, with_changes

WORDS = Path(__file__).parent / "words"

ENTRIES = [
    pytest.param(entry, id=f"{entry['code']}-{path.stem}-{number}")
    for path in sorted(WORDS.glob("*.json"))
    for number, entry in enumerate(json.loads(path.read_text(encoding="utf-8")))
]


def said(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """What the entry's rule says of its configuration, as plain JSON; empty parts are left out."""
    changes = {k: ABSENT if v == "(absent)" else v for k, v in entry["changes"].items()}
    if "norms" in entry:
        return _said_of_a_simulated_run(entry, changes)
    found = findings(
        with_changes(changes),
        entry.get("profile", "note"),
        entry.get("declared", True),
        entry.get("memory", ""),
        entry.get("device", ""),
    )
    says = []
    for finding in found:
        if finding.code == entry["code"]:
            fix = finding.fix and [f"{edit.pointer}: {edit.text}" for edit in finding.fix.edits]
            whole = {
                "severity": finding.severity.word,
                "at": finding.pointer,
                "message": finding.message,
                "remedy": finding.remedy,
                "values": finding.values,
                "related": [related.pointer for related in finding.related],
                "fix": fix,
                "silences": finding.silences,
            }
            says.append({key: part for key, part in whole.items() if part})
    plain: list[dict[str, Any]] = json.loads(json.dumps(says), parse_float=_twelve_digits)
    return plain


def _said_of_a_simulated_run(
    entry: dict[str, Any], changes: dict[str, Any]
) -> list[dict[str, Any]]:
    case = Case("", changes, norms=entry["norms"], profile=entry.get("profile", "note"))
    return [
        {"severity": d.severity.word, "at": d.pointer, "message": d.message, "remedy": d.remedy}
        for d in lint_case(case).diagnostics
        if d.code == entry["code"]
    ]


def _twelve_digits(number: str) -> float:
    """A number without its last digits, in which libraries of mathematics may differ."""
    return float(f"{float(number):.12g}")


@pytest.mark.parametrize("entry", ENTRIES)
def test_words(entry: dict[str, Any]) -> None:
    """The rule says exactly what the entry holds, or nothing."""
    assert said(entry) == entry["says"]


def test_entries_are_found() -> None:
    """The folder has entries, each of a rule that is there and with a claim."""
    assert len(ENTRIES) >= 1
    for parameter in ENTRIES:
        (entry,) = parameter.values
        assert isinstance(entry, dict)
        assert entry["code"] in RULES
        assert entry["shows"]
