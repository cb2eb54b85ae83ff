"""A baseline: findings that are known, so that only new ones are shown.

An entry is a file, a rule, a pointer and a fingerprint of the values involved: re-formatting changes
nothing, a changed value brings the finding back.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import replace

from ppodiag.errors import UsageError
from ppodiag.json_text import read_json
from ppodiag.result import Report

Key = tuple[str, str, str, str]


def _key_path(path: str, baseline: str) -> str:
    """The path as the baseline writes it: relative to its folder, with forward slashes."""
    folder = os.path.dirname(os.path.abspath(baseline))
    try:
        return os.path.relpath(os.path.abspath(path), folder).replace(os.sep, "/")
    except ValueError:  # another drive on Windows
        return os.path.abspath(path).replace(os.sep, "/")


def load_baseline(path: str) -> Counter[Key]:
    """How often each finding is known.

    Raises:
        UsageError: the file is missing, unreadable or no baseline.
    """
    try:
        document = read_json(path)
    except FileNotFoundError:
        raise UsageError(
            f"{path}: the baseline does not exist", "make it with --update-baseline"
        ) from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: the baseline is unreadable: {error}", "make it anew") from None
    try:
        if document["version"] != 1:
            raise KeyError("version")
        return Counter(
            (str(e["path"]), str(e["code"]), str(e["pointer"]), str(e["fingerprint"]))
            for e in document["findings"]
        )
    except (KeyError, TypeError):
        raise UsageError(
            f"{path}: no baseline of version 1", "make it with --update-baseline"
        ) from None


def apply_baseline(report: Report, path: str) -> Report:
    """The report without the findings that the baseline knows."""
    known = load_baseline(path)
    files = []
    for file in report.files:
        kept = []
        for d in file.diagnostics:
            key = (_key_path(file.path, path), d.code, d.pointer, d.fingerprint)
            if known[key] > 0:
                known[key] -= 1
            else:
                kept.append(d)
        number = len(file.diagnostics) - len(kept)
        files.append(replace(file, diagnostics=tuple(kept), baselined=number) if number else file)
    return Report(tuple(files))


def baseline_text(report: Report, path: str) -> str:
    """The baseline that knows every shown finding of the report, as JSON."""
    entries = [
        {
            "path": _key_path(file.path, path),
            "code": d.code,
            "pointer": d.pointer,
            "fingerprint": d.fingerprint,
            "message": d.message,
        }
        for file in report.files
        for d in file.diagnostics
    ]
    entries.sort(key=lambda e: (e["path"], e["pointer"], e["code"], e["fingerprint"]))
    return json.dumps({"version": 1, "findings": entries}, indent=1) + "\n"
