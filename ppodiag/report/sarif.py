"""SARIF 2.1.0, for code scanning."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

from ppodiag import __version__
from ppodiag.diagnostic import Diagnostic
from ppodiag.fix import edit_offsets
from ppodiag.report import Style
from ppodiag.report.places import sentences
from ppodiag.result import FileReport, Report
from ppodiag.source.spans import Span

_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(report: Report, style: Style) -> str:
    """The log: one run, `results` present when clean, rules described once each."""
    from ppodiag.rules.loader import load_rules

    rules = load_rules()
    codes = sorted({d.code for d in report.diagnostics})
    index = {code: number for number, code in enumerate(codes)}
    run = {
        "tool": {
            "driver": {
                "name": "ppodiag",
                "version": __version__,
                "rules": [_rule(rules[code]) for code in codes],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report)],
        "results": [_result(d, file, index) for file in report.files for d in file.diagnostics],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2) + "\n"


def _rule(rule: Any) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.name.replace("-", " ").capitalize() + "."},
        "defaultConfiguration": {"level": _LEVELS[rule.worst.word]},
        "help": {"text": f"`ppodiag rule {rule.code}` prints the rule's page."},
    }


def _invocation(report: Report) -> dict[str, Any]:
    notifications = [
        {
            "level": "error",
            "message": {"text": file.fault},
            "locations": [{"physicalLocation": {"artifactLocation": _artifact(file.path)}}],
        }
        for file in report.unreadable
    ]
    return {
        "executionSuccessful": not notifications,
        "toolExecutionNotifications": notifications,
    }


_DRIVE = re.compile(r"[A-Za-z]:[\\/]")


def _artifact(path: str) -> dict[str, str]:
    uri = quote(path.replace("\\", "/"), safe="/:@!$&'()*+,;=~-._", errors="backslashreplace")
    if path.startswith("/"):
        uri = "file://" + uri
    elif _DRIVE.match(path):
        uri = "file:///" + uri
    return {"uri": uri}


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.start_line,
        "startColumn": span.start_column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _location(path: str, span: Span) -> dict[str, Any]:
    return {"artifactLocation": _artifact(path), "region": _region(span)}


def _result(d: Diagnostic, file: FileReport, index: dict[str, int]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": d.code,
        "ruleIndex": index[d.code],
        "level": _LEVELS[d.severity.word],
        "message": {"text": sentences(d)},
        "locations": [
            {
                "physicalLocation": _location(d.path, d.span),
                "logicalLocations": [{"fullyQualifiedName": d.pointer or "/", "kind": "member"}],
            }
        ],
        "partialFingerprints": {"ppodiag/v1": d.fingerprint},
        "properties": {"values": d.values, "profile": d.profile, "elsewhere": d.elsewhere},
    }
    if d.related:
        result["relatedLocations"] = [
            {
                "id": number,
                "physicalLocation": _location(place.path or d.path, place.span),
                "message": {"text": place.note or place.pointer},
            }
            for number, place in enumerate(d.related)
        ]
    if d.fix is not None and file.document is not None:
        replacements = [
            {
                "deletedRegion": _region(file.document.lines.span(start, end)),
                "insertedContent": {"text": text},
            }
            for start, end, text in edit_offsets(d.fix, file.document)
        ]
        if replacements:
            result["fixes"] = [
                {
                    "description": {"text": d.fix.title},
                    "artifactChanges": [
                        {"artifactLocation": _artifact(d.path), "replacements": replacements}
                    ],
                }
            ]
    return result
