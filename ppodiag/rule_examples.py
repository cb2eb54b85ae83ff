"""Linting a rule's own examples, as a user's file would be linted."""

from __future__ import annotations

import json

from ppodiag.case import Case
from ppodiag.finding import Severity
from ppodiag.full import lint_fully
from ppodiag.healthy import with_changes
from ppodiag.options import Options
from ppodiag.profile import parse_profile
from ppodiag.result import FileReport
from ppodiag.rules.loader import fast_rules
from ppodiag.runtime.files import Source
from ppodiag.runtime.search import Runtime


def case_text(case: Case) -> bytes:
    """The file that a case describes."""
    if case.source:
        return case.source.encode("utf-8", "surrogateescape")
    changes = dict(case.changes or {})
    if not case.declared and not any(key.startswith("$ppodiag") for key in changes):
        changes["$ppodiag"] = {}
    return (json.dumps(with_changes(changes), indent=2, ensure_ascii=False) + "\n").encode()


def _runtime(case: Case) -> Runtime | None:
    if not case.runtime:
        return None
    return Runtime([Source("train.py", case.runtime)])


def lint_case(case: Case, select: tuple[str, ...] = ()) -> FileReport:
    """The report of a case's file under its profile, information included."""
    profile = parse_profile(case.profile) if case.profile != "note" else None
    options = Options(
        severity=Severity.INFO, profile=profile, select=select, runtime=_runtime(case)
    )
    return lint_fully(case_text(case), "ppo.json", options, fast_rules())
