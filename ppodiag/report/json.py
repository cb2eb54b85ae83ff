"""The report as JSON: everything a finding knows, for other programs."""

from __future__ import annotations

import json
from typing import Any

from ppodiag import __version__
from ppodiag.diagnostic import Diagnostic, RelatedPlace
from ppodiag.report import Style
from ppodiag.result import Report
from ppodiag.source.spans import Span


def render(report: Report, style: Style) -> str:
    """One object: version, files with their findings, and counts."""
    counts = {"error": 0, "warning": 0, "info": 0}
    for diagnostic in report.diagnostics:
        counts[diagnostic.severity.word] += 1
    document = {
        "version": 1,
        "ppodiag": __version__,
        "files": [
            {
                "path": file.path,
                "related": file.related,
                "error": file.fault or None,
                "suppressed": file.suppressed,
                "baselined": file.baselined,
                "findings": [finding(d) for d in file.diagnostics],
            }
            for file in report.files
        ],
        "counts": counts,
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def finding(d: Diagnostic) -> dict[str, Any]:
    """One finding as a JSON value."""
    return {
        "code": d.code,
        "rule": d.rule_name,
        "severity": d.severity.word,
        "pointer": d.pointer,
        "span": place(d.span),
        "message": d.message,
        "remedy": d.remedy,
        "values": d.values,
        "related": [related(r) for r in d.related],
        "profile": d.profile,
        "elsewhere": d.elsewhere,
        "minibatch_sizes": list(d.sizes) if d.sizes else None,
        "fix": None
        if d.fix is None
        else {
            "title": d.fix.title,
            "safe": d.fix.safe,
            "edits": [
                {"pointer": e.pointer, "target": e.target, "text": e.text} for e in d.fix.edits
            ],
        },
        "fingerprint": d.fingerprint,
    }


def related(r: RelatedPlace) -> dict[str, Any]:
    """A related place; `path` only where it lies in another file."""
    found: dict[str, Any] = {"pointer": r.pointer, "span": place(r.span), "note": r.note}
    return {"path": r.path, **found} if r.path else found


def place(span: Span) -> dict[str, dict[str, int]]:
    """A span: lines and columns from 1, the end exclusive."""
    return {
        "start": {"line": span.start_line, "column": span.start_column},
        "end": {"line": span.end_line, "column": span.end_column},
    }
