"""Suppressions inside the file: accepted findings, each with its reason.

In JSON the reserved object `"$ppodiag": {"ignore": {CODE: {"reason": …, "until": …, "at": …}}}`; in
JSONC and YAML also a comment on the line, or alone on the line above:
`ppodiag: ignore[LR103] until 2027-01-01: reason`.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ppodiag.diagnostic import Diagnostic
from ppodiag.finding import Severity
from ppodiag.options import Options
from ppodiag.rule import Rule
from ppodiag.source.document import Document
from ppodiag.source.spans import Span

_COMMENT = re.compile(
    r"ppodiag:\s*ignore\s*\[([A-Z0-9,\s]*)\](?:\s+until\s+(\d{4}-\d{2}-\d{2}))?(?:\s*(?::|--|—)\s*(.*))?",
    re.DOTALL,
)
_NEVER = ("SYN", "SUP")


@dataclass(frozen=True, slots=True)
class Suppression:
    """One accepted finding: the rule, why, until when, and where (pointer or line)."""

    code: str
    reason: str
    until: str
    pointer: str | None
    line: int | None
    span: Span
    place: str


def apply_suppressions(
    diagnostics: list[Diagnostic],
    document: Document,
    value: Mapping[str, Any],
    rules: Mapping[str, Rule],
    options: Options,
) -> tuple[list[Diagnostic], int]:
    """What is left of the findings, with those about the suppressions; how many are suppressed."""
    suppressions = [*_in_object(document, value), *_in_comments(document)]
    if not suppressions:
        return diagnostics, 0
    today = options.today or datetime.date.today()
    kept = diagnostics
    about: list[Diagnostic] = []
    for item in suppressions:
        verdict = _fault(item, rules, today)
        if verdict is not None:
            about.append(_about(document, item, rules, *verdict))
        if item.code not in rules or (verdict is not None and verdict[0] == "SUP002"):
            continue
        left = [d for d in kept if not _covers(item, d)]
        if rules[item.code].stage == "runtime" and options.runtime is None:
            continue  # not looked for, so not judged
        if len(left) == len(kept) and options.counts(item.code) and verdict is None:
            about.append(
                _about(
                    document,
                    item,
                    rules,
                    "SUP001",
                    f"nothing is suppressed here: {item.code} finds nothing"
                    + ("" if item.pointer is None else f" at {item.pointer}"),
                    "remove the suppression",
                )
            )
        kept = left
    suppressed = len(diagnostics) - len(kept)
    return kept + [d for d in about if options.counts(d.code)], suppressed


def _covers(item: Suppression, diagnostic: Diagnostic) -> bool:
    if diagnostic.code != item.code or diagnostic.code.startswith(_NEVER):
        return False
    if item.line is not None:
        return diagnostic.span.start_line == item.line
    if item.pointer is None:
        return True
    return diagnostic.pointer == item.pointer or diagnostic.pointer.startswith(item.pointer + "/")


def _fault(
    item: Suppression, rules: Mapping[str, Rule], today: datetime.date
) -> tuple[str, str, str] | None:
    if item.code not in rules:
        return "SUP003", f"{item.code} is no rule", "name a rule; `ppodiag rule` lists them"
    if item.code.startswith(_NEVER):
        return "SUP003", f"{item.code} cannot be suppressed", "mend what it finds"
    if item.until:
        try:
            last = datetime.date.fromisoformat(item.until)
        except ValueError:
            return "SUP003", f"{item.until} is no date", "write YYYY-MM-DD"
        if today > last:
            return (
                "SUP002",
                f"the suppression of {item.code} expired on {item.until}",
                "mend what it suppresses, or set a later date",
            )
    if not item.reason:
        return (
            "SUP003",
            f"the suppression of {item.code} gives no reason",
            "say why the finding is accepted",
        )
    return None


def _about(
    document: Document,
    item: Suppression,
    rules: Mapping[str, Rule],
    code: str,
    message: str,
    remedy: str,
) -> Diagnostic:
    return Diagnostic(
        path=document.path,
        code=code,
        rule_name=rules[code].name if code in rules else "",
        severity=Severity.WARNING,
        pointer=item.place,
        span=item.span,
        message=message,
        remedy=remedy,
        fingerprint=f"{code}-{item.code}",
    )


def _in_object(document: Document, value: Mapping[str, Any]) -> list[Suppression]:
    own = value.get("$ppodiag")
    ignore = own.get("ignore") if isinstance(own, dict) else None
    if not isinstance(ignore, dict):
        return []
    found = []
    for code, entry in ignore.items():
        several = isinstance(entry, list)
        for number, one in enumerate(entry if isinstance(entry, list) else [entry]):
            if not isinstance(one, dict):
                continue
            place = f"/$ppodiag/ignore/{code}" + (f"/{number}" if several else "")
            at = one.get("at")
            found.append(
                Suppression(
                    code,
                    str(one.get("reason") or "").strip(),
                    str(one.get("until") or ""),
                    at if isinstance(at, str) else None,
                    None,
                    document.span(place, "key"),
                    place,
                )
            )
    return found


def _in_comments(document: Document) -> list[Suppression]:
    found = []
    for comment in document.comments:
        match = _COMMENT.search(comment.text)
        if match is None:
            continue
        span = document.lines.span(comment.start, comment.end)
        alone = not document.lines.line(span.start_line)[: span.start_column - 1].strip()
        line = span.end_line + 1 if alone else span.start_line
        reason = (match.group(3) or "").removesuffix("*/").strip()
        for code in match.group(1).split(","):
            if code.strip():
                found.append(
                    Suppression(code.strip(), reason, match.group(2) or "", None, line, span, "")
                )
    return found
