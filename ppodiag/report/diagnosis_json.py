"""Diagnoses as JSON and as Markdown."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from ppodiag import __version__
from ppodiag.diagnosis.comparison import compare
from ppodiag.diagnosis.context import RunContext
from ppodiag.diagnosis.engine import Diagnosis
from ppodiag.diagnosis.verdicts import verdicts
from ppodiag.finding import Severity


def render_json(diagnoses: Sequence[Diagnosis]) -> str:
    """One object: version, and one entry a run with findings, checklist and comparison."""
    document = {
        "version": 1,
        "ppodiag": __version__,
        "runs": [_plain(diagnosis) for diagnosis in diagnoses],
    }
    return json.dumps(document, indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def _plain(diagnosis: Diagnosis) -> dict[str, Any]:
    run = diagnosis.run
    about = RunContext(run, diagnosis.context)
    return {
        "path": run.path,
        "kind": run.kind,
        "trainer": run.trainer or None,
        "updates": len(about.update_steps),
        "columns": {name: series.tag for name, series in run.columns.items()},
        "findings": [
            {
                "code": f.code,
                "rule": diagnosis.names.get(f.code, ""),
                "severity": f.severity.word,
                "message": f.message,
                "ranges": [list(r) for r in f.ranges],
                "columns": list(f.columns),
                "causes": list(f.causes),
                "next": f.next,
                "values": _finite(f.values),
            }
            for f in diagnosis.findings
        ],
        "checklist": [
            {
                "symptom": v.symptom,
                "verdict": v.verdict,
                "evidence": v.evidence,
                "codes": list(v.codes),
            }
            for v in verdicts(diagnosis)
        ],
        "comparison": [
            {"name": r.name, "logged": r.logged, "planned": r.planned, "agrees": r.agrees}
            for r in compare(about)
        ],
        "unchecked": dict(diagnosis.unchecked),
        "notes": [
            {"severity": n.severity, "place": n.place, "message": n.message} for n in run.notes
        ],
    }


def _finite(value: Any) -> Any:
    """The value with what JSON does not know as null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _finite(content) for key, content in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(content) for content in value]
    return value


def render_markdown(diagnoses: Sequence[Diagnosis], severity: Severity) -> str:
    """For a pull request or an issue: the checklist as a table, then the findings."""
    lines: list[str] = []
    for d in diagnoses:
        lines += [
            f"## {_text(d.run.path)}",
            "",
            "| symptom | verdict | evidence |",
            "|---|---|---|",
        ]
        lines += [
            f"| {v.symptom} | {_text(v.verdict)} | {_text(v.evidence)} |" for v in verdicts(d)
        ]
        lines.append("")
        for f in d.findings:
            if f.severity < severity:
                continue
            lines += [f"**{f.severity.word} {f.code}** {_text(f.message)}", ""]
            lines += [f"{place}. {_text(cause)}" for place, cause in enumerate(f.causes, 1)]
            lines += ["", f"Next: {_text(f.next)}", ""]
        rows = compare(RunContext(d.run, d.context))
        if rows:
            lines += ["| | logged | planned |", "|---|---|---|"]
            lines += [f"| {r.name} | {_text(r.logged)} | {_text(r.planned)} |" for r in rows]
            lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def _text(text: str) -> str:
    """Text that Markdown and HTML leave as it is."""
    for mark in "\\`*_[]<>|":
        text = text.replace(mark, f"\\{mark}" if mark != "<" else "&lt;")
    return text.replace("\n", " ")
