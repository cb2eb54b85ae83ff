"""One line a finding: `path:line:column: severity[CODE] message`."""

from __future__ import annotations

from ppodiag.report import Style
from ppodiag.report.places import other_files
from ppodiag.report.statistics import statistics
from ppodiag.report.wrap import printable
from ppodiag.result import Report


def render(report: Report, style: Style) -> str:
    """The lines, or the counts by rule where statistics are asked for; empty where it is clean."""
    lines = [f"{printable(f.path)}: error {printable(f.fault)}" for f in report.files if f.error]
    if style.statistics:
        lines += statistics(report)
    else:
        lines += [
            f"{printable(d.path)}:{d.span.start_line}:{d.span.start_column}: "
            f"{d.severity.word}[{d.code}] {printable(d.message)}{other_files(d)}"
            for d in report.diagnostics
        ]
    return "".join(line + "\n" for line in lines)
