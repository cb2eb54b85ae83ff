"""What run rules say of small logs written out by hand, to the word: `run_words.json`.

Each entry shows one thing (`shows`, with its arithmetic). A column is a list of values, each alone or
as [value, times]; update k, from 1, is logged at step 1,000·k unless `steps` says otherwise. The first
three updates are judged by no rule.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ppodiag.case import ABSENT
from ppodiag.config import parse_config
from ppodiag.context import Context
from ppodiag.diagnosis.engine import diagnose_run
from ppodiag.diagnosis.synthetic import SyntheticRun
from ppodiag.healthy import with_changes
from ppodiag.profile import parse_profile
from ppodiag.rules.loader import load_run_rules
from ppodiag.runlog.run import Note, Run

RULES = load_run_rules()

ENTRIES = [
    pytest.param(entry, id=f"{entry['code']}-{number}")
    for number, entry in enumerate(
        json.loads((Path(__file__).parent / "run_words.json").read_text(encoding="utf-8"))
    )
]


def values_of(column: list[Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The values of a column; `nan` and `inf` are written as words."""
    found: list[float] = []
    for part in column:
        value, times = part if isinstance(part, list) else (part, 1)
        found += [float(value)] * times
    return np.array(found)


def run_of(entry: dict[str, Any]) -> Run:
    """The log that an entry describes; `wall_times` are seconds, of every column."""
    columns = {name: values_of(column) for name, column in entry["columns"].items()}
    tags = {name: values_of(column) for name, column in entry.get("tags", {}).items()}
    updates = max(len(values) for values in [*columns.values(), *tags.values()])
    steps = np.array(entry.get("steps", [1000 * (k + 1) for k in range(updates)]), dtype=np.int64)
    notes = tuple(Note(*note) for note in entry.get("notes", []))
    run = SyntheticRun(steps, columns, tags, notes).as_run()
    if "wall_times" in entry:
        times = values_of(entry["wall_times"])
        timed = {
            name: replace(found, series=replace(found.series, wall_times=times))
            for name, found in run.canonical.items()
        }
        run = replace(run, canonical=timed)
    return run


def said(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """What the entry's rule says of its log, as plain JSON; empty parts are left out."""
    context = None
    if "config" in entry:
        changes = {k: ABSENT if v == "(absent)" else v for k, v in entry["config"].items()}
        value = with_changes(changes)
        profile = parse_profile(entry.get("profile", "note"))
        context = Context(parse_config(value), profile, value=value)
    baseline = run_of(entry["baseline"]) if "baseline" in entry else None
    rule = {entry["code"]: RULES[entry["code"]]}
    says = []
    for finding in diagnose_run(run_of(entry), rule, context, baseline).findings:
        whole = {
            "severity": finding.severity.word,
            "message": finding.message,
            "next": finding.next,
            "ranges": finding.ranges,
            "columns": finding.columns,
            "values": finding.values,
        }
        says.append({key: part for key, part in whole.items() if part})
    plain: list[dict[str, Any]] = json.loads(json.dumps(says), parse_float=_twelve_digits)
    return plain


def _twelve_digits(number: str) -> float:
    """A number without its last digits, in which libraries of mathematics may differ."""
    return float(f"{float(number):.12g}")


@pytest.mark.parametrize("entry", ENTRIES)
def test_words(entry: dict[str, Any]) -> None:
    """The rule says exactly what the entry holds, or nothing."""
    assert said(entry) == entry["says"]


def test_every_rule_has_entries() -> None:
    """No run rule is without a log written out by hand, and each entry states its claim."""
    entries = [parameter.values[0] for parameter in ENTRIES]
    assert {entry["code"] for entry in entries} == set(RULES)
    assert all(entry["shows"] for entry in entries)


def test_what_a_rule_declares_that_it_reads() -> None:
    """Rules that compare with a configuration say so; every column that a rule needs has a name."""
    needs = {code for code, rule in RULES.items() if rule.needs_config}
    assert needs == {"RUN902", "RUN904", "RUN911", "RUN933", "RUN952"}
