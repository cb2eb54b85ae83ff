"""GitLab's code quality report."""

from __future__ import annotations

import json
from hashlib import blake2b

from ppodiag.report import Style
from ppodiag.report.places import other_files, portable, sentences
from ppodiag.result import Report

_SEVERITIES = {"error": "major", "warning": "minor", "info": "info"}


def render(report: Report, style: Style) -> str:
    """A JSON array with one entry for each finding; fingerprints differ within the report."""
    entries = []
    seen: dict[str, int] = {}
    for d in report.diagnostics:
        base = f"{portable(d.path)}\n{d.fingerprint}"
        seen[base] = seen.get(base, 0) + 1
        digest = blake2b(f"{base}\n{seen[base]}".encode("utf-8", "replace"), digest_size=16)
        entries.append(
            {
                "description": f"{sentences(d)}{other_files(d)}",
                "check_name": d.code,
                "fingerprint": digest.hexdigest(),
                "severity": _SEVERITIES[d.severity.word],
                "location": {
                    "path": portable(d.path),
                    "lines": {"begin": d.span.start_line, "end": d.span.end_line},
                },
            }
        )
    return json.dumps(entries, indent=2) + "\n"
