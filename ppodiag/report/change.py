"""Writing what a change does: for a terminal, for a pull request, for a program."""

from __future__ import annotations

import json

from ppodiag.diagnostic import Diagnostic
from ppodiag.diff import Change
from ppodiag.report.json import finding
from ppodiag.report.wrap import printable, wrap


def render(change: Change, before: str, after: str, format: str) -> str:
    """The change in one of text, markdown and json."""
    if format == "json":
        return _json(change)
    if format == "markdown":
        return _markdown(change, before, after)
    return _text(change, before, after)


def _headline(change: Change) -> str:
    return (
        f"{len(change.added)} added, {len(change.removed)} removed, {len(change.altered)} altered, "
        f"{change.kept} unchanged"
    )


def _text(change: Change, before: str, after: str) -> str:
    lines = [f"{printable(before)} → {printable(after)}", ""]
    if change.keys:
        lines.append("Keys")
        for pointer, old, new in change.keys:
            lines += wrap(f"{pointer}: {_shown(old)} → {_shown(new)}", "  ", "    ")
        lines.append("")
    moved = [figure for figure in change.figures if figure.changed]
    if moved:
        lines.append("Derived")
        for f in moved:
            lines += wrap(
                f"{f.before or 'not known'} → {f.after or 'not known'}",
                f"  {f.symbol:<7}{f.meaning:<26}",
                " " * 35,
            )
        lines.append("")
    for title, found in (("Added", change.added), ("Removed", change.removed)):
        if found:
            lines.append(title)
            for d in found:
                lines += wrap(_line(d), "  ", "      ")
            lines.append("")
    if change.altered:
        lines.append("Altered")
        for old_finding, new_finding in change.altered:
            lines += wrap("was " + _line(old_finding), "  ", "      ")
            lines += wrap("is  " + _line(new_finding), "  ", "      ")
        lines.append("")
    lines.append("Findings: " + _headline(change))
    return "\n".join(lines) + "\n"


def _shown(text: str) -> str:
    text = printable(text)
    return (text if len(text) <= 60 else text[:57] + "…") or "(absent)"


def _line(d: Diagnostic) -> str:
    return f"{d.span.start_line}:{d.span.start_column} {d.severity.word}[{d.code}] {printable(d.message)}"


def _markdown(change: Change, before: str, after: str) -> str:
    lines = [f"### ppodiag: {_headline(change)}", "", f"{_code(before)} → {_code(after)}", ""]
    if change.keys:
        lines += ["| key | before | after |", "|---|---|---|"]
        lines += [
            f"| {_code(pointer)} | {_code(_shown(old))} | {_code(_shown(new))} |"
            for pointer, old, new in change.keys
        ]
        lines.append("")
    moved = [figure for figure in change.figures if figure.changed]
    if moved:
        lines += ["| derived | before | after |", "|---|---:|---:|"]
        lines += [
            f"| {f.symbol}, {f.meaning} | {f.before or 'not known'} | {f.after or 'not known'} |"
            for f in moved
        ]
        lines.append("")
    for title, found in (("Added", change.added), ("Removed", change.removed)):
        if found:
            lines += [f"**{title}**", ""]
            lines += [f"- `{d.code}` {d.severity.word}: {_escape(d.message)}" for d in found]
            lines.append("")
    if change.altered:
        lines += ["**Altered**", ""]
        for old_finding, new_finding in change.altered:
            lines.append(
                f"- `{new_finding.code}` {old_finding.severity.word} → {new_finding.severity.word}: "
                f"{_escape(new_finding.message)}"
            )
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def _code(text: str) -> str:
    return "`" + printable(text).replace("`", "'").replace("|", "\\|") + "`"


def _escape(text: str) -> str:
    text = printable(text)
    for character in "\\`*_[]<>|#":
        text = text.replace(character, "\\" + character)
    return text


def _json(change: Change) -> str:
    document = {
        "keys": [{"pointer": p, "before": old, "after": new} for p, old, new in change.keys],
        "figures": [
            {"symbol": f.symbol, "meaning": f.meaning, "before": f.before, "after": f.after}
            for f in change.figures
        ],
        "added": [finding(d) for d in change.added],
        "removed": [finding(d) for d in change.removed],
        "altered": [{"before": finding(old), "after": finding(new)} for old, new in change.altered],
        "unchanged": change.kept,
    }
    return json.dumps(document, indent=2) + "\n"
