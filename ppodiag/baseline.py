"""A baseline: findings that are known, so that only new ones are shown.

An entry is a file, a rule, a pointer and a fingerprint of the values involved: re-formatting changes
nothing, a changed value brings the finding back.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from ppodiag.errors import UsageError
from ppodiag.files import Target
from ppodiag.finding import Severity
from ppodiag.json_text import read_json
from ppodiag.result import FileReport, Report
from ppodiag.rule import Rule
from ppodiag.runner import Request, lint_targets

Key = tuple[str, str, str, str]
"""File, rule, pointer and fingerprint."""

_NEEDS = (
    ("RT", "runtime"),
    ("BS212", "memory_bytes"),
    ("ACC307", "memory_bytes"),
    ("GCK502", "device"),
)
"""Rules that are silent without an option of the command line."""


def _key_path(path: str, baseline: str) -> str:
    """The path as the baseline writes it: relative to its folder, with forward slashes."""
    folder = os.path.dirname(os.path.abspath(baseline))
    try:
        return os.path.relpath(os.path.abspath(path), folder).replace(os.sep, "/")
    except ValueError:  # another drive on Windows
        return os.path.abspath(path).replace(os.sep, "/")


def load_baseline(path: str) -> dict[Key, list[str]]:
    """The known findings: for each key the messages of its entries, one an entry.

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
        raise UsageError(
            f"{path}: the baseline is unreadable: {error}",
            "remove it, then make it anew with --update-baseline",
        ) from None
    known: dict[Key, list[str]] = {}
    try:
        if document["version"] != 1:
            raise KeyError("version")
        for e in document["findings"]:
            key = (str(e["path"]), str(e["code"]), str(e["pointer"]), str(e["fingerprint"]))
            known.setdefault(key, []).append(str(e.get("message", "")))
    except (AttributeError, KeyError, TypeError):
        raise UsageError(
            f"{path}: no baseline of version 1",
            "name another file; --update-baseline makes one where there is none",
        ) from None
    return known


def apply_baseline(
    report: Report, path: str, request: Request, rules: Mapping[str, Rule]
) -> tuple[Report, int]:
    """The report without the findings that the baseline knows, and how many entries are no longer found.

    Args:
        report: of the files that were looked at.
        path: the baseline.
        request: what the command line asked for.
        rules: the rules by code.
    """
    known = load_baseline(path)
    left = Counter({key: len(messages) for key, messages in known.items()})
    files = []
    for file in report.files:
        kept = []
        for d in file.diagnostics:
            key = (_key_path(file.path, path), d.code, d.pointer, d.fingerprint)
            if left[key] > 0:
                left[key] -= 1
            else:
                kept.append(d)
        number = len(file.diagnostics) - len(kept)
        files.append(replace(file, diagnostics=tuple(kept), baselined=number) if number else file)
    # Other values on the command line make other findings of a file that is as it was.
    unfound = (
        Counter[Key]() if request.options.overrides else _gone(+left, report, path, request, rules)
    )
    return Report(tuple(files)), unfound.total()


def updated_baseline(
    report: Report, path: str, request: Request, rules: Mapping[str, Rule]
) -> tuple[str, int, int]:
    """The baseline that knows every shown finding and what was not looked at.

    Returns:
        Its text, the number of its entries, and how many of them were not looked at.

    Raises:
        UsageError: at `path` lies something that is no baseline.
    """
    known = load_baseline(path) if os.path.lexists(path) else {}
    counts = Counter({key: len(messages) for key, messages in known.items()})
    found = _findings(report, path)
    shown = Counter({key: len(messages) for key, messages in found.items()})
    every = (counts - _gone(counts - shown, report, path, request, rules)) | shown
    entries = [
        {
            "path": key[0],
            "code": key[1],
            "pointer": key[2],
            "fingerprint": key[3],
            "message": message,
        }
        for key, number in every.items()
        for message in (*found.get(key, ()), *known.get(key, ())[shown[key] :])[:number]
    ]
    entries.sort(key=lambda e: (e["path"], e["pointer"], e["code"], e["fingerprint"]))
    text = json.dumps({"version": 1, "findings": entries}, indent=1) + "\n"
    return text, every.total(), (every - shown).total()


def _gone(
    entries: Counter[Key], report: Report, path: str, request: Request, rules: Mapping[str, Rule]
) -> Counter[Key]:
    """Those of the entries, none of them shown, whose finding is no longer there; all rules are asked."""
    seen = {_key_path(file.path, path): file for file in report.files}
    folder = os.path.dirname(os.path.abspath(path))
    gone, doubtful = Counter[Key](), Counter[Key]()
    for key, number in entries.items():
        if key[0] not in seen:
            if not os.path.lexists(os.path.join(folder, key[0])):
                gone[key] = number
        elif _was_looked_for(key[1], seen[key[0]], request):
            doubtful[key] = number
    if doubtful:
        everything = replace(
            request, severity=Severity.INFO, select=(), ignore=(), extend_select=(),
            options=replace(request.options, skip_unrelated=True),
        )  # fmt: skip
        targets = [Target(seen[name].path, True) for name in dict.fromkeys(k[0] for k in doubtful)]
        there = _findings(lint_targets(targets, everything, rules), path)
        shown = _findings(report, path)
        for key, number in doubtful.items():
            hidden = len(there.get(key, ())) - len(shown.get(key, ()))
            gone[key] = max(0, number - hidden)
    return +gone


def _was_looked_for(code: str, file: FileReport, request: Request) -> bool:
    """Whether the rule had what it needs, and the file can be read again, as no standard input can."""
    if file.error or file.path == request.stdin_filename:
        return False
    return all(getattr(request.options, need) for rule, need in _NEEDS if code.startswith(rule))


def _findings(report: Report, path: str) -> dict[Key, list[str]]:
    """The messages of the shown findings by their keys."""
    found: dict[Key, list[str]] = {}
    for file in report.files:
        name = _key_path(file.path, path)
        for d in file.diagnostics:
            found.setdefault((name, d.code, d.pointer, d.fingerprint), []).append(d.message)
    return found
