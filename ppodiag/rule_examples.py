"""Linting a rule's own examples, as a user's file would be linted."""

from __future__ import annotations

import json

from ppodiag.bytesize import parse_size
from ppodiag.case import Case
from ppodiag.finding import Severity
from ppodiag.full import lint_fully, resolve
from ppodiag.healthy import with_changes
from ppodiag.options import Options
from ppodiag.profile import parse_profile
from ppodiag.result import FileReport
from ppodiag.rules.loader import fast_rules
from ppodiag.runtime.files import Source
from ppodiag.runtime.search import Runtime
from ppodiag.source.reader import read_document

SEEDS = 20
"""Paths of a simulated case."""


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
        severity=Severity.INFO,
        profile=profile,
        select=select,
        memory_bytes=parse_size(case.memory) if case.memory else None,
        device=case.device or None,
        runtime=_runtime(case),
    )
    if case.norms:
        return _simulate_case(case, options)
    return lint_fully(case_text(case), "ppo.json", options, fast_rules())


def _simulate_case(case: Case, options: Options) -> FileReport:
    """The report of the simulated run of a case; numpy is imported for these alone."""
    from ppodiag.closed_loop import simulate_run
    from ppodiag.norms.model import NormModel
    from ppodiag.norms.spec import parse_norms
    from ppodiag.simulated import judge_document

    rules = fast_rules()
    document = read_document(case_text(case), "ppo.json")
    _, context = resolve(document, options, rules)
    norms = parse_norms(case.norms)
    assert isinstance(norms, NormModel)
    trajectory = simulate_run(context, norms, range(SEEDS))
    found = judge_document(trajectory, document, rules, options)
    return FileReport("ppo.json", tuple(found), document=document)
