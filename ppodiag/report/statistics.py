"""Findings counted by rule."""

from __future__ import annotations

from ppodiag.result import Report


def statistics(report: Report) -> list[str]:
    """A line for each rule that found something: count, code and name, most frequent first."""
    counts: dict[tuple[str, str], int] = {}
    for d in report.diagnostics:
        counts[d.code, d.rule_name] = counts.get((d.code, d.rule_name), 0) + 1
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [f"{number:>6}  {code:<8} {name.replace('-', ' ')}" for (code, name), number in ordered]
